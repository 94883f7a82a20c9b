"""Sparsity, dead channels, trends with depth, and what is shown of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from warmstart.interpretation.activations.activation_sites import (
    ActivationSite,
    find_activation_sites,
    is_gate,
    shown_layers,
    strongest_channels,
)
from warmstart.interpretation.activations.channel_images import PALETTE, channel_pixels
from warmstart.interpretation.activations.sparsity import measure_sparsity, with_depth
from warmstart.interpretation.conv_layers import ConvLayer
from warmstart.interpretation.examples import Example, most_confident_right, spread_rows

IMAGES = np.random.default_rng(0).integers(0, 256, (11, 9, 9, 3), dtype=np.uint8)


class Model(nn.Module):
    """As much of an ImageModel as the survey needs: one convolution whose first channel is dead."""

    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.network = nn.Sequential(nn.Conv2d(3, 4, 3), activation, nn.Conv2d(4, 2, 1))
        with torch.no_grad():
            self.network[0].bias[0] = -100  # type: ignore[index]

    def normalise(self, images: torch.Tensor) -> torch.Tensor:
        return images.permute(0, 3, 1, 2).float() / 127.5 - 1


def seen(activation: nn.Module, batch_size: int = 4, **options: Any) -> tuple[Any, np.ndarray]:
    model = Model(activation)
    sites = find_activation_sites(model.network, model.normalise(torch.from_numpy(IMAGES[:1])))
    with torch.no_grad():
        maps = model.network[:2](model.normalise(torch.from_numpy(IMAGES))).numpy()
    return measure_sparsity(model, IMAGES, range(len(IMAGES)), sites, {0: [1, 3]}, batch_size, **options), maps


def test_sparsity_is_counted_photo_by_photo_whatever_the_batch() -> None:
    found, maps = seen(nn.ReLU())
    assert found.off[0] == pytest.approx((maps == 0).mean(axis=(1, 2, 3)))
    assert found.silent[0] == pytest.approx((maps == 0).all(axis=(2, 3)).mean(axis=1))
    assert found.dead[0].tolist() == [True, False, False, False] and found.threshold[0] == 0
    whole = seen(nn.ReLU(), batch_size=64)[0]
    assert found.off == pytest.approx(whole.off) and found.top[0].rows.tolist() == whole.top[0].rows.tolist()


def test_a_channel_that_one_early_photo_wakes_is_not_dead() -> None:
    model = Model(nn.ReLU())
    with torch.no_grad():
        model.network[0].weight[1], model.network[0].bias[1] = 1.0, -26.0  # type: ignore[index]
    images = IMAGES // 2
    images[0] = 255
    sites = find_activation_sites(model.network, model.normalise(torch.from_numpy(images[:1])))
    found = measure_sparsity(model, images, range(len(images)), sites, {}, 4)
    assert found.dead[0].tolist()[:2] == [True, False]


def test_where_zero_is_never_reached_off_is_small_beside_the_layer() -> None:
    found, maps = seen(nn.SiLU(), batch_size=64)
    limit = 0.01 * np.sqrt((maps.astype(np.float64) ** 2).mean())
    assert found.threshold[0] == pytest.approx(limit, rel=1e-5)
    assert found.off[0] == pytest.approx((maps <= limit).mean(axis=(1, 2, 3)), abs=0.02)
    assert 0.25 < found.off[0].mean() < 1 and found.dead[0].tolist() == [True, False, False, False]


def test_top_photos_are_those_of_the_largest_mean() -> None:
    found, maps = seen(nn.ReLU(), k=3)
    for place, channel in enumerate(found.top[0].channels):
        means = maps[:, channel].mean(axis=(1, 2))
        order = np.argsort(-means)[:3]
        assert found.top[0].rows[place].tolist() == order.tolist()
        assert found.top[0].scores[place] == pytest.approx(means[order], rel=1e-5)


def test_rows_are_spread_over_the_split() -> None:
    assert spread_rows(5, 256) == [0, 1, 2, 3, 4] and spread_rows(0, 256) == []
    rows = spread_rows(1000, 256)
    assert len(set(rows)) == 256 and rows[0] == 0 and rows[-1] == 999 and max(np.diff(rows)) <= 4


def test_the_trend_is_scipys_spearman_and_said_only_where_chance_is_unlikely() -> None:
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    for values in ([0.1, 0.2, 0.2, 0.9, 0.7], list(rng.random(20)), list(np.arange(30) + 5 * rng.normal(size=30))):
        found = with_depth(values)
        theirs = spearmanr(range(len(values)), values)
        assert found and found.spearman == pytest.approx(theirs.statistic) and found.n == len(values)
        if len(values) > 7:
            assert found.p == pytest.approx(theirs.pvalue, abs=0.02)
    verdicts = [with_depth(v) for v in ([1, 2, 3, 4], [4, 3, 2, 1], [1, 3, 2, 4, 1])]
    assert [v and v.verdict for v in verdicts] == [
        "rises with depth",
        "falls with depth",
        "no clear trend with depth",
    ]
    assert verdicts[0] and verdicts[0].p == pytest.approx(2 / 24)
    assert with_depth([1, 2]) is None and with_depth([0.5] * 6) is None


def site(name: str, side: int = 4, activation: str | None = "ReLU") -> ActivationSite:
    module: Any = SimpleNamespace()
    return ActivationSite(ConvLayer(name, module, name, module, 8, side, side), activation, (module, 0))


def test_few_layers_are_all_shown_and_of_many_the_last_of_each_block_that_is_rectified() -> None:
    assert shown_layers([site(f"blocks.{i}.0") for i in range(4)]) == [0, 1, 2, 3]
    names = ["stem", *(f"blocks.{b}.{i}.{part}" for b in range(5) for i in range(3) for part in ("dw", "pwl")), "head"]
    many = [site(f"backbone.trunk.{name}", activation=None if name.endswith("pwl") else "ReLU6") for name in names]
    shown = [many[i].name for i in shown_layers(many)]
    assert shown == ["stem", *(f"blocks.{b}.2.dw" for b in range(5)), "head"]
    flat = shown_layers([site(str(i)) for i in range(40)])
    assert len(flat) == 16 and flat[0] == 0 and flat[-1] == 39


def test_a_gate_is_no_layer_to_show() -> None:
    sites = [site("a", 8), site("se.reduce", 1), site("se.expand", 1), site("b", 8), site("last", 1)]
    assert [is_gate(sites, i) for i in range(5)] == [False, True, True, False, False]
    assert shown_layers(sites) == [0, 3, 4]


def test_the_photo_is_a_confident_right_one() -> None:
    def example(row: int, p: float, right: bool) -> Example:
        return Example("test", row, f"{row}.jpg", 0, 0 if right else 1, p, p if right else 1 - p, 0.1)

    assert (
        most_confident_right(
            [example(0, 0.99, False), example(1, 0.8, True), example(2, 0.9, True), example(3, 0.9, True)]
        ).row
        == 2
    )
    assert most_confident_right([example(0, 0.7, False), example(1, 0.99, False)]).row == 1


def test_the_strongest_channels_vary_inside_the_map() -> None:
    maps = np.zeros((5, 20, 20), dtype=np.float32)
    maps[0] = 6  # on everywhere
    maps[1, 8:12, 8:12] = 1
    maps[2, 5:15, 5:15] = 3
    maps[3, 0] = 9  # the padding's rim
    assert strongest_channels(maps, 3) == [2, 1, 0]
    assert strongest_channels(np.array([[[1.0]], [[3.0]]]), 2) == [1, 0]


def test_a_channels_colours_run_from_zero_to_its_own_largest() -> None:
    maps = np.zeros((3, 2, 2), dtype=np.float32)
    maps[0, 0, 0], maps[1, 1, 1], maps[1, 0, 1] = 1e-3, 5, -4
    pixels = channel_pixels(maps, 4)
    assert pixels.shape == (3, 4, 4, 3)
    assert (pixels[0, :2, :2] == PALETTE[255]).all() and (pixels[0, 2:] == PALETTE[0]).all()
    assert (pixels[1, 2:, 2:] == PALETTE[255]).all() and (pixels[1, :2, 2:] == PALETTE[0]).all()
    assert (pixels[2] == PALETTE[0]).all()  # silent
    signed = channel_pixels(maps, 4, signed=True).astype(int)
    assert signed[1, 3, 3, 0] > signed[1, 3, 3, 2] + 50 and signed[1, 0, 3, 2] > signed[1, 0, 3, 0] + 50
    assert (signed[2] == signed[2, 0, 0, 0]).all()
