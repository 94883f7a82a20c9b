"""Looking at a network leaves no trace, however the looking ends."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from warmstart.models.hooks import eval_mode, forward_hooks, no_param_grad


def test_a_watched_network_is_left_as_it_was() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.ReLU())
    network[1].eval()
    network[0].weight.requires_grad_(False)
    modes = [module.training for module in network.modules()]
    learning = [parameter.requires_grad for parameter in network.parameters()]
    seen: list[nn.Module] = []

    def hook(module: nn.Module, _inputs: object, _output: torch.Tensor) -> None:
        seen.append(module)
        if module is network[2]:
            raise RuntimeError("enough")

    with (
        pytest.raises(RuntimeError, match="enough"),
        eval_mode(network),
        no_param_grad(network),
        forward_hooks((m, hook) for m in network),
    ):
        assert not any(module.training for module in network.modules())
        assert not any(parameter.requires_grad for parameter in network.parameters())
        network(torch.zeros(1, 2))
    assert seen == list(network)
    assert [module.training for module in network.modules()] == modes
    assert [parameter.requires_grad for parameter in network.parameters()] == learning
    network(torch.zeros(2, 2))
    assert len(seen) == 3
