"""MLflow as a view of the files: the store, the levelling of runs with their files, live logging, publishing.

No other room imports MLflow. Importing this package, ``warmstart.tracking.live`` and ``warmstart.tracking.sweeps``
does not import it either: it costs seconds, so only the function that needs it pays.
"""

from __future__ import annotations

import os

# MLflow reads both while it is being imported, and this file runs before any module of this room can import it.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
