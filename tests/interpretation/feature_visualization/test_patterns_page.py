from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from support import compose_config, manifest_rows, typed_config
from warmstart.config.schema import Interpret
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.interpretation.feature_visualization.make_patterns import make_patterns, untrained_backbone
from warmstart.interpretation.feature_visualization.pattern_sheets import DEAD_GREY
from warmstart.interpretation.feature_visualization.patterns_page import write_patterns
from warmstart.models.checkpoint import save_model
from warmstart.models.image_model import ImageModel
from warmstart.records.pages import PatternsSummary

OPTIONS = Interpret(patterns=5, pattern_steps=8)
Models, Stores = Callable[..., ImageModel], Callable[..., ImageStore]


@pytest.mark.parametrize("channels", [3, 1])
def test_what_is_written(tmp_path: Path, make_model: Models, make_store: Stores, channels: int) -> None:
    store = make_store(channels)
    layers, compared = write_patterns(make_model(channels), "scratch", store, OPTIONS, tmp_path / "out")
    filed = json.loads((tmp_path / "out" / "patterns.json").read_text())
    assert filed["photos"] == 40 and filed["side"] == 64
    assert [layer["layer"] for layer in filed["layers"]] == ["blocks.0.0", "blocks.1.0", "blocks.2.0"]
    assert [layer["method"] for layer in filed["layers"]] == ["plain", "plain", "fourier"]
    assert [len(layer["tiles"]) for layer in filed["layers"]] == [4, 5, 5]
    for layer, short in zip(filed["layers"], layers, strict=True):
        assert Image.open(tmp_path / "out" / layer["file"]).size > (700, 100)
        assert short.layer == layer["layer"] and short.filters == len(layer["tiles"])
        living = [tile for tile in layer["tiles"] if not tile["dead"]]
        assert short.dead == len(layer["tiles"]) - len(living)
        assert short.reached == pytest.approx(np.median([tile["reached"] for tile in living]))
        assert short.recognisable == pytest.approx(np.mean([(t["kept"] or 0) >= 0.8 for t in layer["tiles"]]))
        for tile in living:
            assert tile["kept"] == (pytest.approx(tile["warped"] / tile["reached"]) if tile["reached"] >= 0.5 else None)
            assert 0 <= tile["fine"] <= 1
            assert len(tile["photos"]) == 4 == len({(p["split"], p["row"]) for p in tile["photos"]})
            assert all(p["path"] == manifest_rows(store, p["split"])[p["row"]]["path"] for p in tile["photos"])
    assert compared.layer == "blocks.2.0"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "patterns.json",
        "compare.png",
        *(f["file"] for f in filed["layers"]),
    }


def test_the_same_seed_leaves_the_same_bytes(tmp_path: Path, make_model: Models, make_store: Stores) -> None:
    store = make_store()
    for name in ("first", "second"):
        write_patterns(make_model(), "scratch", store, OPTIONS, tmp_path / name)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


def test_no_tile_is_blank_and_a_dead_one_says_so(tmp_path: Path, make_model: Models, make_store: Stores) -> None:
    model = make_model()
    with torch.no_grad():
        model.network.blocks[2][0].weight[1] = 0
    options = Interpret(patterns=4, pattern_steps=30, pattern_layers=["blocks.2"])
    layers, _ = write_patterns(model, "scratch", make_store(), options, tmp_path / "out")
    assert layers[0].dead == 1
    tiles = json.loads((tmp_path / "out" / "patterns.json").read_text())["layers"][0]["tiles"]
    assert [tile["dead"] for tile in tiles] == [not tile["photos"] for tile in tiles] == [False, True, False, False]
    sheet = np.asarray(Image.open(tmp_path / "out" / "blocks.2.0.png"))
    top = sheet.shape[0] - 16 - 112 - 6 - 17  # the only row of tiles
    shown = [sheet[top : top + 112, x : x + 112] for x in range(16, 16 + 8 * 118, 2 * 118)]
    grey = [np.mean(np.all(tile == DEAD_GREY, axis=2)) for tile in shown]
    assert 0.7 < grey[1] < 1 and all(share < 0.01 for i, share in enumerate(grey) if i != 1)
    assert all(tile.std() > 5 for tile in shown)


def test_damaged_weights_are_named(tmp_path: Path, make_model: Models, make_store: Stores) -> None:
    model = make_model()
    with torch.no_grad():
        model.network.blocks[1][0].weight[0, 0, 0, 0] = float("nan")
    with pytest.raises(UserError, match=r"blocks\.1\.0 .*not finite"):
        write_patterns(model, "scratch", make_store(), OPTIONS, tmp_path / "out")


def make(model_dir: Path, images: Path, out: Path, *overrides: str) -> PatternsSummary:
    composed = compose_config("interpret.pattern_steps=2", "interpret.patterns=2", *overrides)
    config = typed_config("patterns", composed)
    return make_patterns(config.interpret, untrained_backbone(config), model_dir, images, out)


def test_a_trained_recipe_on_demand(tmp_path: Path, make_model: Models, make_store: Stores) -> None:
    save_model(make_model(), tmp_path / "model" / "model.ckpt")
    summary = make(tmp_path / "model", make_store().folder, tmp_path / "out", "recipe=scratch")
    assert (summary.of, summary.name) == ("recipe", "scratch")
    assert PatternsSummary.read(tmp_path / "out" / "summary.json") == summary


def test_the_bare_backbone_where_nothing_is_trained(
    tmp_path: Path, make_store: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    store = make_store()
    chosen = ("recipe=features", "interpret.pattern_layers=[blocks.1]")
    with caplog.at_level("INFO"):
        summary = make(tmp_path / "none", store.folder, tmp_path / "out", *chosen)
    assert (summary.of, summary.name) == ("backbone", "efficientnet_lite0")
    assert "the filters of efficientnet_lite0 alone" in caplog.text
    assert (tmp_path / "out" / "blocks.1.1.conv_pw.png").exists()


@pytest.mark.parametrize("overrides", [("recipe=scratch",), ("recipe=features", "model_dir=elsewhere")])
def test_a_model_that_must_be_there_is_missed(tmp_path: Path, make_store: Stores, overrides: tuple[str, ...]) -> None:
    with pytest.raises(UserError, match="train the recipe first"):
        make(tmp_path / "none", make_store().folder, tmp_path / "out", *overrides)
    assert not (tmp_path / "out").exists()
