"""Augmentation shown: what a recipe's random changes make of one photo, all together and each alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.augmentation import Augmentation, is_identity
from warmstart.drawing.png import save_png
from warmstart.drawing.sheet import Tile, draw_sheet
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir, write_json

DRAWS, CANDIDATES, SHOWN = 8, 64, 3
SIDE = 190


def write_augmentation(
    image: np.ndarray, options: Mapping[str, Any], seed: int, folder: Path, name: str
) -> dict[str, Any]:
    """Write ``folder`` anew: draws.png (the photo and eight draws), each.png (each transformation alone) and augmentation.json.

    image: uint8 (H, W, 1 or 3). options: the configuration's ``augment`` group; the very ``Augmentation`` of training makes the
    draws. name: the photo's, for the sheets. Returns the content of augmentation.json; differences are mean absolute ones, in
    grey levels from 0 to 255. Raises UserError where the options change nothing.
    """
    if is_identity(options):
        raise UserError(
            "this recipe has no augmentation to show: choose one that has, recipe=scratch_augmented, or augment=lesson"
        )
    draws = draw_many(image, options, (seed, 0, 0), DRAWS)
    pairs = [difference(a, b) for a, b in combinations(draws, 2)]
    figures: dict[str, Any] = {
        "image": name,
        "options": dict(options),
        "draws": DRAWS,
        "between_draws": float(np.mean(pairs)),
        "least_between_draws": float(np.min(pairs)),
        "from_the_photo": float(np.mean([difference(image, draw) for draw in draws])),
        "each": {},
    }
    note = (
        f"Eight of the endless draws that training makes of one photo. Two of them differ by {figures['between_draws']:.0f} of 255 grey levels a pixel "
        f"in the mean, the nearest two by {figures['least_between_draws']:.0f}: the network hardly ever sees the same picture twice."
    )
    tiles = [Tile(image, "the photo", (0, 114, 178)), *(Tile(draw, f"draw {i + 1}") for i, draw in enumerate(draws))]
    sheet = draw_sheet(
        [tiles[at : at + 3] for at in range(0, 9, 3)], f"Augmentation: {name} and eight draws", note, side=SIDE
    )
    rows: list[list[Tile | None]] = []
    labels = []
    for index, (key, words) in enumerate(ranges(options).items()):
        alone = {other: value if other == key else type(value)(0) for other, value in options.items()}
        many = draw_many(image, alone, (seed, 1, index), CANDIDATES)
        far = far_apart(image, many, SHOWN)
        rows.append(
            [
                Tile(image, "the photo"),
                *(Tile(draw, f"differs by {difference(image, draw):.0f} of 255") for draw in far),
            ]
        )
        labels.append(f"{key.replace('_', ' ')}: {words}")
        figures["each"][key] = {
            "range": words,
            "from_the_photo": float(np.mean([difference(image, draw) for draw in many])),
        }
    about = (
        f"Of {CANDIDATES} draws of each transformation, the {SHOWN} farthest from the photo and from each other: about the ends of its range. "
        "Where the photo leaves the frame, its edge is repeated."
    )
    each = draw_sheet(rows, "Augmentation: each transformation alone", about, side=150, labels=labels)
    with replace_dir(folder) as out:
        save_png(sheet, out / "draws.png")
        save_png(each, out / "each.png")
        write_json(out / "augmentation.json", figures)
    return figures


def draw_many(image: np.ndarray, options: Mapping[str, Any], key: tuple[int, ...], n: int) -> np.ndarray:
    """``n`` draws of one image, uint8 (n, H, W, C), as a training batch of ``n`` copies would get them."""
    return Augmentation(options)(np.repeat(image[None], n, axis=0), key)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference of two uint8 images, in grey levels."""
    return float(np.abs(a.astype(np.int16) - b).mean())


def far_apart(image: np.ndarray, draws: np.ndarray, n: int) -> list[np.ndarray]:
    """At most ``n`` of the draws: each the farthest from the image and from those taken before; none twice.

    T. F. Gonzalez, "Clustering to minimize the maximum intercluster distance", Theoretical Computer Science 38, 1985.
    """
    nearest = np.array([difference(image, draw) for draw in draws])
    taken: list[np.ndarray] = []
    while len(taken) < n and nearest.max() > 0:
        taken.append(draws[int(nearest.argmax())])
        nearest = np.minimum(nearest, [difference(taken[-1], draw) for draw in draws])
    return taken


def ranges(options: Mapping[str, Any]) -> dict[str, str]:
    """By transformation that is on, its range in words."""
    percent = {key: f"{100 * options[key]:.3g}" for key in ("shift", "zoom")}
    words = {
        "rotation": f"within ±{options['rotation']:.3g}°",
        "shift": f"across and along, each within ±{percent['shift']} % of the side",
        "shear": f"within ±{options['shear']:.3g}°",
        "zoom": f"width and height, each {100 * (1 - options['zoom']):.3g} to {100 * (1 + options['zoom']):.3g} %",
        "horizontal_flip": "half of the draws",
    }
    return {key: text for key, text in words.items() if options.get(key)}
