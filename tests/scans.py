"""Scans as ``prepare`` writes them, made from nothing."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from data_builders import prepared_images
from warmstart.dataset.row_array import RowWriter
from warmstart.records.images import SplitCounts
from warmstart.records.manifest import ManifestRow
from warmstart.records.scan import ScanRecord

COLUMNS = [
    "path",
    "class",
    "split",
    "fate",
    "reason",
    "unit",
    "group",
    "sha256",
    "bytes",
    "width",
    "height",
    "format",
    "mode",
    "frames",
    "brightness",
    "contrast",
    "saturation",
    "sharpness",
    "red",
    "green",
    "blue",
]
CLASSES = ("cat", "dog")
SIZE = 48
MEASURED = COLUMNS[COLUMNS.index("width") :]
RECORD: dict[str, Any] = {
    "dataset": "pets",
    "kind": "files",
    "size": SIZE,
    "fit": "squash",
    "skipped": [],
    "notes": [],
    "ready_made": False,
    "exact": [],
    "near": [],
    "conflicts": [],
    "leaks": [],
    "on_leak": "stop",
    "corrections": {"file": None, "changed": [], "dropped": []},
    "folds": None,
}


def clean_rows(each: int = 400, classes: tuple[str, ...] = CLASSES) -> list[dict[str, Any]]:
    """Faultless photos whose properties have nothing to do with their class; a fifth each for validation and test."""
    rng = np.random.default_rng(5)
    rows: list[dict[str, Any]] = []
    for name in classes:
        for index in range(each):
            width, height = rng.integers(160, 400, 2)
            light = rng.uniform(0.3, 0.7, 4)
            rows.append(
                {
                    "path": f"{name}/{index:04d}.jpg",
                    "class": name,
                    "split": ("train", "train", "train", "val", "test")[index % 5],
                    "fate": "used",
                    "reason": "",
                    "unit": len(rows),
                    "group": "",
                    "sha256": f"{len(rows):064x}",
                    "bytes": int(width * height * rng.uniform(0.1, 0.3)),
                    "width": width,
                    "height": height,
                    "format": "JPEG",
                    "mode": "RGB",
                    "frames": 1,
                    "brightness": light[0],
                    "contrast": rng.uniform(0.15, 0.25),
                    "saturation": rng.uniform(0.2, 0.6),
                    "sharpness": rng.uniform(2, 3),
                    **dict(zip(("red", "green", "blue"), light[1:], strict=True)),
                }
            )
    return rows


def left_out(row: dict[str, Any], reason: str, *, readable: bool = False, path: str | None = None) -> None:
    """Leave a photo out; one that could not be decoded was not measured."""
    row |= {"fate": "left_out", "split": "", "reason": reason, "path": path or row["path"]}
    if not readable:
        row |= dict.fromkeys(MEASURED, "")


def write_scan(folder: Path, rows: list[dict[str, Any]], classes: tuple[str, ...] = CLASSES, **record: Any) -> Path:
    """Write photos.csv and scan.json; returns their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    content = {"format": ScanRecord.FORMAT, **RECORD, "classes": list(classes), **record}
    ScanRecord.parse(content, folder).write(folder / "scan.json")
    return folder


def write_images(folder: Path, rows: list[dict[str, Any]], classes: tuple[str, ...] = CLASSES) -> Path:
    """Write the prepared images of the used photos, each of one colour by its place in the listing; returns their
    folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    manifest: list[Mapping[str, Any]] = []
    for split in ("train", "val", "test"):
        own = [(place, row) for place, row in enumerate(rows) if row["split"] == split]
        with RowWriter(folder / f"{split}.npy", (SIZE, SIZE, 3)) as out:
            for number, (place, row) in enumerate(own):
                out.append(np.full((1, SIZE, SIZE, 3), place % 256, dtype=np.uint8))
                label = classes.index(row["class"]) if row["class"] in classes else 0
                manifest.append(
                    {"path": row["path"], "class": row["class"], "label": label, "split": split, "row": number}
                )
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ManifestRow.columns(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(manifest)
    counts = SplitCounts(*(sum(row["split"] == split for row in rows) for split in ("train", "val", "test")))
    prepared_images(dataset="d", classes=list(classes), size=SIZE, digest="d", counts=counts).write(
        folder / "meta.json"
    )
    return folder
