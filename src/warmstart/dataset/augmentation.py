"""The lesson's augmentation. albumentations 2.0.8 is frozen upstream: this adapter is the only file that touches it.

Left alone, it repeats its draws in every loader process and every epoch. Here each batch seeds it with (seed, epoch, batch),
so that draws differ wherever they should and nothing depends on the number of processes.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from warmstart.errors import UserError


def is_identity(options: Mapping[str, Any]) -> bool:
    """Whether these options change nothing."""
    return not any(options.values())


class Augmentation:
    """Random affine changes and flips of uint8 images (H, W, C); edges are repeated outwards.

    options: rotation and shear in degrees, shift and zoom as shares, each drawn evenly from ± its value; horizontal_flip.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # or the import asks the network for a newer version
        import albumentations
        import cv2

        cv2.setNumThreads(0)  # its threads fight with PyTorch's
        for key in ("shift", "zoom"):
            if not 0 <= options[key] < 1:
                raise UserError(f"augment.{key} is {options[key]}; it is a share from 0 to below 1")
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # it only warns of arguments that it then ignores
            transforms: list[Any] = [
                albumentations.Affine(
                    rotate=(-options["rotation"], options["rotation"]),
                    translate_percent={
                        "x": (-options["shift"], options["shift"]),
                        "y": (-options["shift"], options["shift"]),
                    },
                    shear={"x": (-options["shear"], options["shear"]), "y": (0, 0)},
                    scale={
                        "x": (1 - options["zoom"], 1 + options["zoom"]),
                        "y": (1 - options["zoom"], 1 + options["zoom"]),
                    },
                    keep_ratio=False,
                    border_mode=cv2.BORDER_REPLICATE,
                    interpolation=cv2.INTER_LINEAR,
                    p=1.0,
                )
            ]
            if options["horizontal_flip"]:
                transforms.append(albumentations.HorizontalFlip(p=0.5))
            self._compose = albumentations.Compose(transforms)

    def __call__(self, images: np.ndarray, key: tuple[int, ...]) -> np.ndarray:
        """A changed copy of uint8 (N, H, W, C); the draws depend on ``key`` (seed, epoch, batch) alone."""
        self._compose.set_random_seed(int(np.random.SeedSequence(key).generate_state(1)[0]))
        changed = np.empty_like(images)
        for index, image in enumerate(images):
            result = self._compose(image=image)["image"]
            changed[index] = result.reshape(image.shape)
        return changed
