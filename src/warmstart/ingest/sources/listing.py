"""What every source of image files gives: the names, the classes, and how to get at the bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from warmstart.errors import UserError
from warmstart.records.images import SkippedFile
from warmstart.text.printable import printable

SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
MAX_CLASSES = 1000
MAX_NAME = 255  # letters; no folder's name has more
LONG = 100  # letters of a name that messages show


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate file: its path inside the source (POSIX style), class name, and the split and the group that it
    comes with, if any. Photos of a group, such as those of one animal, are never in two splits.
    """

    path: str
    class_name: str
    split: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Listing:
    """All candidate files of a source, sorted by path; ``read(path)`` gives a file's bytes and can be sent to a worker.

    mask(path), where the source has masks: the bytes of an image file of the photo's size, 1 (or 3) where the pet (or
    its border) is and 2 elsewhere; it can be sent to a worker, too. notes: how the source was understood, as sentences,
    where that may surprise.
    """

    entries: Sequence[Entry]
    classes: list[str]
    read: Callable[[str], bytes]
    skipped: list[SkippedFile] = field(default_factory=list)
    mask: Callable[[str], bytes] | None = None
    notes: list[str] = field(default_factory=list)


def classes_of(names: Iterable[str], where: str) -> list[str]:
    """The classes among the class names of all photos, sorted. where: the folder or file, for messages.

    Raises UserError where there are fewer than 2 or more than 1,000, one with a name that no folder could have for its
    length, or two that a person would read as one.
    """
    classes = sorted(set(names))
    if not 2 <= len(classes) <= MAX_CLASSES:
        found = f"{len(classes):,} class{'' if len(classes) == 1 else 'es'}" + (
            f" ({printable(', '.join(name[:LONG] for name in classes[:5]))}{' …' if len(classes) > 5 else ''})"
            if classes
            else ""
        )
        raise UserError(f"{where} has {found}; Warmstart tells apart 2 to {MAX_CLASSES:,} classes")
    if long := next((name for name in classes if len(name) > MAX_NAME), ""):
        raise UserError(
            f"{where} has a class whose name has {len(long):,} letters ({long[:LONG]!r} …): {MAX_NAME} are the most; "
            f"give it a shorter one"
        )
    # "Cat" and "cat " are one class misspelt, which a network would be trained to tell apart from itself; besides, they
    # are one folder on the file systems of Windows and macOS, so that no copy of them could be relied on.
    alike: dict[str, str] = {}
    for name in classes:
        plain = " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())
        if plain in alike:
            if unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", alike[plain]):
                raise UserError(
                    f"{where} has two classes that both print as {name!r}, but are spelled with other Unicode "
                    f"characters "
                    f"({alike[plain]!a} and {name!a}), as when files come from macOS and from another system: rename "
                    f"one to the other"
                )
            raise UserError(
                f"{where} has classes {alike[plain]!r} and {name!r}, which differ only in case or spaces: give both "
                f"the same name, "
                "or tell them apart by more"
            )
        alike[plain] = name
    return classes
