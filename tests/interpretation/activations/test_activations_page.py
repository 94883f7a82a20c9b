from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from finished_recipes import write_images, write_recipe
from warmstart.config.schema import Interpret
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.interpretation.activations.activations_page import write_activations
from warmstart.interpretation.examples import Example, read_examples
from warmstart.interpretation.subject import Subject
from warmstart.models.image_model import ImageModel


@pytest.fixture
def given(tmp_path: Path) -> tuple[ImageStore, list[Example]]:
    write_images(tmp_path)
    recipe = write_recipe(tmp_path, "scratch", "scratch", wrong=5)
    return ImageStore(tmp_path / "images"), read_examples(recipe / "evaluate" / "predictions.csv")


def make(kind: str = "convnet") -> ImageModel:
    small = {
        "kind": "convnet",
        "size": 16,
        "channels": 3,
        "outputs": 1,
        "widths": [4, 6],
        "dense": 8,
        "batch_norm": False,
        "dropout": 0.0,
    }
    transfer = {
        "kind": "transfer",
        "backbone": "efficientnet_lite0",
        "size": 16,
        "outputs": 1,
        "pool": "avg",
        "dense": None,
        "dropout": 0.0,
    }
    torch.manual_seed(0)
    preprocessing = Preprocessing(16, 3, "bilinear", (0.5,) * 3, (0.5,) * 3)
    return ImageModel.build(
        small if kind == "convnet" else transfer, preprocessing, ["cat", "dog"], {"recipe": "scratch"}
    ).eval()


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_every_convolution_of_a_small_network_has_its_picture_and_figures(
    given: tuple[ImageStore, list[Example]], tmp_path: Path
) -> None:
    model = make()
    facts = write_activations(Subject(model, "scratch", *given, Interpret()), tmp_path / "a")
    written = files(tmp_path / "a")
    pictures = {"overview.png", "sparsity.png", "top_photos.png", "layers/blocks.0.0.png", "layers/blocks.1.0.png"}
    assert set(written) == pictures | {"activations.json"}
    for name in pictures:
        image = Image.open(tmp_path / "a" / name)
        assert image.width >= 480 and len(image.convert("RGB").getcolors(1 << 20)) > 8, name  # type: ignore[arg-type]
    filed = json.loads(written["activations.json"])
    assert [layer["channels"] for layer in filed["layers"]] == [4, 6] and facts["photos"] == 40 == filed["photos"]
    with torch.no_grad():
        store = given[0]
        x = model.normalise(torch.from_numpy(np.array(store.images("test"))))
        maps = model.network.blocks[0][:2](x)  # type: ignore[index,operator]
    first = filed["layers"][0]
    assert first["off"]["value"] == pytest.approx(float((maps == 0).float().mean()), abs=1e-6)
    assert first["off"]["low"] <= first["off"]["value"] <= first["off"]["high"] and first["off"]["n"] == 40
    assert first["dead"]["channels"] == int((maps == 0).flatten(2).all(dim=2).all(dim=0).sum())
    assert filed["photo"]["row"] == min(e.row for e in given[1] if e.label == e.predicted)
    best = filed["top_photos"][0]
    means = maps[:, best["channel"]].mean((1, 2)).numpy()
    assert [photo["row"] for photo in best["photos"]] == np.argsort(-means, kind="stable")[:6].tolist()
    write_activations(Subject(model, "scratch", *given, Interpret(batch_size=7)), tmp_path / "b")
    again = files(tmp_path / "b")
    assert {name: again[name] for name in ("overview.png", "layers/blocks.0.0.png")} == {
        name: written[name] for name in ("overview.png", "layers/blocks.0.0.png")
    }
    write_activations(Subject(model, "scratch", *given, Interpret()), tmp_path / "c")
    assert files(tmp_path / "c") == written


def test_a_deep_network_has_one_picture_a_block_and_all_its_layers_in_the_table(
    given: tuple[ImageStore, list[Example]], tmp_path: Path
) -> None:
    facts = write_activations(Subject(make("transfer"), "features", *given, Interpret()), tmp_path / "a")
    layers = json.loads((tmp_path / "a" / "activations.json").read_text())["layers"]
    assert len(layers) == 49 == facts["layers"] and facts["counted"] == 33
    assert (
        sum(layer["picture"] is not None for layer in layers) == 9 == len(list((tmp_path / "a" / "layers").iterdir()))
    )
    linear = [layer for layer in layers if layer["activation"] is None]
    assert len(linear) == 16 and all(layer["off"] is layer["dead"] is layer["silent"] is None for layer in linear)


def test_a_network_without_a_convolution_says_so(given: tuple[ImageStore, list[Example]], tmp_path: Path) -> None:
    model = make()
    model.network = nn.Sequential(nn.Flatten(), nn.Linear(768, 4), nn.ReLU(), nn.Linear(4, 1))
    facts = write_activations(Subject(model, "dense", *given, Interpret()), tmp_path / "a")
    assert facts["layers"] == 0 and "no convolution" in facts["note"]
    assert set(files(tmp_path / "a")) == {"activations.json"}
