"""Groups of parameters: which decay, and which learn at which rate."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from support import compose_config
from warmstart.config.schema import Head, Network, ParamGroups
from warmstart.errors import UserError
from warmstart.models.build import build_network, network_spec
from warmstart.training.param_groups import block_of, build_optimizer

LR, DECAY = 0.1, 0.05
ADAMW = partial(torch.optim.AdamW, lr=LR, weight_decay=DECAY)


@pytest.fixture(scope="module")
def transfer() -> nn.Module:
    """A head on the embedded backbone, everything trained."""
    spec = network_spec(Head("avg", dense=8), backbone="efficientnet_lite0", size=48, channels=3, n_classes=2)
    network = build_network(spec)
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    return network


def held(network: nn.Module, options: ParamGroups, factory: Any = ADAMW) -> dict[str, dict[str, Any]]:
    """The group of each parameter, by name."""
    groups = build_optimizer(factory, network, options).param_groups
    by_id = {id(parameter): group for group in groups for parameter in group["params"]}
    return {name: by_id[id(parameter)] for name, parameter in network.named_parameters() if id(parameter) in by_id}


def test_one_group_is_the_default(transfer: nn.Module) -> None:
    assert len(build_optimizer(ADAMW, transfer, ParamGroups()).param_groups) == 1
    assert ParamGroups(**compose_config()["param_groups"]) == ParamGroups()


def test_every_trainable_parameter_is_in_one_group(transfer: nn.Module) -> None:
    groups = build_optimizer(ADAMW, transfer, ParamGroups(no_decay=True, layer_decay=0.5, head_lr=1.0)).param_groups
    every = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(every) == sorted(map(id, transfer.parameters()))


def test_biases_and_norms_do_not_decay(transfer: nn.Module) -> None:
    norms = {
        f"{name}.{own}"
        for name, module in transfer.named_modules()
        if isinstance(module, nn.BatchNorm2d)
        for own, _ in module.named_parameters(recurse=False)
    }
    assert norms
    for name, group in held(transfer, ParamGroups(no_decay=True)).items():
        assert group["weight_decay"] == (0.0 if name in norms or name.endswith("bias") else DECAY), name
        assert group["lr"] == LR


def test_each_block_learns_more_slowly_than_the_next(transfer: nn.Module) -> None:
    groups = held(transfer, ParamGroups(layer_decay=0.5))
    blocks = list(dict.fromkeys(block_of(name) for name in groups if name.startswith("backbone.")))
    assert len(blocks) > 7
    for name, group in groups.items():
        before = len(blocks) - blocks.index(block_of(name)) if name.startswith("backbone.") else 0
        assert group["lr"] == pytest.approx(LR * 0.5**before), name
        assert group["lr_scale"] == pytest.approx(0.5**before)


def test_the_head_has_a_rate_of_its_own(transfer: nn.Module) -> None:
    for name, group in held(transfer, ParamGroups(head_lr=0.7)).items():
        assert group["lr"] == pytest.approx(LR if name.startswith("backbone.") else 0.7), name
        assert group["lr"] == pytest.approx(LR * group["lr_scale"])


def test_in_a_convnet_the_output_layer_is_the_head() -> None:
    network = build_network(network_spec(Network([4], dense=4), size=16, channels=3, n_classes=2))
    groups = held(network, ParamGroups(head_lr=0.7))
    assert {name for name, group in groups.items() if group["lr"] == pytest.approx(0.7)} == {
        "logits.weight",
        "logits.bias",
    }


def test_parameters_that_are_frozen_are_left_out(transfer: nn.Module) -> None:
    frozen = build_network(
        network_spec(Head("avg", dense=8), backbone="efficientnet_lite0", size=48, channels=3, n_classes=2)
    )
    for options in (ParamGroups(), ParamGroups(no_decay=True, layer_decay=0.5)):
        assert set(held(frozen, options)) == {n for n, each in frozen.named_parameters() if each.requires_grad}


def test_an_optimizer_without_groups_is_refused(transfer: nn.Module) -> None:
    with pytest.raises(UserError, match=r"param_groups: .*choose param_groups=one"):
        build_optimizer(partial(torch.optim.LBFGS, lr=1), transfer, ParamGroups(no_decay=True))
    assert build_optimizer(partial(torch.optim.LBFGS, lr=1), transfer, ParamGroups())


@pytest.mark.parametrize("options", [ParamGroups(), ParamGroups(no_decay=True)])
def test_nothing_to_train_is_refused(options: ParamGroups) -> None:
    layer = nn.Linear(2, 1)
    layer.requires_grad_(False)
    with pytest.raises(UserError, match=r"nothing of the network is trained: recipe\.unfreeze"):
        build_optimizer(ADAMW, layer, options)
