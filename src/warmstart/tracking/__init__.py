"""MLflow as a view of the files: the store, synchronised runs, live logging. No other room imports MLflow.

Importing this package, ``warmstart.tracking.live`` and ``warmstart.tracking.sweeps`` does not import it either: it
takes seconds.
"""

NO_TELEMETRY = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}  # variables that MLflow reads on import
