"""Intervals, paired tests, ranks and resampling."""
