"""The lesson's augmentation, with albumentations.

albumentations repeats its draws in every loader process and every epoch. Here each batch seeds it with (seed, epoch,
batch), so that nothing depends on the number of processes. Version 2.0.8 is the last one: only this file imports it.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from warmstart.config.schema import Augment
from warmstart.errors import UserError


class Augmentation:
    """Random affine transforms and horizontal flips of uint8 images (H, W, C); edges are repeated outwards.

    options: each range is drawn uniformly from ± its value. Raises UserError for shares outside [0, 1).
    """

    def __init__(self, options: Augment) -> None:
        os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # or the import asks the network for a newer version
        import albumentations
        import cv2

        cv2.setNumThreads(0)  # its threads fight with PyTorch's
        for key, share in (("shift", options.shift), ("zoom", options.zoom)):
            if not 0 <= share < 1:
                raise UserError(f"augment.{key} is {share}; it is a share from 0 to below 1")
        shift, zoom = (-options.shift, options.shift), (1 - options.zoom, 1 + options.zoom)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # it only warns of arguments that it then ignores
            transforms: list[Any] = [
                albumentations.Affine(
                    rotate=(-options.rotation, options.rotation),
                    translate_percent={"x": shift, "y": shift},
                    shear={"x": (-options.shear, options.shear), "y": (0, 0)},
                    scale={"x": zoom, "y": zoom},
                    keep_ratio=False,
                    border_mode=cv2.BORDER_REPLICATE,
                    interpolation=cv2.INTER_LINEAR,
                    p=1.0,
                )
            ]
            if options.horizontal_flip:
                transforms.append(albumentations.HorizontalFlip(p=0.5))
            self._compose = albumentations.Compose(transforms)

    def __call__(self, images: np.ndarray, key: tuple[int, ...]) -> np.ndarray:
        """An augmented copy of uint8 (N, H, W, C). The draws depend only on ``key``: seed, epoch, batch."""
        self._compose.set_random_seed(int(np.random.SeedSequence(key).generate_state(1)[0]))
        changed = np.empty_like(images)
        for index, image in enumerate(images):
            result = self._compose(image=image)["image"]
            changed[index] = result.reshape(image.shape)
        return changed
