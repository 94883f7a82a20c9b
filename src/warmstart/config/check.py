"""Whether a composed configuration is one that Warmstart can mean: its keys, types, ranges, and what values together
exclude.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.config.balance import check_balance
from warmstart.config.ranges import MOST, RANGES, Number, Words
from warmstart.config.seeds import check_seeds
from warmstart.config.tree import ABSENT, Leaf, source_class, walk
from warmstart.config.unknown import unknown_key
from warmstart.config.views import CACHE_PHASES, RANDOM_BACKBONE, SCRATCH_PHASES
from warmstart.errors import UserError
from warmstart.text.near_names import did_you_mean

_KINDS = {int: "a whole number", float: "a number"}


def check_config(config: Mapping[str, Any], *, whole: bool = True) -> None:
    """Refuse (UserError, one line that names the key) what the schema does not know, or what is out of range.

    config: resolved, as plain data. whole: whether every key of the schema must be there; false for what a stage under
    DVC is given.
    """
    data = config.get("data")
    source = source_class(data.get("source")) if isinstance(data, Mapping) else None
    for key, value, leaf in walk(config):
        if leaf is None:
            raise unknown_key(key, source)
        if value is not ABSENT:
            check_value(key, value, leaf)
        elif whole:
            raise UserError(f"{key} is missing from the configuration: {_remedy(key, data)}")
    _check_together(config)


def check_value(key: str, value: Any, leaf: Leaf) -> None:
    """Refuse (UserError) a value of another type than the key's, or out of its range."""
    allowed = RANGES.get(leaf.key)
    if not leaf.fits(value):
        raise UserError(f"{key} is {spelled(value)}; it is {leaf.words if leaf.listed else range_words(leaf)}")
    for item in value if leaf.listed and value is not None else [value]:
        if allowed is None or item is None or allowed.allows(item):
            continue
        what = f"{key} has {spelled(item)};" if leaf.listed else f"{key} is {spelled(item)}; it is"
        words = f"at most {MOST}" if isinstance(allowed, Number) and allowed.high == MOST < item else range_words(leaf)
        near = did_you_mean(str(item), map(str, allowed.choices)) if isinstance(allowed, Words) else ""
        hint = f"; {near}" if near else f" ({allowed.why})" if allowed.why else ""
        raise UserError(f"{what} {words}{hint}")


def range_words(leaf: Leaf) -> str:
    """What a key may be, for a person: ``a whole number, 1 or more, or null``."""
    allowed = RANGES.get(leaf.key)
    if allowed is None:
        return leaf.words
    kind = _KINDS.get(leaf.type, "") if isinstance(allowed, Number) and allowed.low < allowed.high else ""
    many = "each is " if leaf.listed else ""
    comma = ", " if kind and not allowed.words.startswith(("above", "from")) else " " if kind else ""
    return f"{many}{kind}{comma}{allowed.words}{', or null' if leaf.optional else ''}"


def spelled(value: Any) -> str:
    """A value as a person would type it; text in quotes."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return repr(value) if len(repr(value)) < 80 else repr(value)[:77] + "…"


def _remedy(key: str, data: Any) -> str:
    if key.startswith("data.") and isinstance(data, Mapping):
        file = f"conf/data/{data.get('name')}.yaml"
        return f"the defaults of {file} must begin with /schema/data/…@data, as those of conf/data/image_folder.yaml do"
    return "it must have a value"


def _check_together(config: Mapping[str, Any]) -> None:
    if config.get("balance"):
        check_balance(config["balance"])
    _check_ridge(config)
    if (config.get("learning_curve") or {}).get("shares") == []:
        raise UserError("learning_curve.shares is empty: name one share of the training images or more, such as 1.0")
    data = config.get("data")
    check_seeds(config.get("seed", 0), config.get("seeds"), data.get("folds") if isinstance(data, Mapping) else None)
    schedule, network, recipe = (config.get(group) or {} for group in ("schedule", "network", "recipe"))
    normalised = recipe.get("phase") in SCRATCH_PHASES and network.get("batch_norm")
    if schedule.get("batch_size") == 1 and (normalised or recipe.get("phase") == RANDOM_BACKBONE):
        raise UserError(
            f"schedule.batch_size is 1, but {recipe.get('name')} has batch norm, which needs 2 images or more to "
            f"compute a variance: set it to 2 or more{', or network.batch_norm to false' if normalised else ''}"
        )


def _check_ridge(config: Mapping[str, Any]) -> None:
    loss, recipe, head = (config.get(group) or {} for group in ("loss", "recipe", "head"))
    if loss.get("ridge", 0) is not None:
        return
    if recipe.get("phase") not in CACHE_PHASES or head.get("dense") is not None:
        raise UserError(
            "loss.ridge is null, but only a linear layer on cached features chooses its penalty (linear_probe): set it "
            "to a number"
        )
    if not loss.get("ridge_grid"):
        raise UserError(
            "loss.ridge is null: set it to a number, or loss.ridge_grid to a list of numbers to choose from"
        )
