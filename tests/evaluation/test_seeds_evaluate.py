"""With several seeds, every seed's network answers the test images, and each metric has its mean with two intervals."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from support import Configure, Folders
from warmstart.config.schema import Evaluate as Options
from warmstart.config.stages import EvaluateConfig
from warmstart.config.typed import to_typed
from warmstart.errors import UserError
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.evaluation.prediction_table import read_predictions, read_seed_predictions
from warmstart.evaluation.seed_metrics import means_over_seeds
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.records.predictions import SeedPredictionRow
from warmstart.statistics.proportions import wilson_interval

Evaluate = Callable[[Path, Path], EvaluationMetrics]


@pytest.fixture(scope="module")
def run(configure: Configure, tiny: Folders) -> Evaluate:
    config = to_typed(EvaluateConfig, configure("scratch", "evaluate.bootstrap=100"))
    return lambda model, out: evaluate(config, model_dir=model, images_dir=tiny.images, out_dir=out)


@pytest.fixture(scope="module")
def evaluated(run: Evaluate, seeded_scratch: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("seeded_evaluation") / "evaluate"
    run(seeded_scratch, out)
    return out


def test_the_first_seed_is_evaluated_and_packaged_as_with_one(
    evaluated: Path, run: Evaluate, scratch: Path, tmp_path: Path
) -> None:
    plain = run(scratch, tmp_path / "e")
    metrics = EvaluationMetrics.read(evaluated / "metrics.json")
    assert metrics.seeds is not None and plain.seeds is None
    alike = replace(metrics, seeds=None, checkpoint=plain.checkpoint)
    assert alike == plain
    names = {path.name for path in (tmp_path / "e").iterdir()}
    assert {path.name for path in evaluated.iterdir()} == names | {"seed_predictions.csv"}
    for name in ("predictions.csv", "probabilities.npy", "package/model.safetensors"):
        assert (tmp_path / "e" / name).read_bytes() == (evaluated / name).read_bytes()
    assert "seeds" not in (tmp_path / "e/metrics.json").read_text()


def test_each_seeds_answers_are_those_of_its_network_alone(
    evaluated: Path, run: Evaluate, seeded_scratch: Path, tmp_path: Path
) -> None:
    alone = run(seeded_scratch / "seeds/1", tmp_path / "e")
    rows = SeedPredictionRow.read_rows(evaluated / "seed_predictions.csv")
    assert [(row.seed, row.split) for row in rows] == [(7, "test")] * 16 + [(8, "test")] * 16
    own = read_predictions(tmp_path / "e/predictions.csv")
    assert [row.path for row in rows[16:]] == own.paths and [
        row.predicted for row in rows[16:]
    ] == own.predicted.tolist()
    seeds = EvaluationMetrics.read(evaluated / "metrics.json").seeds
    assert seeds is not None and [rule.seed for rule in seeds.seeds] == [7, 8]
    assert (seeds.seeds[1].temperature, seeds.seeds[1].threshold) == (alone.temperature, alone.threshold)
    for group, split in ((seeds.test, alone.test), (seeds.as_trained, alone.as_trained.test)):
        assert set(group) == set(split.metrics)
        assert {key: one.values[1] for key, one in group.items()} == {k: m.value for k, m in split.metrics.items()}
    table = read_seed_predictions(read_predictions(evaluated / "predictions.csv"), evaluated / "seed_predictions.csv")
    assert table.answers.mean(axis=1).tolist() == seeds.test["accuracy"].values


def test_the_threshold_of_every_seed_is_chosen_by_the_same_metric(
    configure: Configure, tiny: Folders, seeded_scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def note(positive: np.ndarray, labels: np.ndarray, select_by: str) -> float:
        asked.append(select_by)
        return 0.5

    monkeypatch.setattr("warmstart.evaluation.calibrated_predictions.find_threshold", note)
    options = ("evaluate.bootstrap=100", "evaluate.robustness_images=0", "select_by=f1")
    config = to_typed(EvaluateConfig, configure("scratch", *options))
    evaluate(config, model_dir=seeded_scratch, images_dir=tiny.images, out_dir=tmp_path / "e")
    assert asked == ["f1", "f1"]


def test_the_mean_has_one_interval_over_images_and_one_over_seeds() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    networks = []
    for shift in (0.0, 0.6, 1.2):
        second = 1 / (1 + np.exp(-(2 * labels - 1 + shift + rng.normal(0, 1, 200))))
        probabilities = np.stack([1 - second, second], axis=1)
        networks.append(Predictions(probabilities, probabilities.argmax(axis=1)))
    found = means_over_seeds(networks, labels, ["a", "b"], Options(bootstrap=400))
    for key, one in found.items():
        over = one.mean.seeds
        half = t.ppf(0.975, 2) * np.std(one.values, ddof=1) / 3**0.5
        assert over.value == one.mean.images.value == pytest.approx(np.mean(one.values)) and (
            over.n,
            one.mean.images.n,
        ) == (3, 200)
        assert over.low == pytest.approx(max(0, np.mean(one.values) - half)), key
        assert one.mean.images.low < over.value < one.mean.images.high
    accuracy = found["accuracy"].mean
    wilson = wilson_interval(round(200 * accuracy.images.value), 200)
    assert (accuracy.images.low, accuracy.images.high) == (wilson.low, wilson.high)
    assert found["auroc"].mean.seeds.high <= 1


def test_a_metric_that_the_images_do_not_define_is_left_out() -> None:
    one = Predictions(np.full((20, 2), 0.5), np.zeros(20, dtype=np.int64))
    found = means_over_seeds([one, one], np.zeros(20, dtype=np.int64), ["a", "b"], Options(bootstrap=50))
    assert "auroc" not in found and found["accuracy"].values == [1.0, 1.0]


def test_a_network_that_is_missing_or_of_another_training_is_refused(
    run: Evaluate, seeded_scratch: Path, tmp_path: Path
) -> None:
    model = shutil.copytree(seeded_scratch, tmp_path / "model")
    shutil.copy(model / "model.ckpt", model / "seeds/1/model.ckpt")
    for _ in range(2):
        with pytest.raises(UserError, match=r"seeds/1/model.ckpt is not the network.*seed 8: train the recipe again"):
            run(model, tmp_path / "e")
        (model / "seeds/1/model.ckpt").unlink(missing_ok=True)
    assert not (tmp_path / "e").exists()


def test_predictions_of_other_images_are_refused(evaluated: Path, tmp_path: Path) -> None:
    rows = SeedPredictionRow.read_rows(evaluated / "seed_predictions.csv")
    SeedPredictionRow.write_rows(tmp_path / "seed_predictions.csv", rows[:-1])
    with pytest.raises(UserError, match=r"seed_predictions\.csv"):
        read_seed_predictions(read_predictions(evaluated / "predictions.csv"), tmp_path / "seed_predictions.csv")
