"""Loss and accuracy by Lightning alone: over batches of unequal sizes, and over processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pytorch_lightning as pl
import torch

from warmstart.dataset.datamodule import ArrayDataModule
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.dataset.sampler import EpochSampler
from warmstart.models.image_model import ImageModel
from warmstart.training.lightning_module import Classifier, loss_and_correct

N = 45


def data(**options: int) -> ArrayDataModule:
    rng = np.random.default_rng(0)
    split = rng.integers(0, 256, (N, 8, 8, 3), dtype=np.uint8), rng.integers(0, 2, N)
    return ArrayDataModule(split, split, split, batch_size=8, **options)


def module() -> Classifier:
    torch.manual_seed(0)
    spec = {"kind": "convnet", "widths": [4], "dense": 4, "batch_norm": False, "dropout": 0.0}
    spec |= {"size": 8, "channels": 3, "outputs": 1}
    model = ImageModel.build(spec, Preprocessing(8), ["a", "b"])
    return Classifier(model, val_weights=torch.tensor([0.5, 2.0])).eval()


def trainer(folder: Path, **options: object) -> pl.Trainer:
    quiet = {"logger": False, "enable_progress_bar": False, "enable_checkpointing": False}
    return pl.Trainer(accelerator="cpu", default_root_dir=folder, **quiet, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("batch", [7, 8, 11, 64])
def test_metrics_are_of_all_images_whatever_the_batches(tmp_path: Path, batch: int) -> None:
    classifier, batches = module(), data(eval_batch_size=batch)
    (logged,) = trainer(tmp_path).test(classifier, datamodule=batches, verbose=False)
    images, labels = (torch.from_numpy(part) for part in batches.test)
    with torch.inference_mode():
        loss, correct = loss_and_correct(classifier(images), labels)
    assert classifier.metrics["test/acc"] == int(correct) / N
    assert classifier.metrics["test/loss"] == pytest.approx(float(loss), rel=1e-6)
    assert set(logged) == {"test/loss", "test/acc"}
    (logged,) = trainer(tmp_path).validate(classifier, datamodule=batches, verbose=False)
    assert set(logged) == {"val/loss", "val/acc", "val/balanced_loss"}


def test_two_processes_measure_what_one_does(tmp_path: Path) -> None:
    one, two, batches = module(), module(), data(eval_batch_size=8)
    trainer(tmp_path).validate(one, datamodule=batches, verbose=False)
    # Another process returns what is logged, as float32.
    (logged,) = trainer(tmp_path, devices=2, strategy="ddp_fork").validate(two, datamodule=batches, verbose=False)
    assert logged == {name: pytest.approx(value, rel=1e-6) for name, value in one.metrics.items()}


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_share_out_the_batches(processes: int) -> None:
    whole = [key.rows.tolist() for key in EpochSampler(N, 8, seed=1, shuffle=False)]
    parts = [EpochSampler(N, 8, seed=1, shuffle=False, process=(rank, processes)) for rank in range(processes)]
    assert sorted(key.rows.tolist() for part in parts for key in part) == whole
    shuffled = [EpochSampler(N, 8, seed=1, process=(rank, processes)) for rank in range(processes)]
    assert len({len(part) for part in shuffled}) == 1
    assert {row for part in shuffled for key in part for row in key.rows} == set(range(N))


def test_a_classifier_without_options_is_not_trained(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without LearningOptions"):
        trainer(tmp_path, max_epochs=1).fit(module(), datamodule=data())
