from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from warmstart.config.schema import Backbone, Interpret
from warmstart.dataset.image_store import ImageStore
from warmstart.interpretation.feature_visualization.optimize import fine_share
from warmstart.interpretation.feature_visualization.patterns_page import FeatureVisualizer, feature_visualizer
from warmstart.models.image_model import ImageModel

OPTIONS = Interpret(patterns=4, pattern_steps=40)
Models, Stores = Callable[..., ImageModel], Callable[..., ImageStore]


def reached_over_photos(visualizer: FeatureVisualizer, method: str, at: int) -> np.ndarray:
    """How far each filter's pattern is above the most that a photo reaches, in standard deviations of photos."""
    choice = visualizer.layers[at]
    natural = visualizer.on_photos[choice.label]
    return np.array(
        [
            p.reached - natural.standardise(p.channel, float(natural.most[p.channel]))
            for p in visualizer.optimize(choice, method)
        ]
    )


@pytest.mark.parametrize(("method", "at"), [("plain", 0), ("fourier", 2)])
@pytest.mark.parametrize("channels", [3, 1])
def test_patterns_excite_filters_more_than_any_photo(
    make_model: Models, make_store: Stores, method: str, at: int, channels: int
) -> None:
    with feature_visualizer(
        make_model(channels), make_store(channels), replace(OPTIONS, pattern_steps=80)
    ) as visualizer:
        over = reached_over_photos(visualizer, method, at)
        assert all(p.picture.shape == (channels, 64, 64) for p in visualizer.optimize(visualizer.layers[at], method))
    assert len(over) == 4 and (over > 2).all()


def test_a_pattern_reaches_what_is_said(make_model: Models, make_store: Stores) -> None:
    model = make_model()
    with feature_visualizer(model, make_store(), OPTIONS) as visualizer:
        choice = visualizer.layers[2]
        pattern = visualizer.optimize(choice, "fourier")[3]
    pictures = torch.from_numpy(pattern.picture)[None]
    photos = torch.from_numpy(visualizer.photos.images)
    with torch.no_grad():
        answers = [model.network.blocks[:2](x) for x in ((pictures - model.mean) / model.std, model.normalise(photos))]
        own, natural = (model.network.blocks[2][0](a)[:, 3].double() for a in answers)
    spread = natural[::8].std(correction=0)
    own, natural = (
        torch.log1p(torch.exp(maps / spread)) for maps in (own[:, 1:-1, 1:-1], natural)
    )  # 12×12 has a border, 4×4 has none
    own, natural = own.mean((1, 2)), natural.mean((1, 2))
    assert pattern.reached == pytest.approx(float((own[0] - natural.mean()) / natural.std(correction=0)), rel=1e-3)


def test_a_dead_filter_is_marked_and_the_others_are_not(make_model: Models, make_store: Stores) -> None:
    model = make_model()
    with torch.no_grad():
        model.network.blocks[1][0].weight[2] = 0  # answers the same to everything
    with feature_visualizer(model, make_store(), OPTIONS) as visualizer:
        for method in ("plain", "fourier"):
            patterns = visualizer.optimize(visualizer.layers[1], method)
            assert [p.dead for p in patterns] == [False, False, True, False]
            assert [p.kept is None for p in patterns] == [False, False, True, False]


def test_a_start_without_gradient_is_tried_again(
    make_model: Models, make_store: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    import warmstart.interpretation.feature_visualization.optimize as optimize

    tried: list[list[int]] = []
    real = optimize.pixel_ascent

    def fails_first(score, channels, *rest, **options):  # type: ignore[no-untyped-def]
        tried.append(channels.tolist())
        pictures, moved = real(score, channels, *rest, **options)
        return pictures, moved & torch.tensor([len(tried) > 1 or channel != 1 for channel in channels.tolist()])

    monkeypatch.setattr(optimize, "pixel_ascent", fails_first)
    with feature_visualizer(make_model(), make_store(), OPTIONS) as visualizer:
        patterns = visualizer.optimize(visualizer.layers[0], "plain")
    assert tried == [[0, 1, 2, 3], [1]] and not any(p.dead for p in patterns)


@pytest.mark.parametrize("method", ["plain", "fourier"])
def test_a_seed_decides_and_company_does_not(make_model: Models, make_store: Stores, method: str) -> None:
    model, store = make_model(), make_store()

    def pictures(options: Interpret, microbatch: int = 16) -> np.ndarray:
        with feature_visualizer(model, store, options) as visualizer:
            visualizer.settings = replace(visualizer.settings, microbatch=microbatch)
            return np.stack([p.picture for p in visualizer.optimize(visualizer.layers[1], method)])

    first = pictures(OPTIONS)
    assert np.array_equal(first, pictures(OPTIONS))
    assert np.abs(first - pictures(replace(OPTIONS, seed=1))).max() > 0.05
    np.testing.assert_allclose(first, pictures(OPTIONS, microbatch=3), atol=0.05)
    np.testing.assert_allclose(first[:2], pictures(replace(OPTIONS, patterns=2)), atol=0.05)


def test_regularised_patterns_survive_a_warp_and_plain_ones_do_not(make_store: Stores) -> None:
    from warmstart.interpretation.feature_visualization.make_patterns import load_backbone

    store = make_store()
    spec = Backbone("efficientnet_lite0", "embedded")
    options = replace(OPTIONS, pattern_steps=24, pattern_layers=["blocks.3"])
    with feature_visualizer(load_backbone(spec, store), store, options) as visualizer:
        kept = {
            way: np.mean([p.kept for p in visualizer.optimize(visualizer.layers[0], way) if p.kept is not None])
            for way in ("plain", "fourier")
        }
    assert kept["fourier"] > kept["plain"] + 0.2


def test_the_network_is_left_as_it_was(make_model: Models, make_store: Stores) -> None:
    model = make_model().train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    with feature_visualizer(model, make_store(), OPTIONS) as visualizer:
        visualizer.optimize(visualizer.layers[2], "fourier", 1)
    assert all(module.training for module in model.modules())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_fine_detail() -> None:
    stripes = np.zeros((3, 32, 32), dtype=np.float32)
    stripes[:, ::2] = 1
    assert fine_share(stripes) == pytest.approx(1)
    coarse = np.sin(np.arange(32) / 32 * 2 * np.pi)[None, :, None] * np.ones((3, 1, 32))
    assert fine_share(coarse) < 1e-6 and fine_share(np.full((1, 8, 8), 0.5)) == 0
