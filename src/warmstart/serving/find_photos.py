"""Finding the photos in folders, by the rules by which training finds them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from warmstart.ingest.sources.suffixes import IMAGE_SUFFIXES, suffix_of
from warmstart.ingest.sources.walk import walk


@dataclass
class SkippedFiles:
    """What is in folders and is no photo: files by suffix, and hidden or system files and folders by name.

    report: called with each folder that cannot be read, and the reason.
    """

    suffixes: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    report: Callable[[Path, str], None] = lambda folder, reason: None


def find_photos(paths: Iterable[str | Path], skipped: SkippedFiles | None = None) -> Iterator[Path]:
    """The files named, and the photos in the folders named, each folder in order of names, one at a time.

    Hidden and system folders, other files, links to what has been read, and folders that cannot be read are left out,
    as in training. No file is opened: it may not exist, or be a pipe.
    """
    skipped = skipped or SkippedFiles()
    for path in map(Path, paths):
        if os.path.isdir(path):  # noqa: PTH112 (Path's raises where rights are missing)
            yield from _below(path, skipped)
        else:
            yield path


def _below(root: Path, skipped: SkippedFiles) -> Iterator[Path]:
    for found in walk(root):
        path = root / found.path
        if found.kind in ("again", "closed"):
            skipped.report(path, found.reason)
        elif found.kind == "hidden":
            skipped.hidden[path.name] += 1
        elif found.kind != "folder":
            suffix = suffix_of(path.name)
            if suffix in IMAGE_SUFFIXES:
                yield path
            else:
                skipped.suffixes[suffix or "no suffix"] += 1
