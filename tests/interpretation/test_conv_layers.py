from __future__ import annotations

import pytest
import torch
from torch import nn

from warmstart.interpretation.conv_layers import ConvLayer, conv_layers, input_gradients, layer_output, read_layers

IMAGES = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))


class Network(nn.Module):
    """Two convolutions, each with something after it that spoils its output, and a dense layer that fixes the size."""

    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 5, 3), norm
        self.second, self.act = nn.Conv2d(5, 4, 3), nn.ReLU(inplace=True)
        self.dense = nn.Linear(4 * 12 * 12, 2)
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.act(self.second(self.norm(self.first(x))))
        self.calls += 1
        out: torch.Tensor = self.dense(x.flatten(1))
        return out


def network_with(norm: nn.Module) -> tuple[Network, list[ConvLayer]]:
    torch.manual_seed(0)
    network = Network(norm).eval()
    norm.running_mean.normal_()  # type: ignore[operator,union-attr]
    return network, conv_layers(network, IMAGES[:1])


def test_the_answer_is_before_the_activation_in_place() -> None:
    network, layers = network_with(nn.BatchNorm2d(5))
    expected = network.second(network.norm(network.first(IMAGES)))
    seen: dict[str, torch.Tensor] = {}
    read_layers(network, {"second": layers[1]}, IMAGES, lambda key, answer: seen.update({key: answer}))
    torch.testing.assert_close(seen["second"], expected)
    assert expected.min() < 0


def test_the_answer_is_before_an_activation_fused_into_the_norm() -> None:
    from timm.layers import BatchNormAct2d

    network, layers = network_with(BatchNormAct2d(5))
    assert layers[0].readout is network.norm
    activation = network.norm.act
    answers: dict[str, torch.Tensor] = {}
    read_layers(
        network,
        {"norm": layers[0], "second": layers[1]},
        IMAGES,
        lambda key, answer: answers.update({key: answer.clone()}),
    )
    before = nn.functional.batch_norm(
        network.first(IMAGES), network.norm.running_mean, network.norm.running_var, eps=network.norm.eps
    )
    torch.testing.assert_close(answers["norm"], before)
    assert answers["norm"].min() < 0
    torch.testing.assert_close(
        answers["second"], network.second(before.relu())
    )  # what follows still gets the activation
    assert network.norm.act is activation and not network.norm._forward_hooks


def test_the_network_stops_at_the_layer_so_any_size_does() -> None:
    network, layers = network_with(nn.BatchNorm2d(5))
    calls = network.calls
    assert layer_output(network, layers[1], torch.randn(2, 3, 40, 40)).shape == (2, 4, 36, 36)
    assert network.calls == calls


def test_an_error_inside_the_network_is_not_swallowed_and_leaves_no_hooks() -> None:
    network, layers = network_with(nn.BatchNorm2d(5))
    with pytest.raises(RuntimeError):
        layer_output(network, layers[1], torch.randn(1, 4, 16, 16))
    assert not layers[1].readout._forward_hooks


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_observing_leaves_the_network_as_it_was(context: type) -> None:
    network, layers = network_with(nn.BatchNorm2d(5))
    network.train()
    network.norm.eval()
    network.first.requires_grad_(False)
    with context(), input_gradients(network):
        assert not network.training and not network.second.weight.requires_grad
        images = torch.randn(1, 3, 16, 16, requires_grad=True)
        torch.autograd.grad(layer_output(network, layers[1], images).sum(), images)
    assert network.training and network.second.training and not network.norm.training
    assert network.second.weight.requires_grad and not network.first.weight.requires_grad
