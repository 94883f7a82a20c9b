"""Commands as a person would type them, and what is run for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def repro(*stages: str, single: bool = False) -> list[str]:
    """``dvc repro`` of stages with all that they need, or of everything. single: without what they need."""
    return ["dvc", "repro", *(["--single-item"] if single else []), *stages]


def is_dvc(typed: Sequence[str]) -> bool:
    """Whether a command is one of DVC's."""
    return typed[0] == "dvc"


def arguments(typed: Sequence[str]) -> list[str]:
    """What is run for ``dvc …`` or ``python …``: with the Python that runs this, whatever PATH says."""
    return [sys.executable, *(["-m", "dvc"] if is_dvc(typed) else []), *typed[1:]]
