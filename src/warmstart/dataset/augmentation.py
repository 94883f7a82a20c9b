"""Augmentation of training images, with transforms of albumentations.

albumentations repeats its draws in every loader process and every epoch. Here each batch seeds it with (seed, epoch,
batch), so that nothing depends on the number of processes. Version 2.0.8 is the last one: only this file imports it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from warmstart.config.target import Target

Transforms = Mapping[str, Callable[[], Any]]  # by name, each made anew


class Augmentation:
    """Applies transforms, in order, to each of a batch of uint8 images (H, W, C)."""

    def __init__(self, transforms: Transforms) -> None:
        os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # or the import asks the network for a newer version
        import albumentations
        import cv2

        cv2.setNumThreads(0)  # its threads fight with PyTorch's
        self._compose = albumentations.Compose([make() for make in transforms.values()])

    def __call__(self, images: np.ndarray, key: tuple[int, ...]) -> np.ndarray:
        """An augmented copy of uint8 (N, H, W, C). The draws depend only on ``key``: seed, epoch, batch."""
        self._compose.set_random_seed(int(np.random.SeedSequence(key).generate_state(1)[0]))
        changed = np.empty_like(images)
        for index, image in enumerate(images):
            result = self._compose(image=image)["image"]
            changed[index] = result.reshape(image.shape)
        return changed


def known_transforms(targets: Mapping[str, Target]) -> Transforms:
    """Those of some targets that are albumentations' own, for what has no Hydra to make the others."""
    import albumentations

    own = {name: target for name, target in targets.items() if target.path.startswith("albumentations.")}
    return {
        name: partial(getattr(albumentations, target.path.rpartition(".")[2]), **target.arguments)
        for name, target in own.items()
    }
