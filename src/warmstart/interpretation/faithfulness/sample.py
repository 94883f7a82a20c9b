"""The test images that maps are scored on, and the maps of their true classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from warmstart.interpretation.attribution.cam_layer import CamLayer
from warmstart.interpretation.attribution.gradcam import find_layer, gradcam_maps, upsample
from warmstart.interpretation.examples import Example, round_robin
from warmstart.models.image_model import ImageModel

FLAT_SHARE = 1e-6  # of the sample's largest value; a map that varies by less is rounding, not evidence


@dataclass(frozen=True)
class Sample:
    """images: uint8 (N, H, W, C), of the examples."""

    model: ImageModel
    cam_layer: CamLayer
    examples: list[Example]
    images: np.ndarray
    batch_size: int

    @cached_property
    def labels(self) -> np.ndarray:
        """The true classes, int64 (N,)."""
        return np.array([e.label for e in self.examples], dtype=np.int64)

    def class_maps(self, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Signed Grad-CAM maps, float32 (N, h, w), of one class an image, as the sample's own are made.

        images: uint8 (N, H, W, C). classes: int64 (N,).
        """
        layer, photos = find_layer(self.model.network, self.cam_layer.name)[1], torch.from_numpy(images)
        target, side = torch.from_numpy(classes), self.cam_layer.side
        return np.asarray(gradcam_maps(self.model, layer, photos, target, self.batch_size, side).numpy())

    @cached_property
    def maps(self) -> np.ndarray:
        """Of the true class, signed, float32 (N, h, w)."""
        return self.class_maps(self.images, self.labels)

    @property
    def size(self) -> int:
        """The images' side in pixels."""
        return int(self.images.shape[1])

    @property
    def large(self) -> np.ndarray:
        """The maps as large as the images, float32 (N, H, W)."""
        return upsample(self.maps, self.size)


def flat_maps(maps: np.ndarray) -> np.ndarray:
    """Which of the maps (N, h, w) are the same everywhere, up to rounding: bool (N,)."""
    largest = max(float(np.abs(maps).max(initial=0.0)), float(np.finfo(np.float32).tiny))
    return np.asarray(np.ptp(maps.reshape(len(maps), -1), axis=1) <= FLAT_SHARE * largest)


def pick_balanced(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """At most ``count`` examples, equally many of each true class as far as there are.

    With fewer places than classes, one of each of some. The same seed picks the same images.
    """
    rng = np.random.default_rng(seed)
    classes = sorted({e.label for e in examples})
    if len(classes) > count:
        classes = sorted(int(c) for c in rng.permutation(classes)[:count])
    each = count // max(1, len(classes))
    picked = []
    for label in classes:
        of_class = sorted((e for e in examples if e.label == label), key=lambda e: e.row)
        picked += [of_class[i] for i in sorted(rng.permutation(len(of_class))[:each])]
    return round_robin(picked)
