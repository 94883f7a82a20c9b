"""Finding the photos in folders, by the rules by which training finds them."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from warmstart.ingest.sources.suffixes import IMAGE_SUFFIXES, is_hidden, suffix_of
from warmstart.ingest.sources.walk import READ_ALREADY
from warmstart.serving import messages


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
        if os.path.isdir(path):  # noqa: PTH112
            yield from _below(path, skipped)
        else:
            yield path


def _below(root: Path, skipped: SkippedFiles) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()
    # Links wait until all else is read: then the way taken to a folder depends on no order, and no loop is endless.
    links: deque[Path] = deque([root])
    while links:
        walking = [_entries(links.popleft(), seen, skipped)]
        while walking:
            path = next(walking[-1], None)
            if path is None:
                walking.pop()
            elif not os.path.isdir(path):  # noqa: PTH112 (Path's raises where rights are missing)
                if suffix_of(path.name) in IMAGE_SUFFIXES:
                    yield path
                else:
                    skipped.suffixes[suffix_of(path.name) or "no suffix"] += 1
            elif path.is_symlink():
                links.append(path)
            else:
                walking.append(_entries(path, seen, skipped))


def _entries(folder: Path, seen: set[tuple[int, int]], skipped: SkippedFiles) -> Iterator[Path]:
    """What is in a folder, in order of names, without what is hidden; nothing of a folder that is in ``seen``."""
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            skipped.report(folder, READ_ALREADY)
            return
        seen.add((status.st_dev, status.st_ino))
        names = sorted(os.listdir(folder))
    except OSError as error:
        skipped.report(folder, messages.UNREADABLE.format(reason=error.strerror))
        return
    for name in names:
        if is_hidden(name):
            skipped.hidden[name] += 1
        else:
            yield folder / name
