from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from warmstart.interpretation.activations.activation_sites import (
    ActivationSite,
    find_activation_sites,
    read_activation_maps,
    read_activations,
)
from warmstart.models.convnet import ConvNet
from warmstart.models.known_backbones import efficientnet_lite

EXAMPLE = torch.randn(2, 3, 40, 40, generator=torch.Generator().manual_seed(3))


def convnet(batch_norm: bool = False) -> ConvNet:
    torch.manual_seed(0)
    return ConvNet(size=40, channels=3, outputs=1, widths=[4, 6], dense=5, batch_norm=batch_norm, dropout=0.5)


class InPlace(nn.Module):
    """As torchvision builds VGG16 and ResNet: in-place rectifiers, one of them shared, an addition before the last."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.a, self.b, self.c = nn.Conv2d(3, 5, 3), nn.Conv2d(5, 5, 3, padding=1), nn.Conv2d(5, 4, 1)
        self.norm = nn.BatchNorm2d(5)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = self.relu(self.a(x))
        out = self.norm(self.b(first))
        out += first
        out = self.relu(out)
        out = self.c(out)
        out *= 2  # as a residual block adds to what its last convolution gave
        return torch.as_tensor(out.mean((1, 2, 3)))


@torch.no_grad()
def in_place_by_hand(net: InPlace, x: torch.Tensor) -> list[torch.Tensor]:
    first = net.a(x).relu()
    second = (net.norm(net.b(first)) + first).relu()
    return [first, second, net.c(second)]


def lite() -> nn.Module:
    torch.manual_seed(2)
    net: Any = efficientnet_lite().eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):  # else every map of a fresh network dies out
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.7)
    return net


def test_in_place_rectifiers_and_a_shared_one_are_read_right() -> None:
    net = InPlace().eval()
    sites = find_activation_sites(net, EXAMPLE[:1])
    assert [(site.name, site.activation) for site in sites] == [("a", "ReLU"), ("b", "ReLU"), ("c", None)]
    for got, expected in zip(read_activation_maps(net, EXAMPLE, sites), in_place_by_hand(net, EXAMPLE), strict=True):
        assert torch.equal(got, expected)


@torch.no_grad()
def test_lite0s_shared_rectifiers_are_told_apart_and_its_bottlenecks_are_linear() -> None:
    net: Any = lite()
    sites = find_activation_sites(net, EXAMPLE[:1])
    assert len(sites) == 49
    linear = [site.name for site in sites if site.activation is None]
    assert len(linear) == 16 and all(name.endswith(("conv_pwl", "blocks.0.0.conv_pw")) for name in linear)
    maps = dict(zip([site.name for site in sites], read_activation_maps(net, EXAMPLE, sites), strict=True))
    block = net.blocks[1][0]
    stem = functional.relu6(net.bn1(net.conv_stem(EXAMPLE)))
    inside = net.blocks[0](stem)
    expanded = functional.relu6(block.bn1(block.conv_pw(inside)))
    filtered = functional.relu6(block.bn2(block.conv_dw(expanded)))
    assert torch.equal(maps["conv_stem"], stem)
    assert torch.equal(maps["blocks.1.0.conv_pw"], expanded)
    assert torch.equal(maps["blocks.1.0.conv_dw"], filtered)
    assert torch.equal(maps["blocks.1.0.conv_pwl"], block.bn3(block.conv_pwl(filtered)))
    assert torch.equal(maps["conv_head"], net(EXAMPLE))


@pytest.mark.parametrize("batch_norm", [False, True])
def test_captum_reads_the_same(batch_norm: bool) -> None:
    from captum.attr import LayerActivation

    net = convnet(batch_norm).eval()
    sites = find_activation_sites(net, EXAMPLE[:1])
    assert [site.name for site in sites] == ["blocks.0.0", "blocks.1.0"]
    theirs = LayerActivation(net, [net.blocks[0][1], net.blocks[1][1]]).attribute(EXAMPLE)  # type: ignore[index]
    for ours, captums in zip(read_activation_maps(net, EXAMPLE, sites), theirs, strict=True):
        assert torch.equal(ours, captums)


@pytest.mark.parametrize("make", [convnet, InPlace, lite])
def test_reading_changes_nothing(make: type[nn.Module]) -> None:
    net = make().train()
    next(iter(net.children())).eval()  # a part that a frozen backbone keeps so
    modes = [module.training for module in net.modules()]
    state = {key: value.clone() for key, value in net.state_dict().items()}
    sites = find_activation_sites(net, EXAMPLE[:1])
    out = read_activations(net, EXAMPLE, sites, lambda _i, _values: None)
    assert [module.training for module in net.modules()] == modes
    assert all(torch.equal(value, state[key]) for key, value in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())
    assert not out.requires_grad
    with torch.no_grad():
        assert torch.equal(out, net.eval()(EXAMPLE))


def test_hooks_go_when_reading_fails() -> None:
    net = convnet().train()
    sites = find_activation_sites(net, EXAMPLE[:1])

    def fail(_i: int, _values: torch.Tensor) -> None:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        read_activations(net, EXAMPLE, sites, fail)
    assert net.training and not any(module._forward_hooks for module in net.modules())


def test_a_batch_norm_that_holds_its_rectifier_counts_as_one() -> None:
    from timm.layers import BatchNormAct2d

    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), BatchNormAct2d(4), nn.Conv2d(4, 2, 3), BatchNormAct2d(2, apply_act=False)
    ).eval()
    sites: list[ActivationSite] = find_activation_sites(net, EXAMPLE[:1])
    assert [site.activation for site in sites] == ["ReLU", None]
    first, second = read_activation_maps(net, EXAMPLE, sites)
    with torch.no_grad():
        assert torch.equal(first, net[:2](EXAMPLE)) and torch.equal(second, net(EXAMPLE))
    assert first.min() == 0 and second.min() < 0
