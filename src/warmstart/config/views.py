"""Which keys of the configuration each stage may read. A stage is given no others, so no other edit can concern it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.errors import UserError

Keys = tuple[str, ...]

FAMILIES = ("scratch", "transfer")

COMPUTE: Keys = ("trainer.accelerator", "trainer.precision", "trainer.threads")
DATA_STAGES: dict[str, Keys] = {
    "prepare": ("data",),
    "feature_extract": ("data.name", "backbone", "head.pool", *COMPUTE),
    "compare": ("data.name", "evaluate.confidence"),
    "publish": ("data.name",),
}
TRAIN: Keys = ("data.name", "seed", "recipe", "optimizer", "schedule", "trainer", "tracking")
RECIPE_STAGES: dict[str, Keys] = {
    "evaluate": ("data.name", "recipe.name", "evaluate", *COMPUTE),
    "interpret": ("data.name", "recipe.name", "interpret"),
}
NOT_READ: Keys = ("schedule.epochs_of", "schedule.lr_of")


def view(config: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """Cut the resolved configuration of one recipe (plain data) down to what ``stage`` may read."""
    keys = TRAIN + train_groups(config) if stage in ("train", "fine_tune") else (DATA_STAGES | RECIPE_STAGES)[stage]
    out: dict[str, Any] = {}
    for key in keys:
        _copy(config, out, key.split("."))
    for key in NOT_READ:
        _remove(out, key.split("."))
    return out


def train_groups(config: Mapping[str, Any]) -> Keys:
    """The groups that this recipe's training reads besides the common ones."""
    recipe = config["recipe"]
    phase = recipe["phase"]
    if phase == "fine_tune":
        return ("augment",)  # network, head and preprocessing come with the checkpoint it starts from
    groups: Keys = ("network",) if recipe["family"] == "scratch" else ("head", "backbone")
    return groups if phase in ("probe", "cached") else (*groups, "augment")


def _copy(source: Mapping[str, Any], target: dict[str, Any], path: list[str]) -> None:
    head, *rest = path
    if rest:
        _copy(source[head], target.setdefault(head, {}), rest)
    else:
        target[head] = dict(source[head]) if isinstance(source[head], Mapping) else source[head]


def _remove(target: dict[str, Any], path: list[str]) -> None:
    for key in path[:-1]:
        target = target.get(key, {})
    target.pop(path[-1], None)


def check_start(recipe: Mapping[str, Any], item: Mapping[str, str]) -> str | None:
    """The recipe that this one starts from, as params.yaml says it. Raises UserError where that cannot be.

    item: {stage, from}; ``from`` is images, feature_cache or recipes/<name>/model.
    """
    phase, source = recipe["phase"], item["from"]
    if recipe["family"] not in FAMILIES:
        raise UserError(f"conf/recipe/{recipe['name']}.yaml: recipe.family is {recipe['family']!r}; it is one of {', '.join(FAMILIES)}")
    wanted = {"fine_tune": "recipes/<name>/model", "probe": "feature_cache", "cached": "feature_cache"}.get(phase, "images")
    parts = source.split("/")
    fits = len(parts) == 3 and parts[0] == "recipes" and parts[2] == "model" if phase == "fine_tune" else source == wanted
    stage = "fine_tune" if phase == "fine_tune" else "train"
    if not fits or item["stage"] != stage:
        raise UserError(
            f"params.yaml: recipes.{recipe['name']} says {{stage: {item['stage']}, from: {source}}}; "
            f"it must say {{stage: {stage}, from: {wanted}}}"
        )
    return parts[1] if phase == "fine_tune" else None
