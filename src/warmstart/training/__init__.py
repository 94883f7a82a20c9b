"""Fitting a network: schedules, precision, resume, history."""
