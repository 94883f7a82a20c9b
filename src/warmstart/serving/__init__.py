"""The packaged model: its files, and its predictions for photo files, for a program and behind MLflow's server."""
