"""From a model's score to the log-odds of a rate: the map, its choice by cross-validation, its segments."""
