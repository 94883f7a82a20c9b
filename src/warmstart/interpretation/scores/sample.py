"""Which test images maps are scored on, and the maps of their true classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from warmstart.dataset.round_robin import round_robin
from warmstart.interpretation.cam.examples import Example
from warmstart.interpretation.cam.maps import enlarge, find_layer, signed_maps
from warmstart.interpretation.cam.site import Site
from warmstart.models.image_model import ImageModel

# A map that varies by less than this share of the sample's largest value is rounding, not evidence.
BLANK = 1e-6


@dataclass(frozen=True)
class Sample:
    """Images with their maps. images: uint8 (N, H, W, C); labels: int64 (N,), the true classes; maps: signed, float32
    (N, h, w), of the true class at the layer's resolution; site: where they were taken.
    """

    model: ImageModel
    site: Site
    examples: list[Example]
    images: np.ndarray
    labels: np.ndarray
    maps: np.ndarray
    batch_size: int

    @property
    def size(self) -> int:
        """The images' side in pixels."""
        return int(self.images.shape[1])

    @property
    def large(self) -> np.ndarray:
        """The maps as large as the images, float32 (N, H, W)."""
        return enlarge(self.maps, self.size)

    @property
    def blank(self) -> np.ndarray:
        """Which maps are flat, and so show no evidence: bool (N,)."""
        return blank(self.maps)


def blank(maps: np.ndarray) -> np.ndarray:
    """Which of the maps (N, h, w) are the same everywhere, up to rounding: bool (N,)."""
    flat = maps.reshape(len(maps), -1)
    out: np.ndarray = np.ptp(flat, axis=1) <= BLANK * max(
        float(np.abs(maps).max(initial=0.0)), float(np.finfo(np.float32).tiny)
    )
    return out


def explain(model: ImageModel, site: Site, images: np.ndarray, classes: np.ndarray, batch_size: int) -> np.ndarray:
    """Signed Grad-CAM maps, float32 (N, h, w), of one class an image. images: uint8 (N, H, W, C). classes: int64 (N,)."""
    module = find_layer(model.network, site.name)[1]
    maps: np.ndarray = signed_maps(
        model, module, torch.from_numpy(images), torch.from_numpy(classes), batch_size, site.side
    ).numpy()
    return maps


def balanced(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """At most ``count`` examples, equally many of each class as far as there are; with fewer places than classes, one of
    each of some. By true class, right or wrong alike. The same seed picks the same images.
    """
    rng = np.random.default_rng(seed)
    classes = sorted({e.true for e in examples})
    if len(classes) > count:
        classes = sorted(int(c) for c in rng.permutation(classes)[:count])
    each = count // max(1, len(classes))
    picked = []
    for label in classes:
        of_class = sorted((e for e in examples if e.true == label), key=lambda e: e.row)
        picked += [of_class[i] for i in sorted(rng.permutation(len(of_class))[:each])]
    return [picked[i] for i in round_robin([e.true for e in picked])]
