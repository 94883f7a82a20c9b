"""The manifest: a line per prepared image, in the order of the images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from warmstart.files.cells import csv_writer
from warmstart.records.images import Split

SPLITS: tuple[Split, Split, Split] = ("train", "val", "test")
# labelled: the class that the source gave, where a correction changed it. fold: in which fold's test part an image is.
MANIFEST_COLUMNS = ("path", "class", "label", "split", "row", "sha256", "bytes", "unit", "labelled", "fold")
NUMBERS = ("label", "row", "bytes", "unit")


@contextmanager
def open_table(path: Path, columns: tuple[str, ...]) -> Iterator[Any]:
    """A CSV writer of a new table whose names of columns are written."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv_writer(stream)
        writer.writerow(columns)
        yield writer
