"""The first convolution's weights as training starts are kept where they learn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from support import Configure, Folders, typed_config
from warmstart.dataset.image_store import ImageStore
from warmstart.models.checkpoint import load_model
from warmstart.training.initial_model import Architecture, build_initial_model

FILE = "first_conv_start.npy"


def test_a_network_from_scratch_keeps_where_it_started(scratch: Path, configure: Configure, tiny: Folders) -> None:
    kept = np.load(scratch / FILE)
    config = typed_config("train", configure("scratch"))
    initial = build_initial_model(
        config.recipe, Architecture(config.network), ImageStore(tiny.images), config.seed, None
    )
    start = initial.model.network
    assert kept.dtype == np.float32 and np.array_equal(kept, start.first_conv.weight.detach().numpy())  # type: ignore[union-attr]
    trained = load_model(scratch / "model.ckpt").network.first_conv.weight.detach().numpy()  # type: ignore[union-attr]
    assert kept.shape == trained.shape and not np.array_equal(kept, trained)


def test_a_frozen_first_layer_leaves_no_file(frozen: Path) -> None:
    assert (frozen / "model.ckpt").exists() and not (frozen / FILE).exists()


def test_fine_tuning_keeps_it_where_the_first_layer_is_unfrozen(
    train_tiny: Callable[..., Path], frozen: Path, tmp_path: Path
) -> None:
    options = ("schedule.epochs=1", "recipe.unfreeze=[conv_stem]")
    out = train_tiny("fine_tune", tmp_path / "m", *options, init_from=frozen / "model.ckpt")
    before = load_model(frozen / "model.ckpt").network.first_conv.weight.detach().numpy()  # type: ignore[union-attr]
    assert np.array_equal(np.load(out / FILE), before)
