"""Statistics that every stage shares: distributions, fits, intervals, bootstrap, measures of calibration."""
