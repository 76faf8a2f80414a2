"""What stands between a rate and what a table shows of it: delays, positions, sampling."""
