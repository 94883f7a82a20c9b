"""Nested settings as dotted keys."""

from __future__ import annotations

from warmstart.config.flatten import flatten


def test_keys_are_dotted_and_in_order() -> None:
    settings = {"seed": 3, "optimizer": {"lr": 0.1, "betas": [0.9, 0.99]}, "data": {"source": {"folder": "x"}}}
    assert list(flatten(settings).items()) == [
        ("seed", 3),
        ("optimizer.lr", 0.1),
        ("optimizer.betas", [0.9, 0.99]),
        ("data.source.folder", "x"),
    ]


def test_none_is_a_value_and_an_empty_mapping_is_not() -> None:
    assert flatten({"a": None, "b": {}, "c": {"d": {"e": None}}}) == {"a": None, "c.d.e": None}
    assert flatten({}) == {}
