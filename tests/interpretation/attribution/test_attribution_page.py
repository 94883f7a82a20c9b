from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from finished_recipes import write_images, write_recipe
from warmstart.config.schema import Interpret
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.interpretation.attribution.attribution_page import write_attributions
from warmstart.interpretation.examples import read_examples
from warmstart.interpretation.subject import Subject
from warmstart.models.image_model import ImageModel

GALLERIES = ("right", "wrong", "confident_wrong", "conflict")


class Dense(nn.Module):
    """No convolution, so no feature map."""

    cam_layer = None

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Linear(16 * 16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.logits(x.flatten(1))
        return logits


def convnet(classes: tuple[str, ...], channels: int) -> ImageModel:
    torch.manual_seed(0)
    spec = {
        "kind": "convnet",
        "size": 16,
        "channels": channels,
        "outputs": 1 if len(classes) == 2 else len(classes),
        "widths": [4, 6],
    }
    preprocessing = Preprocessing(16, channels, "bilinear", (0.0,) * channels, (1.0,) * channels)
    return ImageModel.build(
        {**spec, "dense": 8, "batch_norm": False, "dropout": 0.0}, preprocessing, list(classes), {}
    ).eval()


def dense() -> ImageModel:
    return ImageModel(Dense(), {}, Preprocessing(16, 1, "bilinear", (0.0,), (1.0,)), ["a", "b", "c"]).eval()


def run(
    root: Path,
    model: ImageModel,
    classes: tuple[str, ...] = ("cat", "dog"),
    channels: int = 3,
    wrong: int = 12,
    **options: Any,
) -> dict[str, Any]:
    write_images(root, classes, channels=channels)
    predictions = (
        write_recipe(root, "scratch", "scratch", wrong=wrong, classes=classes) / "evaluate" / "predictions.csv"
    )
    chosen = Interpret(**{"images": 4, "maps": 20, **options})
    store, examples = ImageStore(root / "images"), read_examples(predictions)
    return write_attributions(Subject(model, "scratch", store, examples, chosen), root / "cam")


@pytest.mark.parametrize(("classes", "channels"), [(("cat", "dog"), 3), (("a", "b", "c"), 1)])
def test_galleries_mean_maps_and_statistics_are_written(
    tmp_path: Path, classes: tuple[str, ...], channels: int
) -> None:
    summary = run(tmp_path, convnet(classes, channels), classes, channels)
    assert summary["counts"] == {"test": 40, "test_wrong": 12, **dict.fromkeys(GALLERIES, 4)}
    statistics = json.loads((tmp_path / "cam" / "statistics.json").read_text())
    assert statistics["n"] == 20 and statistics["n_wrong"] + statistics["more_wrong"] == 12
    assert summary["statistics"]["finds_errors"] == statistics["finds_errors"] is not None
    arrays = np.load(tmp_path / "cam" / "maps.npz")
    assert arrays["mean_maps"].shape == (len(classes), 5, 5)
    for gallery in GALLERIES:
        assert Image.open(tmp_path / "cam" / f"{gallery}.png").width > 900
        assert arrays[f"{gallery}_maps"].shape == arrays[f"{gallery}_true_maps"].shape == (4, 5, 5)
    assert np.array_equal(arrays["right_maps"], arrays["right_true_maps"])
    said, true = arrays["wrong_maps"], arrays["wrong_true_maps"]
    assert np.abs(said).max() > 0
    assert np.array_equal(said, -true) is (len(classes) == 2)  # of two classes, what is for one is against the other


def test_the_conflict_gallery_begins_with_the_greatest(tmp_path: Path) -> None:
    run(
        tmp_path, convnet(("cat", "dog"), 3), images=9, layer="blocks.1.0"
    )  # before its ReLU, where maps have both signs
    manifest = json.loads((tmp_path / "cam" / "manifest.json").read_text())
    conflict = [p["conflict"] for p in manifest["pictures"] if p["gallery"] == "conflict"]
    assert conflict == sorted(conflict, reverse=True) and conflict[0] > conflict[-1]


def test_a_network_without_a_convolution_shows_photos_and_says_why(tmp_path: Path) -> None:
    summary = run(tmp_path, dense(), ("a", "b", "c"), 1)
    assert summary["layer"] is None and summary["statistics"] is None and "no convolution" in summary["no_statistics"]
    files = {path.name for path in (tmp_path / "cam").iterdir()}
    assert files == {"right.png", "wrong.png", "confident_wrong.png", "manifest.json"}
    pictures = json.loads((tmp_path / "cam" / "manifest.json").read_text())["pictures"]
    assert len(pictures) == 12 and pictures[0]["true"] == pictures[0]["predicted"]
    with pytest.raises(UserError, match="not maps"):
        run(tmp_path / "again", dense(), ("a", "b", "c"), 1, layer="logits")


@pytest.mark.parametrize("make", [lambda: convnet(("a", "b", "c"), 1), dense])
def test_a_network_that_went_astray_is_refused_before_any_picture(tmp_path: Path, make: Any) -> None:
    model = make()
    with torch.no_grad():
        next(model.network.parameters()).view(-1)[0] = float("nan")
    with pytest.raises(UserError, match="not numbers"):
        run(tmp_path, model, ("a", "b", "c"), 1)
    assert not (tmp_path / "cam").exists()


def test_a_dead_network_has_no_evidence_and_no_normalised_blank(tmp_path: Path) -> None:
    model = convnet(("cat", "dog"), 3)
    with torch.no_grad():
        model.network.logits.weight.zero_()  # type: ignore[union-attr,operator]
    summary = run(tmp_path, model)
    manifest = json.loads((tmp_path / "cam" / "manifest.json").read_text())
    assert not any(p["evidence"] or p["evidence_for_true"] for p in manifest["pictures"])
    assert summary["statistics"]["blank"] == 20 and summary["statistics"]["all"]["conflict"] is None
    panel = np.asarray(Image.open(tmp_path / "cam" / "right.png"))
    assert not ((panel[..., 0].astype(int) - panel[..., 2]) > 150)[:, 200:340].any()  # no red, no heat


def test_no_maps_wanted_no_statistics(tmp_path: Path) -> None:
    summary = run(tmp_path, convnet(("cat", "dog"), 3), maps=0)
    assert (
        summary["statistics"] is None
        and summary["no_statistics"] == "interpret.maps is 0"
        and summary["counts"]["conflict"] == 0
    )
    assert not (tmp_path / "cam" / "mean.png").exists() and not (tmp_path / "cam" / "statistics.json").exists()


def test_the_same_run_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    model = convnet(("cat", "dog"), 3)
    first, second = (run(tmp_path / name, model) for name in ("one", "two"))
    assert first == second
    for path in (tmp_path / "one" / "cam").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / "cam" / path.name).read_bytes()
