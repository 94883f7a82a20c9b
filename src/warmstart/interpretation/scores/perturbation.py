"""Deletion and insertion: does the network lose its answer without the pixels a map points at, and find it with them?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from PIL import Image, ImageFilter

from warmstart.interpretation.cam.maps import check_numbers
from warmstart.models.image_model import ImageModel
from warmstart.runtime.progress import progress

# Standard deviation of the blur per pixel of the image's side: 10 px at 224.
BLUR = 10 / 224


@dataclass(frozen=True)
class Curves:
    """p of the true class, float64 (N, steps + 1), as the share of pixels deleted, or inserted, goes from 0 to 1."""

    deletion: np.ndarray
    insertion: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """Area under insertion minus area under deletion, (N,), in [-1, 1]. What chance gives depends on the network
        and on where its curves end, so only differences to controls tell.
        """
        out: np.ndarray = area(self.insertion) - area(self.deletion)
        return out


def area(curves: np.ndarray) -> np.ndarray:
    """The area under curves (N, K) over [0, 1], (N,), by trapezoids."""
    out: np.ndarray = (curves[:, 1:] + curves[:, :-1]).mean(axis=1) / 2
    return out


@dataclass(frozen=True)
class Perturbation:
    """Deletes to grey, the mean colour of these images, and inserts into the blurred image, by the ranking of a map.

    images: uint8 (N, H, W, C). labels: int64 (N,), the classes whose probability is followed. steps: into which the
    pixels are divided. Equal values of a map are ranked at random, so that a blank map is a random ranking.

    Source: V. Petsiuk, A. Das and K. Saenko, "RISE: randomized input sampling for explanation of black-box models",
    BMVC 2018. Both together, because what deletion alone rewards is leaving the images the network was trained on.
    """

    model: ImageModel
    images: np.ndarray
    labels: np.ndarray
    steps: int
    batch_size: int
    seed: int

    @cached_property
    def grey(self) -> np.ndarray:
        """The colour that deleted pixels get, uint8 (C,)."""
        colour: np.ndarray = np.rint(self.images.mean(axis=(0, 1, 2))).astype(np.uint8)
        return colour

    @cached_property
    def blurred(self) -> np.ndarray:
        """The images that insertion starts from, uint8 like the images."""
        return np.stack([blur(image) for image in self.images])

    @cached_property
    def ends(self) -> dict[str, np.ndarray]:
        """p of the true class of the whole image, the blurred one and plain grey, each (N,)."""
        plain = np.broadcast_to(self.grey, self.images[:1].shape)
        answers = self._ask(iter([*self.images, *self.blurred, plain[0]]), 2 * len(self.images) + 1)
        n, rows = len(self.images), np.arange(len(self.images))
        return {
            "clean": answers[:n][rows, self.labels],
            "blur": answers[n : 2 * n][rows, self.labels],
            "grey": answers[2 * n][self.labels],
        }

    def curves(self, maps: np.ndarray, count: int | None = None) -> Curves:
        """The curves of the first ``count`` images (None: all) under the ranking of maps, float (count, H, W)."""
        n = len(self.images) if count is None else count
        places = ranks(maps[:n], self.seed)
        limits = [round(step / self.steps * places[0].size) for step in range(1, self.steps)]
        jobs = [(kind, i, limit) for kind in (0, 1) for i in range(n) for limit in limits]
        answers = self._ask((self._perturbed(kind, i, places[i] < limit) for kind, i, limit in jobs), len(jobs))
        inner = answers[np.arange(len(jobs)), [self.labels[i] for _, i, _ in jobs]].reshape(2, n, len(limits))
        clean, blurred, grey = (self.ends[key][:n, None] for key in ("clean", "blur", "grey"))
        return Curves(
            np.concatenate([clean, inner[0], grey], axis=1), np.concatenate([blurred, inner[1], clean], axis=1)
        )

    def _perturbed(self, kind: int, i: int, chosen: np.ndarray) -> np.ndarray:
        first, second = (self.grey, self.images[i]) if kind == 0 else (self.images[i], self.blurred[i])
        return np.where(chosen[..., None], first, second)

    def _ask(self, images: Iterator[np.ndarray], count: int) -> np.ndarray:
        """Probabilities of ``count`` images, float64 (images, classes), a batch at a time, so that no more than a batch is in memory."""
        answers = []
        batch: list[np.ndarray] = []
        for image in progress(images, "perturbed images", count):
            batch.append(image)
            if len(batch) == self.batch_size:
                answers.append(self.model.predict_proba(torch.from_numpy(np.stack(batch))))
                batch = []
        if batch:
            answers.append(self.model.predict_proba(torch.from_numpy(np.stack(batch))))
        return check_numbers(torch.cat(answers)).double().numpy()


def ranks(maps: np.ndarray, seed: int) -> np.ndarray:
    """The place of each pixel, int64 (N, H, W), 0 for the highest value of its map; equal values in random order."""
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
    radius = BLUR * image.shape[0]
    channels = [
        np.asarray(Image.fromarray(image[..., c]).filter(ImageFilter.GaussianBlur(radius)))
        for c in range(image.shape[2])
    ]
    return np.stack(channels, axis=2)
