"""Names of files as text: any bytes can be a name, not every text can be written or shown."""

from __future__ import annotations

import os

from warmstart.ingest.sources.walk import spelled
from warmstart.text.printable import printable


def as_text(path: str | os.PathLike[str]) -> str:
    """A path that can be written as UTF-8: what is no text in it as ``\\udcXX``, as the listing of a training writes it."""
    return spelled(os.fspath(path))


def in_one_line(path: str | os.PathLike[str]) -> str:
    """A path that can be shown: line breaks, control characters and whatever else has no picture as ``\\n``, ``\\x1b`` or ``\\u202e``."""
    return printable(as_text(path))
