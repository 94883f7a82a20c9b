"""What may be asked about classes of different sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.errors import UserError

SAMPLING = ("natural", "balanced")


def check_balance(balance: Mapping[str, Any]) -> None:
    """Refuse (UserError) a ``balance`` group that cannot be meant."""
    if balance["sampling"] not in SAMPLING:
        raise UserError(f"balance.sampling is {balance['sampling']!r}; it is one of {', '.join(SAMPLING)}")
    if balance["class_weights"] and balance["sampling"] == "balanced":
        raise UserError(
            "balance.class_weights and balance.sampling=balanced each make the classes count the same; together they "
            "would favour the rare ones: choose one"
        )
