"""Prompt templates, one file a version: `<kind>.v<N>.j2`."""
