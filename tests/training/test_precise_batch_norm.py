"""Precise batch norm: what is validated is kept, and learning goes on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from support import Configure, Folders, read_history
from warmstart.dataset.datamodule import ImageDataModule
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.models.checkpoint import load_as_trained, load_model
from warmstart.models.image_model import ImageModel
from warmstart.training.lightning_module import Classifier, LearningOptions
from warmstart.training.parts import TrainingParts
from warmstart.training.precise_batch_norm import PreciseBatchNorm, estimate_statistics

RECIPE = "scratch_batchnorm"
OFF = "callbacks.precise_batch_norm=null"
Train = Callable[..., Path]


@pytest.fixture(scope="module")
def models(train_tiny: Train, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    options = {"on": [], "off": [OFF], "ema": ["callbacks=ema"], "ema_off": ["callbacks=ema", OFF]}
    return {name: train_tiny(RECIPE, folder / name, *words) for name, words in options.items()}


def curve(model: Path, *names: str) -> list[tuple[float, ...]]:
    return [tuple(row[name] for name in names) for row in read_history(model / "history.csv")]


def test_learning_goes_on_as_if_nothing_had_happened(models: dict[str, Path]) -> None:
    assert curve(models["on"], "train/loss", "train/acc") == curve(models["off"], "train/loss", "train/acc")
    assert curve(models["ema"], "train/loss") == curve(models["ema_off"], "train/loss")
    assert curve(models["on"], "val/loss") != curve(models["off"], "val/loss")
    assert (models["on"] / "batch_norm.csv").read_bytes() == (models["off"] / "batch_norm.csv").read_bytes()


@pytest.mark.parametrize("name", ["on", "ema"])
def test_the_kept_network_is_the_one_that_was_validated(models: dict[str, Path], tiny: Folders, name: str) -> None:
    kept, as_trained = load_model(models[name] / "model.ckpt"), load_as_trained(models[name] / "model.ckpt")
    data = ImageDataModule(tiny.images)
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_progress_bar=False, enable_checkpointing=False)
    losses = []
    for model in (kept, as_trained):
        assert model is not None
        module = Classifier(model)
        trainer.validate(module, datamodule=data, verbose=False)
        losses.append(module.metrics["val/loss"])
    rows = curve(models[name], "val/acc", "val/loss")
    best = max(rows, key=lambda row: (row[0], -row[1]))
    assert losses[0] == pytest.approx(best[1], rel=1e-6)
    assert losses[1] != pytest.approx(best[1], rel=1e-3)
    assert load_as_trained(models["off"] / "model.ckpt") is None


def test_with_every_training_image_they_are_the_statistics_of_the_training_set(
    models: dict[str, Path], tiny: Folders
) -> None:
    kept = load_model(models["on"] / "model.ckpt")
    images = torch.from_numpy(np.array(ImageStore(tiny.images).images("train")))
    first = kept.network.blocks[0]  # type: ignore[union-attr]
    with torch.no_grad():
        values = first[1](first[0](kept.normalise(images)))  # type: ignore[index]
    torch.testing.assert_close(first[2].running_mean, values.mean((0, 2, 3)), rtol=1e-4, atol=1e-6)  # type: ignore[index]


def test_a_training_that_is_interrupted_ends_the_same(models: dict[str, Path], train_tiny: Train, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from warmstart.training import checkpoints

    save = checkpoints.ResumeCheckpoint.on_train_epoch_end

    def dies(self: Any, trainer: Any, pl_module: Any) -> None:
        save(self, trainer, pl_module)
        if trainer.current_epoch == 0:
            raise RuntimeError("killed")

    monkeypatch.setattr(checkpoints.ResumeCheckpoint, "on_train_epoch_end", dies)
    with pytest.raises(RuntimeError, match="killed"):
        train_tiny(RECIPE, tmp_path / "model", state_root=tmp_path / "state")
    monkeypatch.undo()
    resumed = train_tiny(RECIPE, tmp_path / "model", state_root=tmp_path / "state")
    names = ("train/loss", "train/acc", "val/loss", "val/acc")
    assert curve(resumed, *names) == curve(models["on"], *names)
    ours, theirs = (load_model(model / "model.ckpt").state_dict() for model in (resumed, models["on"]))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize(
    ("schedule", "on"), [("quick", True), ("own", True), ("lesson", False), ("digits", False), ("digits_small", False)]
)
def test_schedules_turn_it_on(configure: Configure, schedule: str, on: bool) -> None:
    callbacks = configure(RECIPE, f"schedule={schedule}", "callbacks=ema")["callbacks"]
    assert ("precise_batch_norm" in callbacks) == on
    assert {"ema", "early_stopping"} <= set(callbacks)


def small() -> ImageModel:
    torch.manual_seed(0)
    spec = {"kind": "convnet", "widths": [4], "dense": 4, "batch_norm": True, "dropout": 0.5}
    spec |= {"size": 8, "channels": 3, "outputs": 1}
    return ImageModel.build(spec, Preprocessing(8), ["a", "b"]).eval()


def test_nothing_is_drawn_and_momentum_stays() -> None:
    model, images = small(), torch.randint(0, 256, (12, 8, 8, 3), dtype=torch.uint8)
    layer = model.network.blocks[0][2]  # type: ignore[union-attr,index]
    state, momentum = torch.get_rng_state(), layer.momentum
    estimate_statistics(model, [layer], [images[:6], images[6:]])
    assert torch.equal(state, torch.get_rng_state())
    assert layer.momentum == momentum
    assert not any(module.training for module in model.modules())


def test_bad_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 or more"):
        PreciseBatchNorm(1)
    batch = torch.zeros(4, 8, 8, 3, dtype=torch.uint8), torch.tensor([0, 1, 0, 1])
    loader = DataLoader([batch], batch_size=None)  # type: ignore[arg-type,var-annotated]
    options = LearningOptions(TrainingParts(partial(torch.optim.SGD, lr=0.1)))
    trainer = pl.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_progress_bar=False, enable_checkpointing=False,
        callbacks=[PreciseBatchNorm()], default_root_dir=tmp_path, num_sanity_val_steps=0,
    )  # fmt: skip
    with pytest.raises(UserError, match="precise_batch_norm takes its images from an ArrayDataModule"):
        trainer.fit(Classifier(small().train(), options), loader, loader)
