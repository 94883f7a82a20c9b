"""Paths as text: any bytes can be a name, but not every text can be written or shown."""

from __future__ import annotations

import os

from warmstart.ingest.sources.walk import spelled
from warmstart.text.printable import printable


def as_text(path: str | os.PathLike[str]) -> str:
    """A path that can be written as UTF-8: bytes that are no text as ``\\udcXX``, as in the listing of a training."""
    return spelled(os.fspath(path))


def in_one_line(path: str | os.PathLike[str]) -> str:
    """A path that can be shown: characters without a glyph as ``\\n``, ``\\x1b`` or ``\\u202e``."""
    return printable(as_text(path))
