"""Critters on disk: drawn straight into the array of their split, with a line in the manifest and in the scan each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

from warmstart.dataset.manifest import SPLITS, open_table
from warmstart.dataset.row_array import RowWriter
from warmstart.ingest.critters import CLASSES, generate_blocks
from warmstart.ingest.scan import SCAN_COLUMNS, fact_columns, write_about
from warmstart.records.images import Split
from warmstart.records.manifest import ManifestRow


def draw_splits(config: Mapping[str, Any], folder: Path, scan: Path) -> None:
    """Draw the critters of every split; write arrays, masks of the test images and manifest into ``folder``, the record into ``scan``.

    config: the ``data`` group.
    """
    size, number = config["size"], 0
    workers = config["workers"] or os.cpu_count() or 1
    with (
        ManifestRow.open_rows(folder / "manifest.csv") as add,
        open_table(scan / "photos.csv", SCAN_COLUMNS) as photos,
    ):
        for split in SPLITS:
            keep = RowWriter(folder / "masks_test.npy", (size, size)) if split == "test" else nullcontext()
            with RowWriter(folder / f"{split}.npy", (size, size, 3)) as images, keep as masks:
                blocks = generate_blocks(config["seed"], range(number, number + config[split]), size, workers)
                for block in blocks:
                    images.append(block.images)
                    if masks:
                        masks.append(block.masks)
                    for at, facts in enumerate(block.facts):
                        label = int(block.labels[at])
                        path, row = f"{CLASSES[label]}/{number:07d}", images.count - len(block.images) + at
                        sha256 = facts["sha256"].tobytes().hex()
                        name, length = CLASSES[label], int(facts["bytes"])
                        add(ManifestRow(path, name, label, cast(Split, split), row, sha256, length, number, "", None))
                        photos.writerow([path, CLASSES[label], split, "used", "", number, "", *fact_columns(facts)])
                        number += 1
    write_about(scan, CLASSES, config, "drawn")
