"""What every source of image files gives: the names, the classes, and how to get at the bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from warmstart.errors import UserError

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".jfif", ".ppm", ".pgm"})
SPLIT_FOLDERS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
MAX_CLASSES = 1000


@dataclass(frozen=True)
class Entry:
    """One candidate file: its path inside the source (POSIX style), class name, and the split it comes with, if any."""

    path: str
    class_name: str
    split: str | None = None


@dataclass(frozen=True)
class Listing:
    """All candidate files of a source, sorted by path; ``read(path)`` gives a file's bytes and can be sent to a worker."""

    entries: Sequence[Entry]
    classes: list[str]
    read: Callable[[str], bytes]
    skipped: list[dict[str, str]] = field(default_factory=list)


def list_entries(paths: Sequence[str], where: str, read: Callable[[str], bytes]) -> Listing:
    """Sort paths of the form ``class/…/file`` or ``split/class/…/file`` into classes.

    paths: relative, POSIX style. where: the folder or archive, for messages. Files that have no image suffix are skipped and
    reported. Raises UserError when no class folders are found, or fewer than 2 or more than 1,000 classes.
    """
    parts = {path: PurePosixPath(path).parts for path in sorted(paths)}
    visible = {path: p for path, p in parts.items() if not any(part.startswith((".", "__MACOSX")) for part in p)}
    tops = {p[0].lower() for p in visible.values() if len(p) > 1}
    ready = bool(tops) and tops <= set(SPLIT_FOLDERS) and {"train", "test"} <= {SPLIT_FOLDERS[t] for t in tops}
    depth = 1 if ready else 0
    entries, skipped = [], []
    for path, p in visible.items():
        if len(p) < depth + 2:
            skipped.append({"path": path, "reason": "not inside a class folder"})
        elif PurePosixPath(path).suffix.lower() not in IMAGE_SUFFIXES:
            skipped.append({"path": path, "reason": "not an image file"})
        else:
            entries.append(Entry(path, p[depth], SPLIT_FOLDERS[p[0].lower()] if ready else None))
    classes = sorted({entry.class_name for entry in entries})
    if not 2 <= len(classes) <= MAX_CLASSES:
        found = f"{len(classes)} class folders with images" + (f" ({', '.join(classes[:5])})" if classes else "")
        raise UserError(f"{where} has {found}; Warmstart needs 2 to {MAX_CLASSES}: one sub-folder per class, images inside")
    return Listing(entries, classes, read, skipped)
