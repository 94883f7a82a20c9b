"""Paths on a stage's command line: one that is there is meant as it is typed, whatever Hydra's grammar would make of it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from warmstart.config.escape import escape, quoted
from warmstart.config.paths import PATH_KEYS, expand_user

PLAIN = re.compile(r"[\w./@-]+", re.ASCII)  # what the grammar reads as it is


def as_typed(words: Sequence[str], here: Path) -> list[str]:
    """The words, those of paths that exist quoted. here: where the person stands.

    ``image=${x}, =1.jpg`` is the file of that name where there is one; else what Hydra makes of it: a reference, several values, a mistake.
    """
    return [_typed(word, here) for word in words]


def _typed(word: str, here: Path) -> str:
    key, equals, value = word.partition("=")
    if not equals or key.lstrip("+") not in PATH_KEYS or not value or PLAIN.fullmatch(value):
        return word
    try:
        there = os.path.lexists(here / expand_user(value, here))
    except (ValueError, RuntimeError):  # a null character, a home of nobody
        return word
    return f"{key}={quoted(escape(value))}" if there else word
