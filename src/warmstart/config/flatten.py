"""A nested mapping of settings as one mapping of dotted keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def flatten(settings: Mapping[str, object]) -> dict[str, object]:
    """The values by dotted key, in order: ``{"optimizer": {"lr": 0.1}}`` is ``{"optimizer.lr": 0.1}``.

    Lists and None are values. Empty mappings have no values and are left out.
    """
    return dict(_leaves(settings, ""))


def _leaves(node: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
