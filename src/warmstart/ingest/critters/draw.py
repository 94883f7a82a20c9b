"""One critter from (seed, index)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warmstart.errors import UserError
from warmstart.ingest.critters.background import distract, light, noise
from warmstart.ingest.critters.canvas import SUPERSAMPLING, Canvas, grow
from warmstart.ingest.critters.face import cat_ears, cat_muzzle, dog_ears, dog_muzzle, eyes, outline
from warmstart.ingest.critters.fur import fur
from warmstart.ingest.critters.palette import palette
from warmstart.ingest.critters.pose import pose

CLASSES = ("cat", "dog")
MIN_SIZE = 32


@dataclass(frozen=True)
class Critter:
    """One picture: ``image`` uint8 (size, size, 3), ``label`` an index into CLASSES, ``mask`` bool (size, size).

    The mask is True where class evidence (ears, muzzle, whiskers) is visible.
    """

    image: NDArray[np.uint8]
    label: int
    mask: NDArray[np.bool_]


def check(seed: int, index: int, size: int) -> None:
    """Raise UserError for a seed or an index below 0 or a size below 32 pixels."""
    if size < MIN_SIZE:
        raise UserError(f"critters: size={size} is too small, ears and whiskers need at least {MIN_SIZE} pixels")
    if seed < 0 or index < 0:
        raise UserError(f"critters: seed={seed} and index={index} must both be 0 or more")


def draw(seed: int, index: int, size: int) -> Critter:
    """Draw picture ``index`` of the dataset ``seed`` at ``size`` x ``size`` pixels.

    Even indices are cats, odd ones dogs; everything else is random and the same for both. The result depends on the
    arguments alone. Raises UserError for size < 32 or a negative seed or index.
    """
    check(seed, index, size)
    label = index % 2
    rng = np.random.default_rng([seed, index])
    pixels = size * SUPERSAMPLING
    canvas = Canvas(noise(rng, pixels))
    where, colours = pose(rng, pixels), palette(rng)
    distract(rng, canvas, int(rng.integers(7, 13)), colours, where.radius)
    line = max(1.0, rng.uniform(0.035, 0.055) * where.radius)
    rim = where.flat(outline(rng))
    coat = fur(rng, colours, where, pixels)
    if label == 0:
        cat_ears(rng, canvas, where, colours, line)
    canvas.fill(grow(rim, line), colours.ink)
    canvas.texture(coat, rim)
    eyes(rng, canvas, where, colours, 0.7 * line)
    if label == 0:
        cat_muzzle(rng, canvas, where, colours, line)
    else:
        dog_muzzle(rng, canvas, where, colours, line)
        dog_ears(rng, canvas, where, colours, line)
    distract(rng, canvas, int(rng.integers(0, 2)), colours, 0.6 * where.radius)
    picture, mask = canvas.finish()
    return Critter(light(rng, picture), label, mask)
