"""The time of a prediction is measured on what is predicted anyway, and changes nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from support import Configure, Folders
from warmstart.config.stages import EvaluateConfig
from warmstart.config.typed import to_typed
from warmstart.dataset.image_store import ImageStore
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.evaluation.predictions import BatchTime
from warmstart.evaluation.speed import MIN_BATCHES, prediction_speed
from warmstart.models.checkpoint import load_model
from warmstart.records.prediction_speed import PredictionSpeed
from warmstart.runtime.devices import DevicePlan

CPU = DevicePlan("cpu", "32-true")


def test_it_is_the_median_of_full_batches_after_the_warm_up(tiny: Folders, scratch: Path) -> None:
    times = [BatchTime(8, seconds) for seconds in (80.0, 4.0, 2.0, 1.6)] + [BatchTime(3, 90.0), BatchTime(8, 3.2)]
    speed = prediction_speed(load_model(scratch / "model.ckpt"), ImageStore(tiny.images), CPU, times)
    assert (speed.seconds_fastest, speed.seconds_slowest) == (0.2, 0.5)
    assert speed.seconds_per_image == pytest.approx((0.25 + 0.4) / 2)
    assert (speed.batches, speed.batch_size, speed.device, speed.precision) == (4, 8, "cpu", "32-true")


def test_too_few_batches_are_made_more(tiny: Folders, scratch: Path) -> None:
    model, store = load_model(scratch / "model.ckpt"), ImageStore(tiny.images)
    speed = prediction_speed(model, store, CPU, [BatchTime(10**6, 5.0)])
    assert (speed.batches, speed.batch_size) == (MIN_BATCHES, len(store.labels("test")))
    assert 0 < speed.seconds_fastest <= speed.seconds_per_image <= speed.seconds_slowest


def test_times_are_the_only_file_that_differs(
    configure: Configure, tiny: Folders, scratch: Path, tmp_path: Path
) -> None:
    config = to_typed(EvaluateConfig, configure("scratch", "evaluate.bootstrap=20", "evaluate.batch_size=4"))
    for name in ("once", "again"):
        torch.manual_seed(len(name)), np.random.seed(len(name))
        evaluate(config, model_dir=scratch, images_dir=tiny.images, out_dir=tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "once") for path in (tmp_path / "once").rglob("*") if path.is_file())
    differing = [
        str(file)
        for file in files
        if (tmp_path / "once" / file).read_bytes() != (tmp_path / "again" / file).read_bytes()
    ]
    assert differing == ["speed.json"] and PredictionSpeed.read(tmp_path / "once" / "speed.json").batch_size == 4
