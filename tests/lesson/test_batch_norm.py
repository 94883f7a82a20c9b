"""Batch norm: statistics are correct, running and batch statistics are distinguished, mistakes are named."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json
from warmstart.lesson.activation_stats import activation_stats
from warmstart.lesson.batch_norm import check_statistics, compare_spreads, write_activation_distributions
from warmstart.lesson.running_statistics import write_running_statistics
from warmstart.models.image_model import ImageModel
from warmstart.records.batch_norm import BatchNormRow
from warmstart.records.lesson import LessonFigures

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 24, 24, 3), dtype=np.uint8)


def model(batch_norm: bool, widths: tuple[int, ...] = (4, 6)) -> ImageModel:
    torch.manual_seed(0)
    spec = {"kind": "convnet", "widths": list(widths), "dense": 8, "batch_norm": batch_norm, "dropout": 0.0}
    spec |= {"size": 24, "channels": 3, "outputs": 1}
    return ImageModel.build(spec, Preprocessing(24), ["cat", "dog"], {"recipe": "small"}).eval()


@pytest.mark.parametrize("batch_norm", [False, True])
def test_statistics_are_of_what_the_next_layer_gets(batch_norm: bool) -> None:
    network = model(batch_norm).train()
    if batch_norm:
        network(torch.from_numpy(IMAGES))  # running statistics that are not the initial ones
    stats = activation_stats(network, IMAGES)
    assert [layer.name for layer in stats] == ["conv 1", "conv 2", "dense"]
    assert network.training
    network.eval()
    first = network.network.blocks[0]
    with torch.no_grad():
        relu = first[1](first[0](network.normalise(torch.from_numpy(IMAGES))))
        passed_on = first[2](relu) if batch_norm else relu
    assert stats[0].mean == pytest.approx(float(passed_on.mean()), abs=1e-5)
    assert stats[0].std == pytest.approx(float(passed_on.std()), rel=1e-3)
    assert stats[0].zeros == pytest.approx(float((relu == 0).float().mean()))
    assert stats[0].normalised == batch_norm
    assert stats[0].sample.mean() == pytest.approx(float(passed_on.mean()), abs=0.1)


def test_the_distributions_are_written_and_unlike_networks_refused(tmp_path: Path) -> None:
    stats = write_activation_distributions(model(True), model(False), IMAGES, tmp_path)
    assert (tmp_path / "distributions.png").exists()
    assert [layer.name for layer in stats["with"]] == ["conv 1", "conv 2", "dense"]
    with pytest.raises(UserError, match="other layers"):
        write_activation_distributions(model(True), model(False, (4, 6, 6)), IMAGES, tmp_path)
    with pytest.raises(UserError, match="small has no batch norm"):
        write_activation_distributions(model(False), model(False), IMAGES, tmp_path)


@pytest.mark.parametrize(
    ("normalised", "found"), [((0.5, 1.2), "equal"), ((0.2, 1.0), "closer"), ((0.2, 1.9), "no closer")]
)
def test_the_sheet_claims_no_more_than_its_figures(normalised: tuple[float, float], found: str) -> None:
    assert compare_spreads((0.04, 0.36), normalised) == found


def test_lagging_statistics_are_found_and_the_model_is_left_alone() -> None:
    network = model(True)
    with torch.no_grad():  # a network right by batch statistics: its own answers are the labels
        labels = (network.train()(torch.from_numpy(IMAGES))[:, 0] > 0).numpy().astype(np.int64)
        network.eval()
        network.network.logits.bias -= 100
    before = {key: value.clone() for key, value in network.state_dict().items()}
    check = check_statistics(network, IMAGES, np.zeros(len(IMAGES), dtype=np.int64))
    assert check.running.value == check.batch.value == 1.0
    network.network.logits.bias.data += 100
    network.network.dense[2].running_mean.fill_(50.0)
    network.network.dense[2].running_var.fill_(1e-4)
    check = check_statistics(network, IMAGES, labels)
    assert check.batch.value == 1.0
    assert check.batch_minus_running.difference.value == pytest.approx(1.0 - check.running.value)
    assert check.running.value < 1.0
    assert set(before) == set(network.state_dict())
    assert int(network.state_dict()["network.blocks.0.2.num_batches_tracked"]) == int(
        before["network.blocks.0.2.num_batches_tracked"]
    )


def test_running_statistics_tell_how_slowly_they_move(tmp_path: Path) -> None:
    rows = [
        {
            "epoch": e,
            "step": 40 * (e + 1),
            "layer": layer,
            "mean_gap": 1 / (e + 1),
            "var_log_ratio": 0.1,
            "initial_share": 0.99 ** (40 * (e + 1)),
        }
        for e in range(3)
        for layer in ("blocks.0.2", "dense.2")
    ]
    BatchNormRow.write_rows(tmp_path / "batch_norm.csv", [BatchNormRow(**row) for row in rows])  # type: ignore[arg-type]
    (tmp_path / "model.ckpt").write_text("weights")
    check = check_statistics(model(True), IMAGES, np.arange(40) % 2)
    metrics = write_running_statistics(tmp_path, tmp_path / "out", check)
    assert metrics.check == check
    assert (tmp_path / "out/running.png").exists()
    assert read_json(tmp_path / "out/running.json") == asdict(metrics)
    named = LessonFigures(asdict(metrics), sha256_file(tmp_path / "model.ckpt"))
    assert LessonFigures.read(tmp_path / "out/batch_norm.json") == named
    assert (metrics.epochs, metrics.steps_per_epoch) == (3, 40)
    assert metrics.initial_share_after_first_epoch == pytest.approx(0.99**40)
    assert metrics.steps_to_halve == pytest.approx(math.log(0.5) / math.log(0.99))
    assert metrics.layers["dense.2"]["last"].mean_gap == pytest.approx(1 / 3)
    with pytest.raises(UserError, match="train scratch_batchnorm again"):
        write_running_statistics(tmp_path / "nothing", tmp_path / "out", check)
