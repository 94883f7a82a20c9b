"""The manifest: a line for each prepared image, in the order of the arrays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from warmstart.files.cells import csv_writer
from warmstart.records.images import Split
from warmstart.records.manifest import ManifestRow

SPLITS: tuple[Split, Split, Split] = ("train", "val", "test")
MANIFEST_COLUMNS = ManifestRow.columns()


@contextmanager
def open_table(path: Path, columns: tuple[str, ...]) -> Iterator[Any]:
    """A CSV writer of a new table whose header is written."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv_writer(stream)
        writer.writerow(columns)
        yield writer
