"""Keys that a stage reads and that change nothing of its result: DVC does not compare them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.config.paths import PATH_KEYS, WEIGHT_WORDS
from warmstart.config.target import Target

# How many processes share the work, whether somebody watches it, and what is only shown.
NEUTRAL = ("data.workers", "trainer.workers", "tracking.live", "recipe.title")


def take_unwatched(config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A configuration (plain data) without what changes no result, and that as a tree of the same keys.

    Of files outside the content decides, not where they are: DVC watches listings of them, and no path. A training on
    the whole set as one batch has no use for the size of a batch.
    """
    rest = {key: dict(value) if isinstance(value, Mapping) else value for key, value in config.items()}
    unwatched: dict[str, Any] = {}
    optimizer = Target.of(config.get("optimizer") or {})
    whole = optimizer is not None and optimizer.full_batch
    for key in (*PATH_KEYS, *NEUTRAL, *(("schedule.batch_size", "schedule.steps_per_epoch") if whole else ())):
        group, _, leaf = key.rpartition(".")
        node = rest.get(group)
        if not isinstance(node, dict) or leaf not in node:
            continue
        if key in PATH_KEYS and (not node[leaf] or node[leaf] in WEIGHT_WORDS):
            continue
        unwatched.setdefault(group, {})[leaf] = node.pop(leaf)
        if not node:
            del rest[group]
    return rest, unwatched
