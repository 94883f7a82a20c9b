"""With folds, what is measured is every image, by the network that has not seen it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from support import Configure, Folders, manifest_rows
from warmstart.config.schema import Evaluate as Options
from warmstart.config.stages import EvaluateConfig
from warmstart.config.typed import to_typed
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.evaluation.metrics import split_metrics
from warmstart.evaluation.predictions import classify
from warmstart.files.plain import read_json
from warmstart.models.checkpoint import load_model
from warmstart.models.image_model import ImageModel
from warmstart.records.evaluation import EvaluationMetrics, FoldAccuracy
from warmstart.records.intervals import MetricInterval
from warmstart.serving.package import load_package
from warmstart.statistics.proportions import wilson_interval

Evaluate = Callable[[Path, Path, Path], EvaluationMetrics]


@pytest.fixture(scope="module")
def run(configure: Configure) -> Evaluate:
    config = to_typed(EvaluateConfig, configure("scratch", "evaluate.bootstrap=100"))
    return lambda model, images, out: evaluate(config, model_dir=model, images_dir=images, out_dir=out)


@pytest.fixture(scope="module")
def evaluated(run: Evaluate, folded: Folders, folded_scratch: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("measured") / "evaluate"
    run(folded_scratch, folded.images, out)
    return out


def answer(model: ImageModel, image: np.ndarray) -> list[float]:
    with torch.inference_mode():
        probabilities: list[float] = model.predict_proba(torch.from_numpy(image[None]))[0].tolist()
    return probabilities


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_image_is_answered_once_by_the_network_that_has_not_seen_it(
    evaluated: Path, folded: Folders, folded_scratch: Path
) -> None:
    lines, probabilities = table(evaluated / "out_of_fold.csv"), np.load(evaluated / "out_of_fold_probabilities.npy")
    first = ImageStore(folded.images)
    manifest = [row for split in SPLITS for row in manifest_rows(first, split)]
    wanted = [(row["path"], row["split"], str(row["row"]), str(row["label"]), row["fold"]) for row in manifest]
    assert [tuple(line[key] for key in ("path", "split", "row", "label", "fold")) for line in lines] == wanted
    assert probabilities.shape == (80, 2) and probabilities.dtype == np.float32
    networks = [
        load_model(folded_scratch / name) for name in ("model.ckpt", "folds/1/model.ckpt", "folds/2/model.ckpt")
    ]
    rules = read_json(evaluated / "metrics.json")["fold_accuracy"]
    for network, rule in zip(networks, rules, strict=True):
        network.temperature = rule["temperature"]
    assert len({rule["temperature"] for rule in rules}) == 3  # each found its own, on its own validation images
    for line, found in zip(lines, probabilities, strict=True):
        # By the line's own place on disk and its own fold: neither the order nor the views of the store are trusted.
        image = np.load(folded.images / f"{line['split']}.npy")[int(line["row"])]
        assert found == pytest.approx(answer(networks[int(line["fold"])], image), abs=1e-5)
        assert int(line["predicted"]) == int(found[1] > rules[int(line["fold"])]["threshold"])
        assert float(line["p_true"]) == pytest.approx(found[int(line["label"])], abs=1e-5)


def test_the_figures_are_of_all_images(evaluated: Path, folded: Folders) -> None:
    metrics, lines = read_json(evaluated / "metrics.json"), table(evaluated / "out_of_fold.csv")
    right = np.array([line["label"] == line["predicted"] for line in lines])
    pooled = wilson_interval(int(right.sum()), 80)
    assert metrics["test"]["n"] == 80 and metrics["folds"] == 3 and "pooled over 3 folds" in metrics["test_is"]
    assert metrics["test"]["metrics"]["accuracy"] == {"value": pooled.value, "low": pooled.low, "high": pooled.high}
    assert np.sum(metrics["test"]["confusion"]) == 80
    for fold, found in enumerate(metrics["fold_accuracy"]):
        own = right[[line["fold"] == str(fold) for line in lines]]
        assert (found["fold"], found["n"], found["accuracy"]["value"]) == (fold, len(own), pytest.approx(own.mean()))
    said = 0
    for fold in range(3):
        view = ImageStore(folded.images, fold)
        said += int((view.labels("test") == np.bincount(view.labels("train")).argmax()).sum())
    assert metrics["majority"]["n"] == 80 and metrics["majority"]["accuracy"]["value"] == pytest.approx(said / 80)


def test_fold_0_is_evaluated_and_packaged_as_without_folds(
    evaluated: Path, run: Evaluate, tiny: Folders, scratch: Path, folded_scratch: Path, tmp_path: Path
) -> None:
    plain = run(scratch, tiny.images, tmp_path / "e")
    metrics = EvaluationMetrics.read(evaluated / "metrics.json")
    assert sorted(p.name for p in (tmp_path / "e").iterdir()) == [
        "metrics.json",
        "package",
        "predictions.csv",
        "probabilities.npy",
        "robustness.csv",
        "robustness.json",
        "speed.json",
    ]
    for name in ("predictions.csv", "probabilities.npy", "package/model.safetensors"):
        assert (tmp_path / "e" / name).read_bytes() == (evaluated / name).read_bytes()
    assert (plain.folds, plain.fold_accuracy) == (None, None)
    assert (metrics.val, metrics.temperature, metrics.threshold) == (plain.val, plain.temperature, plain.threshold)
    assert metrics.fold_accuracy is not None
    rule = (plain.test.accuracy, plain.temperature, plain.threshold)
    assert metrics.fold_accuracy[0] == FoldAccuracy(0, plain.test.n, *rule)
    assert load_package(evaluated / "package").origin.fold == 0


def test_a_network_of_another_fold_is_refused(
    run: Evaluate, folded: Folders, folded_scratch: Path, tmp_path: Path
) -> None:
    model = shutil.copytree(folded_scratch, tmp_path / "model")
    shutil.copy(folded_scratch / "folds/2/model.ckpt", model / "folds/1/model.ckpt")
    with pytest.raises(UserError, match="was trained on fold 2 and has seen images that fold 1 tests on"):
        run(model, folded.images, tmp_path / "e")
    (model / "folds/2/model.ckpt").unlink()
    with pytest.raises(UserError, match=r"folds/2/model.ckpt does not exist.*3 folds: train the recipe again"):
        run(model, folded.images, tmp_path / "e")
    with pytest.raises(UserError, match="has seen images that fold 0 tests on"):
        run(folded_scratch / "folds/1", folded.images, tmp_path / "e")
    (model / "folds/folds.json").write_text(json.dumps({"format": 1, "folds": 1}))
    with pytest.raises(UserError, match=r"trained without folds, but .* in 3 folds: train the recipe again"):
        run(model, folded.images, tmp_path / "e")
    assert not (tmp_path / "e").exists()


def test_rankings_by_several_networks_compare_images_within_a_fold() -> None:
    scores, labels, folds = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    many = [np.tile(values, 20) for values in (np.stack([1 - scores, scores], 1).T, labels, folds)]
    metrics = split_metrics(classify(many[0].T), many[1], ["a", "b"], Options(bootstrap=50), many[2])
    for key in ("auroc", "average_precision"):
        assert metrics.metrics[key] == MetricInterval(1.0, 1.0, 1.0)
