"""MLflow as a view of the files: the store, synchronised runs, live logging. No other room imports MLflow.

Importing this package, ``warmstart.tracking.live`` and ``warmstart.tracking.sweeps`` does not import it either: it
takes seconds.
"""
