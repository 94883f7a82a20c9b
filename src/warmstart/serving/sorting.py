"""The orders in which predictions can be listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from warmstart.serving.predict_photos import Prediction

Order = Literal["uncertainty", "name"]
ORDERS: tuple[Order, ...] = ("uncertainty", "name")


def in_order(predictions: Iterable[Prediction], order: Order) -> list[Prediction]:
    """uncertainty: the least probable class first, of equals by path, and photos that cannot be read last. name: by
    path.
    """
    if order == "name":
        return sorted(predictions, key=lambda one: one.path)
    return sorted(predictions, key=lambda one: (one.confidence is None, one.confidence or 0.0, one.path))
