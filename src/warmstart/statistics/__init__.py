"""Intervals, paired tests, rank statistics, bootstrap and permutation test, each in one place."""
