"""The loader that MLflow calls for a packaged model; it imports nothing of MLflow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from warmstart.models.image_model import ImageModel


class PackagedModel:
    """A packaged image model behind MLflow's ``predict``."""

    def __init__(self, model: ImageModel) -> None:
        self.model = model

    def predict(self, images: npt.NDArray[np.uint8], params: dict[str, Any] | None = None) -> npt.NDArray[np.float32]:
        """Class probabilities, float32 (N, C), of images uint8 (N, H, W, C) with values 0 to 255.

        ``params`` is MLflow's, and not used. Raises ValueError when the array has another type or rank.
        """
        images = np.asarray(images)
        if images.dtype != np.uint8 or images.ndim != 4:
            raise ValueError(f"images must be uint8 (N, H, W, C), not {images.dtype} {images.shape}")
        import torch

        with torch.inference_mode():
            return np.asarray(self.model.predict_proba(torch.from_numpy(images)).numpy(), dtype=np.float32)


def _load_pyfunc(path: str) -> PackagedModel:
    from warmstart.models.package import load_package

    return PackagedModel(load_package(Path(path)))
