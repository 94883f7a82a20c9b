"""Classes take turns, whatever their number and order."""

from __future__ import annotations

from warmstart.dataset.round_robin import round_robin_order


def test_classes_take_turns_and_keep_their_order_within() -> None:
    assert round_robin_order([1, 1, 0, 1, 0, 2]).tolist() == [2, 0, 5, 4, 1, 3]
    assert round_robin_order([]).tolist() == []
