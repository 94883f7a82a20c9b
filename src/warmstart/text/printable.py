"""Text from outside, such as names of files, with escapes for what a terminal or a page would obey and not show."""

from __future__ import annotations

import os
import unicodedata


def visible(text: str) -> str:
    """``text`` of several lines with escapes, such as ``\\x1b``, for what a terminal or a page would obey and not show:
    control codes, changes of writing direction, characters without width. Line feeds, tabs and blanks of every kind
    stay.
    """
    if text.isprintable():
        return text
    return "".join(char if char in "\n\t" or unicodedata.category(char) == "Zs" else printable(char) for char in text)


def printable(text: str) -> str:
    """``text`` with escapes for what a terminal would obey and not show: line breaks, control codes and such in the
    names of files.
    """
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def utf8_text(path: str | os.PathLike[str]) -> str:
    """A path that can be written as UTF-8: bytes that are no text as ``\\udcXX``."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode()


def in_one_line(path: str | os.PathLike[str]) -> str:
    """A path that can be shown: characters without a glyph as ``\\n``, ``\\x1b`` or ``\\u202e``."""
    return printable(utf8_text(path))
