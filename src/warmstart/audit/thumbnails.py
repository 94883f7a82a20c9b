"""Small pictures of photos by their paths, from the prepared images."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from warmstart.audit.scan import Scan
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS

Look = Callable[[str], np.ndarray | None]  # path → uint8 (H, W, 1 or 3); None where there is no picture of it
LONGEST = 4.0  # longer to shorter side of a thumbnail; a strip is cut no thinner
SAMPLE = 1000  # images behind the channels' mean and standard deviation


def prepared(scan: Scan, images_dir: Path, wanted: Collection[str]) -> Look:
    """The prepared images of the photos ``wanted``, in the photos' own proportions where these are known."""
    store = ImageStore(images_dir)
    squashed = store.meta.get("fit", "squash") == "squash"
    places = {}
    # The manifest is read line by line: of a million photos some hundreds are shown.
    store.labels("train")  # which refuses a damaged manifest
    with (images_dir / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["path"] in wanted:
                places[row["path"]] = (row["split"], int(row["row"]))
    images = {split: store.images(split) for split in SPLITS}
    width, height = scan.numbers["width"], scan.numbers["height"]
    shape = {path: (width[i], height[i]) for i, path in enumerate(scan.paths) if path in wanted}
    # Of exact copies one was kept; it shows them all.
    same = {path: group for group in scan.record["exact"] for path in group}

    def look(path: str) -> np.ndarray | None:
        kept = next((p for p in (path, *same.get(path, ())) if p in places), None)
        if kept is None:
            return None
        split, row = places[kept]
        pixels: np.ndarray = images[split][row]
        return unsquashed(pixels, *shape[path]) if squashed and path in shape else pixels

    return look


def with_copies(scan: Scan, paths: Collection[str]) -> set[str]:
    """``paths``, and the exact copies of each: whichever was kept shows it."""
    wanted = set(paths)
    return wanted.union(*(group for group in scan.record["exact"] if wanted & set(group)))


def unsquashed(pixels: np.ndarray, width: float, height: float) -> np.ndarray:
    """A square image, uint8 (S, S, C), in the proportions ``width`` to ``height``, its longer side S; as it is where they are unknown."""
    if not (np.isfinite(width) and np.isfinite(height)) or not width * height:
        return pixels
    side = pixels.shape[0]
    ratio = float(np.clip(width / height, 1 / LONGEST, LONGEST))
    size = (side, max(1, round(side / ratio))) if ratio > 1 else (max(1, round(side * ratio)), side)
    picture = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[..., 0]).resize(
        size, Image.Resampling.BILINEAR
    )
    return np.asarray(picture).reshape(size[1], size[0], -1)


def channels(images_dir: Path) -> dict[str, Any]:
    """Mean and standard deviation of each channel of the prepared training images, 0 to 1, and the number of images behind them."""
    images = ImageStore(images_dir).images("train")
    rows = evenly(len(images), SAMPLE)
    total = squares = np.zeros(images.shape[-1])
    for row in rows:
        pixels = images[int(row)].reshape(-1, images.shape[-1]).astype(np.float32) / 255
        total, squares = total + pixels.sum(0), squares + (pixels**2).sum(0)
    n = len(rows) * int(np.prod(images.shape[1:-1]))
    mean = total / n
    std = np.sqrt(np.maximum(squares / n - mean**2, 0))
    return {"n": len(rows), "mean": [round(float(x), 4) for x in mean], "std": [round(float(x), 4) for x in std]}


def evenly(count: int, most: int) -> np.ndarray:
    """At most ``most`` of ``count`` places, int64, spread evenly from the first to the last."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))
