"""Critters on disk: drawn straight into the array of their split, with a line in the manifest and in the scan each, and
once more at other sizes.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

from warmstart.config.data_schema import Critters
from warmstart.dataset.manifest import SPLITS
from warmstart.dataset.row_array import RowWriter
from warmstart.ingest.critters import CLASSES, generate_blocks
from warmstart.ingest.scan import photo_row, scan_record
from warmstart.records.images import SplitCounts
from warmstart.records.manifest import ManifestRow
from warmstart.records.photos import PhotoRow


def draw_splits(data: Critters, folder: Path, scan: Path) -> None:
    """Draw every split: arrays, test masks and manifest into ``folder``, the photos' record into ``scan``."""
    counts, number = SplitCounts(data.train, data.val, data.test), 0
    workers = data.workers or os.cpu_count() or 1
    with ManifestRow.open_rows(folder / "manifest.csv") as add, PhotoRow.open_rows(scan / "photos.csv") as add_photo:
        for split in SPLITS:
            masks_file = folder / "masks_test.npy"
            keep = RowWriter(masks_file, (data.size, data.size)) if split == "test" else nullcontext()
            with RowWriter(folder / f"{split}.npy", (data.size, data.size, 3)) as images, keep as masks:
                for block in generate_blocks(data.seed, range(number, number + counts.of(split)), data.size, workers):
                    first = images.count
                    images.append(block.images)
                    if masks:
                        masks.append(block.masks)
                    for i, (label, statistics) in enumerate(zip(block.labels.tolist(), block.statistics, strict=True)):
                        path, name = f"{CLASSES[label]}/{number:07d}", CLASSES[label]
                        sha256, n_bytes = statistics["sha256"].tobytes().hex(), int(statistics["bytes"])
                        add(ManifestRow(path, name, label, split, first + i, sha256, n_bytes, number, "", None))
                        add_photo(photo_row(path, name, split, "used", "", number, "", statistics))
                        number += 1
    scan_record(data, list(CLASSES), "drawn").write(scan / "scan.json")


def draw_resized(data: Critters, size: int, folder: Path) -> None:
    """Draw the same pictures at another size: arrays and test masks into ``folder``."""
    counts, first = SplitCounts(data.train, data.val, data.test), 0
    folder.mkdir()
    for split in SPLITS:
        numbers = range(first, first + counts.of(split))
        masks_file = folder / "masks_test.npy"
        keep = RowWriter(masks_file, (size, size)) if split == "test" else nullcontext()
        with RowWriter(folder / f"{split}.npy", (size, size, 3)) as images, keep as masks:
            for block in generate_blocks(data.seed, numbers, size, data.workers or os.cpu_count() or 1):
                images.append(block.images)
                if masks:
                    masks.append(block.masks)
        first = numbers.stop
