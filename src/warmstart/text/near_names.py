"""Hints about mistyped names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str], then: str = "", shown: Callable[[str], str] = str) -> str:
    """``did you mean NAME?`` with the nearest known name, as ``shown`` gives it, followed by ``then``; empty where none
    is near.
    """
    near = get_close_matches(name, list(known), 1)
    return f"did you mean {shown(near[0])}?{then}" if near else ""
