"""Deletion and insertion: does p fall without the pixels that a map points at, and rise with them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
import torch
from PIL import ImageFilter

from warmstart.drawing.sheet import to_image
from warmstart.interpretation.attribution.gradcam import check_finite
from warmstart.interpretation.faithfulness.sample import Sample
from warmstart.runtime.progress import progress

BLUR_SIGMA = 10 / 224  # of the image's side


@dataclass(frozen=True)
class Curves:
    """p of the true class, float64 (N, steps + 1), as the share of pixels deleted, or inserted, goes from 0 to 1."""

    deletion: np.ndarray
    insertion: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """Area under insertion minus area under deletion, (N,), in [-1, 1]; only differences to controls tell."""
        return np.asarray(area(self.insertion) - area(self.deletion))


def area(curves: np.ndarray) -> np.ndarray:
    """The area under curves (N, K) over [0, 1], (N,), by trapezoids."""
    return np.asarray((curves[:, 1:] + curves[:, :-1]).mean(axis=1) / 2)


@dataclass(frozen=True)
class DeletionInsertion:
    """Deletes to grey, the mean colour of these images, and inserts into the blurred image, by the ranking of a map.

    The probability of the sample's true classes is followed. steps: into which the pixels are divided. Equal values of
    a map are ranked at random, so that a blank map is a random ranking.

    Source: V. Petsiuk, A. Das and K. Saenko, "RISE: randomized input sampling for explanation of black-box models",
    BMVC 2018. Both together, because what deletion alone rewards is leaving the images the network was trained on.
    """

    sample: Sample
    steps: int
    seed: int

    @cached_property
    def grey(self) -> np.ndarray:
        """The colour that deleted pixels get, uint8 (C,)."""
        return np.asarray(np.rint(self.sample.images.mean(axis=(0, 1, 2))).astype(np.uint8))

    @cached_property
    def blurred(self) -> np.ndarray:
        """The images that insertion starts from, uint8 like the images."""
        return np.stack([blur(image) for image in self.sample.images])

    @cached_property
    def ends(self) -> dict[str, np.ndarray]:
        """p of the true class of the whole image, the blurred one and plain grey, each (N,)."""
        plain = np.broadcast_to(self.grey, self.sample.images[:1].shape)
        p = self._predict(iter([*self.sample.images, *self.blurred, plain[0]]), 2 * len(self.sample.images) + 1)
        n, labels = len(self.sample.images), self.sample.labels
        rows = np.arange(n)
        return {"clean": p[rows, labels], "blur": p[n + rows, labels], "grey": p[2 * n, labels]}

    def curves(self, maps: np.ndarray, count: int | None = None) -> Curves:
        """The curves of the first ``count`` images (None: all) under the ranking of maps, float (count, H, W)."""
        n = len(self.sample.images) if count is None else count
        ranks = pixel_ranks(maps[:n], self.seed)
        limits = [round(step / self.steps * ranks[0].size) for step in range(1, self.steps)]
        jobs = [(kind, i, limit) for kind in (0, 1) for i in range(n) for limit in limits]
        p = self._predict((self._perturbed(kind, i, ranks[i] < limit) for kind, i, limit in jobs), len(jobs))
        inner = p[np.arange(len(jobs)), [self.sample.labels[i] for _, i, _ in jobs]].reshape(2, n, len(limits))
        clean, blurred, grey = (self.ends[key][:n, None] for key in ("clean", "blur", "grey"))
        return Curves(
            np.concatenate([clean, inner[0], grey], axis=1), np.concatenate([blurred, inner[1], clean], axis=1)
        )

    def _perturbed(self, kind: int, i: int, chosen: np.ndarray) -> np.ndarray:
        first, second = (self.grey, self.sample.images[i]) if kind == 0 else (self.sample.images[i], self.blurred[i])
        return np.where(chosen[..., None], first, second)

    def _predict(self, images: Iterator[np.ndarray], count: int) -> np.ndarray:
        """Probabilities of ``count`` images, float64 (count, classes). No more than a batch of images is in memory."""
        shown = progress(images, "perturbed images", count)
        p = []
        while batch := list(islice(shown, self.sample.batch_size)):
            p.append(self.sample.model.predict_proba(torch.from_numpy(np.stack(batch))))
        return check_finite(torch.cat(p)).double().numpy()


def pixel_ranks(maps: np.ndarray, seed: int) -> np.ndarray:
    """The rank of each pixel, int64 (N, H, W), 0 for the highest value of its map; equal values in random order."""
    flat = maps.reshape(len(maps), -1)
    rng = np.random.default_rng(seed)
    out = np.empty(flat.shape, dtype=np.int64)
    for i, values in enumerate(flat):
        shuffled = rng.permutation(len(values))
        order = shuffled[np.argsort(-values[shuffled], kind="stable")]
        out[i, order] = np.arange(len(values))
    return out.reshape(maps.shape)


def blur(image: np.ndarray) -> np.ndarray:
    """A Gaussian blur in proportion to the image: uint8 (H, W, C) like the image."""
    blurred = to_image(image).filter(ImageFilter.GaussianBlur(BLUR_SIGMA * image.shape[0]))
    return np.asarray(blurred).reshape(image.shape)
