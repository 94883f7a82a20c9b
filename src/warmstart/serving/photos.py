"""Finding the photos in folders, by the rules by which training finds them."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from warmstart.ingest.sources.suffixes import IMAGE_SUFFIXES, is_hidden, suffix_of
from warmstart.ingest.sources.walk import READ_ALREADY


def _silent(path: Path, reason: str) -> None:
    """Nobody is told."""


@dataclass
class PassedOver:
    """What lies in folders and is no photo. kinds: how many files of each suffix. hidden: how many files and folders of each name that
    is hidden or the system's. tell: is given every folder that cannot be read, and the reason, at once.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    tell: Callable[[Path, str], None] = _silent


def find_photos(places: Iterable[str | Path], passed_over: PassedOver | None = None) -> Iterator[Path]:
    """What is named, unless it is a folder, and the photos in the folders named, each folder in order of names, one at a time.

    Hidden and system folders, other files and links to what has been read are left out, as in training; folders that cannot be read
    too. Nothing is opened: what is named and does not exist, and pipes under the name of a photo, are for the reader to refuse.
    """
    passed_over = passed_over or PassedOver()
    for place in map(Path, places):
        if os.path.isdir(place):  # noqa: PTH112
            yield from _below(place, passed_over)
        else:
            yield place


def _below(root: Path, passed_over: PassedOver) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()
    # Links wait until all else is read, so that it depends on no order which of two ways to a folder is taken, and no loop is endless.
    links: deque[Path] = deque([root])
    while links:
        walking = [_entries(links.popleft(), seen, passed_over)]
        while walking:
            path = next(walking[-1], None)
            if path is None:
                walking.pop()
            elif not os.path.isdir(path):  # noqa: PTH112 (Path's raises where rights are missing)
                if suffix_of(path.name) in IMAGE_SUFFIXES:
                    yield path
                else:
                    passed_over.kinds[suffix_of(path.name) or "no suffix"] += 1
            elif path.is_symlink():
                links.append(path)
            else:
                walking.append(_entries(path, seen, passed_over))


def _entries(folder: Path, seen: set[tuple[int, int]], passed_over: PassedOver) -> Iterator[Path]:
    """What is in a folder, in order of names, without what is hidden; nothing of a folder that is in ``seen``."""
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            passed_over.tell(folder, READ_ALREADY)
            return
        seen.add((status.st_dev, status.st_ino))
        names = sorted(os.listdir(folder))
    except OSError as error:
        passed_over.tell(folder, f"cannot be read ({error.strerror})")
        return
    for name in names:
        if is_hidden(name):
            passed_over.hidden[name] += 1
        else:
            yield folder / name
