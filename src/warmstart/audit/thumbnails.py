"""Small pictures of photos by their paths, from the prepared images."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
from PIL import Image

from warmstart.audit.scan import Scan
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowArray
from warmstart.records.audit import ChannelStatistics
from warmstart.records.manifest import ManifestRow

Thumbnails = Callable[[str], np.ndarray | None]  # path → uint8 (H, W, 1 or 3); None where there is no picture of it
MAX_ASPECT = 4.0  # longer to shorter side of a thumbnail; a strip is shown no thinner
MAX_SAMPLE = 1000  # images behind the channels' mean and standard deviation


def prepared_thumbnails(scan: Scan, images_dir: Path, wanted: Collection[str]) -> Thumbnails:
    """The prepared images of the photos ``wanted``, in the photos' own proportions where these are known."""
    store = ImageStore(images_dir)
    squashed = store.fit == "squash"
    store.labels("train")  # which refuses a damaged manifest
    # Of exact copies one was kept; it shows them all.
    copies = {path: group for group in scan.record.exact for path in group}
    looked_up = set(wanted).union(*(copies.get(path, ()) for path in wanted))
    # The manifest is read line by line: of a million photos some hundreds are shown.
    lines = ManifestRow.iter_columns(images_dir / "manifest.csv", "path", "split", "row")
    places = {path: (split, row) for path, split, row in lines if path in looked_up}
    images: dict[str, RowArray] = {split: store.images(split) for split in SPLITS}
    width, height = scan.numbers["width"], scan.numbers["height"]
    shapes = {path: (width[row], height[row]) for row, path in enumerate(scan.paths) if path in wanted}

    def find_thumbnail(path: str) -> np.ndarray | None:
        kept = next((p for p in (path, *copies.get(path, ())) if p in places), None)
        if kept is None:
            return None
        split, row = places[kept]
        pixels: np.ndarray = images[split][row]
        return unsquashed(pixels, *shapes[path]) if squashed and path in shapes else pixels

    return find_thumbnail


def unsquashed(pixels: np.ndarray, width: float, height: float) -> np.ndarray:
    """A square image, uint8 (S, S, C), in the proportions ``width`` to ``height`` where known, its longer side S."""
    if not (np.isfinite(width) and np.isfinite(height)) or not width * height:
        return pixels
    side = pixels.shape[0]
    ratio = float(np.clip(width / height, 1 / MAX_ASPECT, MAX_ASPECT))
    size = (side, max(1, round(side / ratio))) if ratio > 1 else (max(1, round(side * ratio)), side)
    image = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[..., 0])
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR)).reshape(size[1], size[0], -1)


def channel_statistics(images_dir: Path) -> ChannelStatistics:
    """Mean and standard deviation of each channel over a sample of the prepared training images, in [0, 1]."""
    images = ImageStore(images_dir).images("train")
    rows = evenly_spaced(len(images), MAX_SAMPLE)
    total = squares = np.zeros(images.shape[-1])
    for row in rows:
        pixels = images[int(row)].reshape(-1, images.shape[-1]).astype(np.float32) / 255
        total, squares = total + pixels.sum(0), squares + (pixels**2).sum(0)
    n = len(rows) * int(np.prod(images.shape[1:-1]))
    mean = total / n
    std = np.sqrt(np.maximum(squares / n - mean**2, 0))
    return ChannelStatistics(len(rows), [round(float(x), 4) for x in mean], [round(float(x), 4) for x in std])


def evenly_spaced(count: int, max_count: int) -> np.ndarray:
    """At most ``max_count`` indices below ``count``, int64, spread evenly from the first to the last."""
    return np.unique(np.linspace(0, count - 1, min(count, max_count)).round().astype(np.int64))
