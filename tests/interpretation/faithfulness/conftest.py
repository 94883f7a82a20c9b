"""A network whose evidence is known: it looks for a patch of its class's colour, and the masks say where that is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from data_builders import prepared_images
from support import write_manifest
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.interpretation.examples import Example
from warmstart.models.image_model import ImageModel
from warmstart.records.images import SplitCounts

SIZE, PATCH = 32, 8
COLOURS = {"red": (220, 30, 30), "blue": (30, 30, 220), "green": (30, 220, 30)}
DISTRACTORS = ((230, 230, 230), (220, 220, 30), (30, 210, 210))
# What the channels look for: red, blue, green alone, and brightness.
FILTERS = ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (0.3, 0.3, 0.3))


class Patches(nn.Module):
    """Colours, mirrored and mirrored back, pooled over places, one linear layer. The layer ``mirrored`` sees everything
    at the wrong place, so its maps are wrong though the answers are right.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.mirrored = nn.Sequential(nn.AvgPool2d(4), nn.Conv2d(3, 4, 1), nn.ReLU())
        self.features = nn.Identity()
        self.head = nn.Linear(4, 1 if classes == 2 else classes)
        with torch.no_grad():
            self.mirrored[1].weight.copy_(torch.tensor(FILTERS)[..., None, None])
            self.mirrored[1].bias.zero_()
            weights = 120 * torch.eye(4)[:classes]
            self.head.weight.copy_(weights[1:] - weights[:1] if classes == 2 else weights)
            self.head.bias.zero_()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.head(self.features(self.mirrored(x.flip(3)).flip(3)).mean((2, 3)))
        return out

    @property
    def cam_layer(self) -> nn.Module | None:
        return self.features


def make_images(n: int, classes: tuple[str, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images with a patch of their class's colour, three distractors a dim, noisy background; masks of the patch."""
    rng = np.random.default_rng(seed)
    images = rng.integers(40, 100, (n, SIZE, SIZE, 3), dtype=np.uint8)
    masks = np.zeros((n, SIZE, SIZE), dtype=np.uint8)
    for i in range(n):
        places = rng.permutation(16)[:4]
        for place, colour in zip(places, [*DISTRACTORS, COLOURS[classes[i % len(classes)]]], strict=True):
            y, x = (PATCH * int(v) for v in divmod(int(place), 4))
            images[i, y : y + PATCH, x : x + PATCH] = colour
        masks[i, y : y + PATCH, x : x + PATCH] = 1
    return images, masks


@pytest.fixture
def patches(tmp_path: Path) -> Callable[..., tuple[ImageModel, ImageStore, list[Example]]]:
    """A network, a store of test images with masks, and the predictions."""

    def make(classes: tuple[str, ...] = ("red", "blue"), n: int = 80) -> tuple[ImageModel, ImageStore, list[Example]]:
        folder = tmp_path / "images"
        folder.mkdir()
        images, masks = make_images(n, classes)
        np.save(folder / "test.npy", images)
        np.save(folder / "masks_test.npy", masks)
        rows = [
            [
                f"{classes[i % len(classes)]}/{i}.png",
                classes[i % len(classes)],
                i % len(classes),
                "test",
                i,
                "0" * 64,
                9,
            ]
            for i in range(n)
        ]
        write_manifest(folder, rows)
        counts = SplitCounts(0, 0, n)
        prepared = prepared_images(dataset="patches", classes=list(classes), size=SIZE, digest="0" * 64, counts=counts)
        prepared.write(folder / "meta.json")
        preprocessing = Preprocessing(SIZE, 3, "bilinear", (0.0,) * 3, (1.0,) * 3)
        model = ImageModel(Patches(len(classes)), {}, preprocessing, list(classes), {"recipe": "patches"}).eval()
        p = model.predict_proba(torch.from_numpy(images)).numpy()
        said = p.argmax(1)
        examples = [
            Example(
                "test",
                i,
                str(rows[i][0]),
                i % len(classes),
                int(said[i]),
                float(p[i].max()),
                float(p[i, i % len(classes)]),
                0.1,
            )
            for i in range(n)
        ]
        return model, ImageStore(folder), examples

    return make
