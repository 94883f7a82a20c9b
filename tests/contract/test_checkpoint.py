"""What is kept needs no configuration, no pickle, and carries its own preprocessing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from support import Configure, Folders
from warmstart.config.stages import EvaluateConfig
from warmstart.config.typed import to_typed
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.models.checkpoint import load_model, read_checkpoint
from warmstart.records.history import History
from warmstart.serving.package import load_package


def test_a_checkpoint_loads_as_plain_data(scratch: Path) -> None:
    stored = torch.load(scratch / "model.ckpt", weights_only=True)
    assert stored["classes"] == ["cat", "dog"]
    assert stored["preprocessing"] == {
        "size": 48, "channels": 3, "resize": "bilinear", "mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0], "decoder": "pillow",
        "fit": "squash",
    }  # fmt: skip


def test_a_transfer_checkpoint_maps_images_to_logits_with_its_own_normalisation(frozen: Path, tiny: Folders) -> None:
    model = load_model(frozen / "model.ckpt")
    assert model.preprocessing.mean == (0.5, 0.5, 0.5)
    images = torch.from_numpy(np.array(ImageStore(tiny.images).images("test")[:2]))
    assert model(images).shape == (2, 1)
    assert float(model.normalise(images).min()) >= -1.0


def test_the_kept_network_is_the_best_epochs(
    scratch: Path, tiny: Folders, configure: Configure, tmp_path: Path
) -> None:
    """Asked again, the kept network scores what its epoch's row says."""
    config = to_typed(EvaluateConfig, configure("scratch"))
    metrics = evaluate(config, model_dir=scratch, images_dir=tiny.images, out_dir=tmp_path / "e")
    best = History.read(scratch / "history.csv").best
    assert metrics.val.accuracy.value == pytest.approx(best.val_acc)
    assert metrics.val.metrics["loss"].value == pytest.approx(best.val_loss, abs=1e-5)


def test_the_package_predicts_as_the_checkpoint_does_and_holds_no_pickle(
    scratch: Path, tiny: Folders, configure: Configure, tmp_path: Path
) -> None:
    metrics = evaluate(
        to_typed(EvaluateConfig, configure("scratch")),
        model_dir=scratch,
        images_dir=tiny.images,
        out_dir=tmp_path / "e",
    )
    assert sorted(path.name for path in (tmp_path / "e/package").iterdir()) == ["model.json", "model.safetensors"]
    package, model = load_package(tmp_path / "e/package"), load_model(scratch / "model.ckpt")
    assert package.temperature == metrics.temperature
    images = torch.from_numpy(np.array(ImageStore(tiny.images).images("test")))
    with torch.no_grad():
        expected = torch.sigmoid(model(images)[:, 0] / package.temperature)
    assert torch.allclose(package.predict_proba(images)[:, 1], expected, atol=1e-6)


def test_other_images_are_refused(scratch: Path, tiny: Folders, configure: Configure, tmp_path: Path) -> None:
    from ingest_options import prepare

    prepare({**configure("scratch")["data"], "seed": 5}, tmp_path / "images")
    with pytest.raises(UserError, match="other images"):
        evaluate(
            to_typed(EvaluateConfig, configure("scratch")),
            model_dir=scratch,
            images_dir=tmp_path / "images",
            out_dir=tmp_path / "e",
        )


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.ckpt").write_bytes(b"nonsense")
    with pytest.raises(UserError, match=r"model\.ckpt"):
        read_checkpoint(tmp_path / "model.ckpt")
