from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from finished_recipes import write_images, write_recipe
from warmstart.config.schema import Interpret
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.interpretation.interpret import interpret
from warmstart.models.checkpoint import save_model
from warmstart.models.image_model import ImageModel

GALLERIES = ("right", "wrong", "confident_wrong", "conflict")


def make(
    root: Path,
    classes: tuple[str, ...] = ("cat", "dog"),
    channels: int = 3,
    wrong: int = 5,
    widths: tuple[int, ...] = (4, 6),
) -> Path:
    write_images(root, classes, channels=channels)
    folder = write_recipe(root, "scratch", "scratch", wrong=wrong, classes=classes)
    outputs = 1 if len(classes) == 2 else len(classes)
    spec = {"kind": "convnet", "size": 16, "channels": channels, "outputs": outputs, "widths": list(widths), "dense": 8}
    preprocessing = Preprocessing(16, channels, "bilinear", (0.0,) * channels, (1.0,) * channels)
    model = ImageModel.build(
        {**spec, "batch_norm": False, "dropout": 0.0}, preprocessing, list(classes), {"recipe": "scratch"}
    )
    save_model(model, folder / "model" / "model.ckpt")
    return folder


def run(folder: Path, **options: Any) -> Path:
    interpret(
        folder / "model", folder.parents[1] / "images", folder / "evaluate", folder / "interpret", Interpret(**options)
    )
    return folder / "interpret"


@pytest.mark.parametrize(("classes", "channels"), [(("cat", "dog"), 3), (("a", "b", "c"), 1)])
def test_the_stage_leaves_its_files(tmp_path: Path, classes: tuple[str, ...], channels: int) -> None:
    out = run(make(tmp_path, classes, channels), images=4)
    summary = json.loads((out / "summary.json").read_text())
    assert summary["counts"] == {
        "test": 40,
        "test_wrong": 5,
        "right": 4,
        "wrong": 4,
        "confident_wrong": 4,
        "conflict": 4,
    }
    assert summary["layer"] == "blocks.1.1" and summary["map"] == [5, 5]
    assert {"kernels": 4, "channels": channels, "height": 3, "width": 3}.items() <= summary["first_conv"].items()
    manifest = json.loads((out / "cam" / "manifest.json").read_text())
    assert [p["gallery"] for p in manifest["pictures"]] == [g for g in GALLERIES for _ in range(4)]
    arrays = np.load(out / "cam" / "maps.npz")
    for gallery in GALLERIES:
        assert Image.open(out / "cam" / f"{gallery}.png").width > 1000
        filed = [p for p in manifest["pictures"] if p["gallery"] == gallery]
        assert arrays[f"{gallery}_maps"].shape == (4, 5, 5) and arrays[f"{gallery}_maps"].dtype == np.float32
        assert arrays[f"{gallery}_rows"].tolist() == [p["row"] for p in filed]
        assert all(p["true"] in classes for p in filed)
        assert gallery == "conflict" or all((p["true"] == p["predicted"]) is (gallery == "right") for p in filed)
        for p, signed in zip(filed, arrays[f"{gallery}_maps"], strict=True):
            mass = np.abs(signed).sum()
            assert (
                p["positive_share"] is None
                if mass == 0
                else p["positive_share"] == pytest.approx(signed.clip(0).sum() / mass)
            )
        assert manifest["scales"][gallery] == pytest.approx(np.abs(arrays[f"{gallery}_maps"]).max())


FEW: dict[str, Any] = {"images": 2, "maps": 20, "scored": 4}
ALL_PAGES: dict[str, Any] = {
    **FEW,
    "activations": True,
    "imagenet": True,
    "patterns": 2,
    "pattern_steps": 2,
}


@pytest.mark.parametrize("widths", [(4, 6), ()])
def test_all_pages_of_networks_with_and_without_convolutions(tmp_path: Path, widths: tuple[int, ...]) -> None:
    out = run(make(tmp_path, ("a", "b", "c"), 1, widths=widths), **ALL_PAGES)
    summary = json.loads((out / "summary.json").read_text())
    assert summary.get("imagenet") is None  # no backbone
    assert ("scores" in summary) == ("patterns" in summary) == (out / "patterns").is_dir() == bool(widths)
    assert (out / "kernels" / "kernels.png").exists() and (out / "cam" / "right.png").exists()
    assert (out / "activations" / "activations.json").exists() and (out / "scores" / "scores.json").exists()


def test_nothing_wrong_is_said_in_the_picture(tmp_path: Path) -> None:
    out = run(make(tmp_path, wrong=0))
    assert json.loads((out / "summary.json").read_text())["counts"]["wrong"] == 0
    assert Image.open(out / "cam" / "wrong.png").height < Image.open(out / "cam" / "right.png").height // 4


def test_the_same_run_twice_leaves_the_same_bytes(tmp_path: Path) -> None:
    folder = make(tmp_path)
    files = (
        "kernels/kernels.png",
        "kernels/split.png",
        "kernels/kernels.json",
        "summary.json",
        "cam/right.png",
        "cam/wrong.png",
        "cam/maps.npz",
        "cam/manifest.json",
    )

    def left() -> list[bytes]:
        out = run(folder, **FEW)
        return [(out / file).read_bytes() for file in files]

    assert left() == left()


@pytest.mark.parametrize(
    ("options", "message"), [({"layer": "blocks.1.9"}, "near names: .*blocks.1"), ({"layer": "logits"}, "not maps")]
)
def test_options_that_make_no_sense_are_named_and_leave_no_output(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        run(make(tmp_path), **options)
    assert not (tmp_path / "recipes" / "scratch" / "interpret").exists()


def test_predictions_about_other_images_are_refused(tmp_path: Path) -> None:
    folder = make(tmp_path)
    predictions = folder / "evaluate" / "predictions.csv"
    predictions.write_text(predictions.read_text().replace("cat/test_4.jpg", "cat/other.jpg"))
    with pytest.raises(UserError, match="other images"):
        run(folder)


CODE = """
import sys, warmstart.interpretation.interpret
print(*[name for name in ("torch", "matplotlib", "captum") if name in sys.modules])
import warmstart.interpretation.attribution.attribution_page
print(*[name for name in ("captum", "torchvision", "mlflow", "pytorch_lightning") if name in sys.modules])
"""


def test_the_stage_imports_no_more_than_it_uses() -> None:
    source = Path(__file__).parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(source)}
    )
    assert done.stdout.split() == []
