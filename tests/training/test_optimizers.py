"""An optimiser holds what the configuration says, key by key."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from warmstart.training.optimizers import TAKES, build_optimizer

from support import CHECKOUT, Configure
from warmstart.config.schema import Optimizer
from warmstart.errors import UserError

KEYS = ("lr", "alpha", "eps", "momentum", "weight_decay")
UNSET: dict[str, Any] = {"alpha": None, "eps": None, "momentum": None, "weight_decay": 0.0}


def held(options: dict[str, Any]) -> dict[str, Any]:
    return build_optimizer(Optimizer(**options), torch.nn.Linear(2, 1).parameters()).param_groups[0]


@pytest.mark.parametrize("value", [0.0, 0.125])
@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, takes in TAKES.items() for key in takes if key != "lr"]
)
def test_a_key_that_is_set_is_what_the_optimiser_holds_also_when_it_is_0(name: str, key: str, value: float) -> None:
    group = held({"name": name, "lr": 0.25, **UNSET, key: value})
    assert group[key] == value
    assert group["lr"] == 0.25


@pytest.mark.parametrize("name", TAKES)
def test_no_weight_decay_is_no_weight_decay_and_null_is_pytorchs_default(name: str) -> None:
    group = held({"name": name, "lr": 0.25, **UNSET})
    assert not group.get("weight_decay")
    default = getattr(torch.optim, name)(torch.nn.Linear(2, 1).parameters(), lr=0.25).param_groups[0]
    for key in ("alpha", "eps", "momentum"):
        assert group.get(key) == default.get(key)


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, takes in TAKES.items() for key in KEYS if key not in takes]
)
def test_a_key_that_the_optimiser_does_not_take_is_refused_by_name(name: str, key: str) -> None:
    with pytest.raises(UserError, match=rf"optimizer\.{key} .*{name}"):
        held({"name": name, "lr": 0.25, **UNSET, key: 0.5})


@pytest.mark.parametrize("option", sorted(path.stem for path in (CHECKOUT / "conf/optimizer").glob("*.yaml")))
@pytest.mark.parametrize("recipe", ["scratch", "linear_probe"])
def test_every_option_file_says_what_its_optimiser_holds(configure: Configure, recipe: str, option: str) -> None:
    options = configure(recipe, f"optimizer={option}")["optimizer"]
    group = held(options)
    for key in TAKES[options["name"]]:
        if options[key] is not None:
            assert group[key] == options[key], key
