"""A small network, and prepared images to measure its filters against."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from data_builders import prepared_images
from support import write_manifest
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.models.image_model import ImageModel
from warmstart.records.images import SplitCounts

SIZE, N = 32, 20


@pytest.fixture
def make_model() -> Callable[..., ImageModel]:
    """A convolutional network of three blocks with random weights."""

    def make(channels: int = 3) -> ImageModel:
        torch.manual_seed(0)
        spec = {"kind": "convnet", "size": SIZE, "channels": channels, "outputs": 1, "widths": [4, 6, 5], "dense": 8}
        preprocessing = Preprocessing(SIZE, channels, "bilinear", (0.4,) * channels, (0.3,) * channels)
        whole = {**spec, "batch_norm": False, "dropout": 0.5}
        return ImageModel.build(whole, preprocessing, ["cat", "dog"], {"recipe": "scratch"}).eval()

    return make


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., ImageStore]:
    """Prepared images of random squares, twenty a split."""

    def make(channels: int = 3) -> ImageStore:
        folder = tmp_path / "images"
        folder.mkdir()
        rows = []
        for number, split in enumerate(("train", "val", "test")):
            coarse = np.random.default_rng(number).integers(64, 192, (N, 8, 8, channels), dtype=np.uint8)
            np.save(folder / f"{split}.npy", coarse.repeat(SIZE // 8, 1).repeat(SIZE // 8, 2))
            rows += [[f"{split}/{i}.jpg", "cat", 0, split, i, "0" * 64, 9] for i in range(N)]
        write_manifest(folder, rows)
        counts = SplitCounts(N, N, N)
        prepared = prepared_images(dataset="squares", size=SIZE, channels=channels, counts=counts)
        prepared.write(folder / "meta.json")
        return ImageStore(folder)

    return make
