"""Hints about mistyped names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str], then: str = "") -> str:
    """``did you mean NAME?`` with the nearest known name, followed by ``then``; empty where none is near."""
    near = get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]}?{then}" if near else ""
