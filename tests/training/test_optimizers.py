"""An optimizer holds what its option file says, key by key."""

from __future__ import annotations

from typing import Any

import pytest
import timm.optim
import torch

from support import CHECKOUT, Configure, training_parts
from warmstart.config.schema import ParamGroups
from warmstart.config.target import TARGET
from warmstart.training.param_groups import build_optimizer

OPTIONS = sorted(path.stem for path in (CHECKOUT / "conf/optimizer").glob("*.yaml"))
OF_TIMM = ("Lamb", "Lion", "AdamP", "MADGRAD", "NAdamLegacy", "SGDP")


def groups(config: dict[str, Any]) -> list[dict[str, Any]]:
    options = ParamGroups(**config["param_groups"])
    return build_optimizer(training_parts(config).optimizer, torch.nn.Linear(2, 1), options).param_groups


def check_held(config: dict[str, Any]) -> None:
    """Every argument of the option file is what each group holds."""
    for group in groups(config):
        for key, value in config["optimizer"].items():
            if key != TARGET:
                held = group[key]
                assert (list(held) if isinstance(held, tuple) else held) == value, key


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("recipe", ["scratch", "linear_probe"])
def test_every_option_file_says_what_its_optimizer_holds(configure: Configure, recipe: str, option: str) -> None:
    config = configure(recipe, f"optimizer={option}")
    check_held(config)
    path = config["optimizer"][TARGET]
    assert type(training_parts(config).optimizer([torch.zeros(1, requires_grad=True)])) is getattr(
        torch.optim, path.rpartition(".")[2]
    )


@pytest.mark.parametrize("option", [option for option in OPTIONS if option != "lbfgs"])
@pytest.mark.parametrize("value", [0.0, 0.125])
def test_a_key_from_the_command_line_is_held_also_when_it_is_0(configure: Configure, option: str, value: float) -> None:
    config = configure("scratch", f"optimizer={option}", f"optimizer.weight_decay={value}", "optimizer.lr=0.25")
    assert config["optimizer"]["weight_decay"] == value
    check_held(config)
    assert {group["weight_decay"] for group in groups(config)} == {value}


@pytest.mark.parametrize("name", OF_TIMM)
def test_every_optimizer_of_timm_may_be_named(configure: Configure, name: str) -> None:
    config = configure(
        "scratch", f"optimizer._target_=timm.optim.{name}", "~optimizer.alpha", "~optimizer.eps", "optimizer.lr=0.01",
        "optimizer.weight_decay=0.0",
    )  # fmt: skip
    check_held(config)
    assert isinstance(training_parts(config).optimizer([torch.zeros(1, requires_grad=True)]), getattr(timm.optim, name))


def test_what_is_not_named_is_pytorchs_default(configure: Configure) -> None:
    config = configure("scratch", "optimizer=adamw")
    default = torch.optim.AdamW([torch.zeros(1, requires_grad=True)]).param_groups[0]
    (group,) = groups(config)
    assert {key: group[key] for key in ("betas", "eps", "amsgrad")} == {
        key: default[key] for key in ("betas", "eps", "amsgrad")
    }
