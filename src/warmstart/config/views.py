"""Which keys of the configuration each stage may read. A stage is given no others, so no other edit can concern it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.config.seeds import without_single_seed
from warmstart.errors import UserError

Keys = tuple[str, ...]

FAMILIES = ("scratch", "transfer")
PHASES = (  # by cost
    *("probe", "cached", "scratch", "scratch_augmented", "frozen", "fine_tune"),
    *("fine_tune_all", "scratch_backbone", "best"),
)
SCRATCH_PHASES = ("scratch", "scratch_augmented")  # train ``network``
CACHE_PHASES = ("probe", "cached")  # train on what feature_extract keeps
RANDOM_BACKBONE = "scratch_backbone"  # the phase of a backbone that is not pretrained
WHOLE_PHASES = ("fine_tune_all", RANDOM_BACKBONE, "best")  # train every layer of a backbone

COMPUTE: Keys = ("trainer.accelerator", "trainer.precision", "trainer.threads")
DATA_STAGES: dict[str, Keys] = {
    "prepare": ("data",),
    "feature_extract": ("data.name", "backbone", "head.pool", *COMPUTE),
    "audit": ("data.name",),
    "compare": ("data.name", "seeds", "evaluate.confidence"),
    "publish": ("data.name",),
}
TRAIN: Keys = (
    *("data.name", "seed", "seeds", "recipe", "optimizer", "param_groups", "loss", "scheduler", "callbacks"),
    *("schedule", "balance", "select_by", "trainer", "tracking", "train_share"),
)
RECIPE_STAGES: dict[str, Keys] = {
    "evaluate": ("data.name", "recipe.name", "select_by", "evaluate", *COMPUTE),
    "interpret": ("data.name", "recipe.name", "interpret"),
}
CURVE_STAGE: dict[str, Keys] = {"learning_curve": ("data.name", "seed", "recipe.name", "learning_curve")}
NOT_READ: Keys = ("schedule.epochs_of", "schedule.lr_of", "backbone.size")  # what they decide is in other keys


def view(config: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """Cut the resolved configuration of one recipe (plain data) down to what ``stage`` may read."""
    keys = (
        TRAIN + train_groups(config)
        if stage in ("train", "fine_tune")
        else (DATA_STAGES | RECIPE_STAGES | CURVE_STAGE)[stage]
    )
    out: dict[str, Any] = {}
    for key in keys:
        _copy(config, out, key.split("."))
    for key in NOT_READ:
        _remove(out, key.split("."))
    if stage == "train" and config["recipe"]["phase"] == RANDOM_BACKBONE:
        _remove(out, ["backbone", "weights"])
    return without_single_seed(out)


def on_backbone(phase: str) -> bool:
    """Whether the network of a recipe is a backbone with a head, pretrained or not."""
    return phase not in SCRATCH_PHASES


def train_groups(config: Mapping[str, Any]) -> Keys:
    """The groups that this recipe's training reads besides the common ones."""
    recipe = config["recipe"]
    phase = recipe["phase"]
    if phase == "fine_tune":
        return ("augment",)  # network, head and preprocessing come with the checkpoint it starts from
    groups: Keys = ("head", "backbone") if on_backbone(phase) else ("network",)
    return groups if phase in CACHE_PHASES else (*groups, "augment")


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


def start_of(recipe: Mapping[str, Any]) -> dict[str, str]:
    """What params.yaml must say of a recipe: {stage, from}, where ``from`` is images, feature_cache or
    recipes/<name>/model.
    """
    if recipe["family"] not in FAMILIES:
        raise UserError(
            f"conf/recipe/{recipe['name']}.yaml: recipe.family is {recipe['family']!r}; "
            f"it is one of {', '.join(FAMILIES)}"
        )
    if recipe["phase"] == "fine_tune":
        return {"stage": "fine_tune", "from": f"recipes/{recipe['starts_from'] or '<name>'}/model"}
    return {"stage": "train", "from": "feature_cache" if recipe["phase"] in CACHE_PHASES else "images"}


def check_start(recipe: Mapping[str, Any], item: Mapping[str, str]) -> str | None:
    """The recipe that this one starts from, as params.yaml says it in ``item``, {stage, from}. Raises UserError where
    that cannot be.
    """
    wanted, source = start_of(recipe), item["from"]
    parts = source.split("/")
    fine_tune = recipe["phase"] == "fine_tune"
    fits = len(parts) == 3 and parts[0] == "recipes" and parts[2] == "model" if fine_tune else source == wanted["from"]
    if not fits or item["stage"] != wanted["stage"]:
        raise UserError(
            f"params.yaml: recipes.{recipe['name']} says {{stage: {item['stage']}, from: {source}}}; "
            f"it must say {{stage: {wanted['stage']}, from: {wanted['from']}}}"
        )
    return parts[1] if fine_tune else None
