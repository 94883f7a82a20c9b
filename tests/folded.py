"""Prepared images in folds, made from prepared ones without."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

from warmstart.dataset.manifest import SPLITS
from warmstart.records.manifest import ManifestRow


def write_folded(images: Path, out: Path, parts: int) -> Path:
    """A copy of ``images`` in so many parts: the test images are part 0, the validation images part 1, the others share
    out training.
    """
    shutil.copytree(images, out)
    with (images / "manifest.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["fold"] = str({"test": 0, "val": 1}.get(row["split"], 2 + int(row["row"]) % (parts - 2)))
    with (out / "manifest.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ManifestRow.columns(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: (SPLITS.index(row["split"]), int(row["row"]))))
    meta = json.loads((images / "meta.json").read_text())
    (out / "meta.json").write_text(json.dumps({**meta, "folds": parts, "digest": f"{parts:064x}"}))
    return out
