"""What a stage is given is a dataclass, with the keys that it may read and no others."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any, get_type_hints

import pytest

from support import CHECKOUT, compose_config
from warmstart.config import stages
from warmstart.config.data_schema import Critters, Csv, Data
from warmstart.config.flatten import flatten
from warmstart.config.paths import BY_HAND
from warmstart.config.schema import ComputeOptions, Network, Trainer
from warmstart.config.stages import STAGES, EvaluateConfig, PrepareConfig, TrainConfig
from warmstart.config.tree import open_groups, source_class, without_none
from warmstart.config.typed import to_typed
from warmstart.config.views import CURVE_STAGE, DATA_STAGES, RECIPE_STAGES, view
from warmstart.errors import UserError

RECIPES = ("scratch", "features", "features_augmented", "fine_tune")
GIVEN_BY_COMPOSE = {
    "compare": {"recipes", "titles", "learning_curves"},
    "prepare": {"sizes"},
    "feature_extract": {"sizes"},
}
SIZES_BY_HAND = {"backbone.size"}


def keys_of(cls: Any, prefix: str = "") -> set[str]:
    """The dotted keys of a dataclass; the data of critters where it may be any."""
    found: set[str] = set()
    hints = get_type_hints(cls)
    for field in fields(cls):
        hint, key = without_none(hints[field.name])[0], f"{prefix}{field.name}"
        hint = Critters if hint is Data else hint
        found |= keys_of(hint, f"{key}.") if is_dataclass(hint) else {key}
    return found


def closed(keys: set[str]) -> set[str]:
    """The keys, with one for each group whose keys are arguments of classes."""
    return {group if (group := key.split(".")[0]) in open_groups() else key for key in keys}


@pytest.mark.parametrize("stage", [*DATA_STAGES, *RECIPE_STAGES, *CURVE_STAGE, "train"])
def test_a_stage_has_the_keys_that_compose_gives_it(stage: str) -> None:
    given: set[str] = set(GIVEN_BY_COMPOSE.get(stage, ()))
    for recipe in RECIPES:
        given |= set(flatten(view(compose_config(f"recipe={recipe}", "seeds=2"), stage)))
    if stage != "prepare":
        given |= SIZES_BY_HAND & keys_of(STAGES[stage])  # what they are filled in from; DVC gives the numbers
    by_hand = {key for key in keys_of(STAGES[stage]) if key.split(".")[0] in (*BY_HAND, "plain")}
    assert closed(keys_of(STAGES[stage]) - by_hand) == closed(given)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_an_entry_point_and_takes_a_whole_configuration(stage: str) -> None:
    assert (CHECKOUT / "pipelines" / f"{stage}.py").exists()
    config = to_typed(STAGES[stage], compose_config("recipe=features"))
    assert config.data.name == "critters"
    with pytest.raises(FrozenInstanceError):
        config.out_dir = "elsewhere"  # type: ignore[misc]


def test_values_are_those_of_the_configuration() -> None:
    plain = compose_config("recipe=scratch", "trainer.threads=3", "seed=4")
    config = to_typed(TrainConfig, plain)
    assert isinstance(config.trainer, Trainer) and config.trainer.threads == 3 and config.seed == 4
    assert isinstance(config.network, Network) and config.network.widths == plain["network"]["widths"]
    assert config.schedule.epochs == plain["schedule"]["epochs"] and config.debug.batches is None


def test_the_data_group_is_the_dataclass_of_its_source() -> None:
    assert isinstance(to_typed(PrepareConfig, compose_config("data=critters")).data, Critters)
    assert isinstance(to_typed(PrepareConfig, compose_config("data=csv")).data, Csv)
    assert source_class("csv") is Csv


def test_a_group_that_a_recipe_does_not_read_is_none() -> None:
    config = to_typed(TrainConfig, view(compose_config("recipe=features"), "train"))
    assert config.network is None and not config.augment
    assert config.backbone is not None and config.head is not None


def test_whole_numbers_are_numbers_and_a_missing_key_is_named() -> None:
    assert isinstance(to_typed(stages.Confidence, {"confidence": 1}).confidence, float)
    with pytest.raises(UserError, match=r"trainer\.precision is missing|evaluate is missing"):
        to_typed(EvaluateConfig, {"data": {"name": "x"}, "recipe": {"name": "y"}})
    assert to_typed(ComputeOptions, {}).precision == "auto"
