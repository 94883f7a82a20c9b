from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from support import CHECKOUT
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.interpretation.filters import classic_filters
from warmstart.interpretation.kernels.kernel_factors import factorise_kernels
from warmstart.interpretation.kernels.kernel_images import kernel_changes
from warmstart.interpretation.kernels.kernels_page import INITIAL_KERNELS, write_kernels
from warmstart.models.image_model import ImageModel


def convnet(channels: int = 3) -> ImageModel:
    spec = {
        "kind": "convnet",
        "size": 16,
        "channels": channels,
        "outputs": 1,
        "widths": [6, 4],
        "dense": 8,
        "batch_norm": False,
    }
    preprocessing = Preprocessing(16, channels, "bilinear", (0.0,) * channels, (1.0,) * channels)
    torch.manual_seed(0)
    return ImageModel.build({**spec, "dropout": 0.0}, preprocessing, ["a", "b"], {"recipe": "scratch"}).eval()


def replace_first(model: ImageModel, weights: np.ndarray) -> None:
    model.network.first_conv.weight.data = torch.from_numpy(weights.astype(np.float32))  # type: ignore[union-attr]


def first(model: ImageModel) -> np.ndarray:
    return model.network.first_conv.weight.detach().numpy().copy()  # type: ignore[union-attr,operator,no-any-return]


def test_a_colour_times_a_shape_is_split_into_them() -> None:
    colour, shape = np.array([0.0, 0.6, 0.8]), classic_filters(3, 3)["Sobel x"]
    pure = np.einsum("c,hw->chw", colour, -3 * shape)
    mixed = pure + 3 * np.einsum("c,hw->chw", np.array([1.0, 0.0, 0.0]), classic_filters(3, 3)["box"])
    one, two = factorise_kernels(np.stack([pure, mixed]))
    assert one.colour == pytest.approx(colour) and one.share == pytest.approx(1)
    assert one.classic == ("Sobel x", pytest.approx(-1))
    assert two.share == pytest.approx(0.5)  # two equal products at right angles


def test_dead_and_colourless_kernels_are_told() -> None:
    grey = np.repeat(classic_filters(3, 3)["Laplacian"][None], 3, axis=0)
    dead = np.zeros((3, 3, 3))
    a, b = factorise_kernels(np.stack([grey, dead]))
    assert a.colour == pytest.approx(np.full(3, 3**-0.5)) and b.share == 0 and b.classic[1] == 0


def test_the_pages_files_and_figures(tmp_path: Path) -> None:
    model = convnet()
    before = first(model)
    np.save(tmp_path / INITIAL_KERNELS, before)
    trained = before.copy()
    trained[0] *= -2
    trained[1] += 0.1
    replace_first(model, trained)
    facts = write_kernels(model, "scratch", tmp_path, tmp_path / "out")
    assert {"kernels": 6, "channels": 3, "height": 3, "width": 3}.items() <= facts.items()
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "change.png",
        "kernels.json",
        "kernels.png",
        "split.png",
    ]
    filed = json.loads((tmp_path / "out" / "kernels.json").read_text())
    assert filed["each"][0]["cosine"] == pytest.approx(-1) and filed["each"][0]["moved"] == pytest.approx(3)
    assert [kernel["cosine"] for kernel in filed["each"][2:]] == pytest.approx([1] * 4)
    assert filed["change"]["median_cosine"] == pytest.approx(1) == facts["change"]["median_cosine"]
    assert all(
        kernel["classic"]["filter"] in classic_filters(3, 3) and kernel["gabor"] is None for kernel in filed["each"]
    )
    first_bytes = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    write_kernels(model, "scratch", tmp_path, tmp_path / "out")
    assert first_bytes == {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}


def test_a_dead_kernel_has_no_direction() -> None:
    before, after = np.ones((1, 1, 3, 3)), np.zeros((1, 1, 3, 3))
    assert kernel_changes(before, after) == {"cosine": [0.0], "moved": [1.0]}


def test_without_a_start_the_page_says_why_nothing_is_compared(tmp_path: Path) -> None:
    facts = write_kernels(convnet(), "scratch", tmp_path, tmp_path / "out")
    assert facts["change"] is None and "not kept" in facts["note"]
    assert not (tmp_path / "out" / "change.png").exists()


def test_a_frozen_backbone_is_said_not_to_have_been_trained(tmp_path: Path) -> None:
    spec = {
        "kind": "transfer",
        "backbone": "efficientnet_lite0",
        "size": 32,
        "outputs": 1,
        "pool": "avg",
        "dense": None,
        "dropout": 0.0,
    }
    model = ImageModel.build(spec, Preprocessing(32, 3, "bilinear", (0.5,) * 3, (0.5,) * 3), ["a", "b"], {}).eval()
    facts = write_kernels(model, "linear_probe", tmp_path, tmp_path / "out")
    assert facts["change"] is None and "not trained" in facts["note"]


def test_large_kernels_are_compared_with_gabor_filters(tmp_path: Path) -> None:
    model = convnet(1)
    model.network.blocks[0][0] = nn.Conv2d(1, 2, 11)  # type: ignore[index,operator]
    write_kernels(model, "big", tmp_path, tmp_path / "out")
    filed = json.loads((tmp_path / "out" / "kernels.json").read_text())
    assert filed["height"] == 11 and filed["gabor"]["random"]["p95"] < 0.8
    assert all(kernel["gabor"]["filter"].startswith("Gabor") for kernel in filed["each"])


class Dense(nn.Module):
    """A network without a convolution."""

    first_conv = None

    def __init__(self) -> None:
        super().__init__()
        self.flatten, self.dense, self.logits = nn.Flatten(), nn.Linear(256, 5), nn.Linear(5, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.logits(self.dense(self.flatten(x)).relu())
        return out


def test_a_dense_networks_units_are_drawn_as_images_of_the_input(tmp_path: Path) -> None:
    model = convnet(1)
    model.network = Dense()
    facts = write_kernels(model, "dense", tmp_path, tmp_path / "out")
    assert {"kernels": 5, "channels": 1, "height": 16, "width": 16, "layer": "dense"}.items() <= facts.items()
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["kernels.json", "kernels.png"]
    # The input's left half drives unit 0: so is it drawn.
    with torch.no_grad():
        model.network.dense.weight.zero_()  # type: ignore[union-attr,operator]
        model.network.dense.weight[0] = (torch.arange(256) % 16 < 8).float()  # type: ignore[union-attr,operator,index]
    write_kernels(model, "dense", tmp_path, tmp_path / "out")
    pixels = np.asarray(Image.open(tmp_path / "out" / "kernels.png"))
    bright = (pixels[:, 17:73] == 255).all(axis=2)[-80:]
    dull = (pixels[:, 17:73] == 128).all(axis=2)[-80:]
    assert bright[:, :28].any() and dull[:, 30:].any() and not dull[:, :26].any()


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    model = convnet()
    (tmp_path / INITIAL_KERNELS).write_bytes(b"nothing")
    with pytest.raises(UserError, match=INITIAL_KERNELS):
        write_kernels(model, "scratch", tmp_path, tmp_path / "out")
    np.save(tmp_path / INITIAL_KERNELS, np.zeros((9, 3, 3, 3)))
    with pytest.raises(UserError, match="holds kernels of shape"):
        write_kernels(model, "scratch", tmp_path, tmp_path / "out")
    replace_first(model, np.full((6, 3, 3, 3), np.nan))
    with pytest.raises(UserError, match="not numbers"):
        write_kernels(model, "scratch", tmp_path, tmp_path / "out")


CODE = """
import sys, warmstart.interpretation.kernels.kernels_page
print(*[name for name in ("matplotlib", "captum", "torchvision", "timm", "scipy") if name in sys.modules])
"""


def test_no_heavy_library_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(CHECKOUT / "src")},
    )
    assert done.stdout.split() == []
