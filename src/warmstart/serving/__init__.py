"""Asking a packaged model: about photo files, from a program, and behind MLflow's server."""
