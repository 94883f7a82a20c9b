from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, average_precision_score, precision_score, recall_score

from finished_recipes import fold_images, fold_recipe, write_images, write_recipe
from warmstart.comparison.compare import build_comparison, compare
from warmstart.comparison.report.precision_recall_chart import precision_recall_chart
from warmstart.comparison.thresholds import THRESHOLDS, TradeOff, threshold_rows
from warmstart.errors import UserError
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.records.predictions import PredictionRow
from warmstart.records.thresholds import ThresholdRow

PACKAGED = 0.62


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A recipe whose probabilities overlap, packaged with a threshold of its own."""
    write_images(tmp_path)
    folder = write_recipe(tmp_path, "features", "transfer", wrong=4) / "evaluate"
    metrics = EvaluationMetrics.read(folder / "metrics.json")
    replace(metrics, threshold=PACKAGED).write(folder / "metrics.json")
    rows, rng = PredictionRow.read_rows(folder / "predictions.csv"), np.random.default_rng(0)
    scores = np.clip(rng.normal([0.35 + 0.3 * row.label for row in rows], 0.2), 0.001, 0.999).astype(np.float32)
    np.save(folder / "probabilities.npy", np.column_stack([1 - scores, scores]))
    decided = [replace(row, predicted=int(score > PACKAGED)) for row, score in zip(rows, scores, strict=True)]
    PredictionRow.write_rows(folder / "predictions.csv", decided)
    return tmp_path


def measured(root: Path) -> TradeOff:
    found = build_comparison(root, ["features"]).trade_off
    assert found is not None
    return found


def split(root: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    folder = root / "recipes/features/evaluate"
    rows, scores = PredictionRow.read_rows(folder / "predictions.csv"), np.load(folder / "probabilities.npy")[:, 1]
    own = np.array([row.split == name for row in rows])
    return np.array([row.label for row in rows])[own], scores[own]


def test_the_table_is_of_validation_images_and_scikit_learns(root: Path) -> None:
    labels, scores = split(root, "val")
    rows = measured(root).rows
    assert [row.threshold for row in rows] == sorted([*THRESHOLDS, PACKAGED])
    assert [row.threshold for row in rows if row.packaged] == [PACKAGED]
    for row in rows:
        predicted = scores > row.threshold
        wanted = [score(labels, predicted) for score in (precision_score, recall_score, accuracy_score)]
        assert [row.precision, row.recall, row.accuracy] == pytest.approx(wanted)
        assert row.predicted == predicted.sum() and row.n == len(labels) and row.positive == "dog"
        assert row.accuracy_low < row.accuracy < row.accuracy_high


def test_the_curve_is_of_test_images_with_the_packaged_threshold_on_it(root: Path) -> None:
    labels, scores = split(root, "test")
    found = measured(root)
    area = float(np.sum(np.diff(found.recall) * found.precision[1:]))
    assert area == pytest.approx(average_precision_score(labels, scores))
    assert found.point.precision is not None and found.point.recall is not None
    at = np.flatnonzero(np.isclose(found.recall, found.point.recall.value))
    assert np.isclose(found.precision[at], found.point.precision.value).any()
    for narrow in (False, True):
        (ax,) = precision_recall_chart(found, 0.95, narrow=narrow).axes
        dot = next(line for line in ax.lines if line.get_marker() == "o")
        assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (found.point.recall.value, found.point.precision.value)


def test_a_threshold_that_nothing_passes_has_no_precision() -> None:
    labels = np.array([0, 1, 1])
    rows = threshold_rows("r", "dog", labels, labels, np.array([0.2, 0.55, 0.45]), 0.5)
    assert [row.threshold for row in rows] == list(THRESHOLDS)  # the packaged one is among them
    assert rows[-1].precision is None and rows[-1].recall == 0.0 and rows[-1].predicted == 0
    assert rows[4].packaged and rows[4].accuracy == 1.0  # as packaged, not as rounded


def test_the_report_has_it_for_two_classes_only(root: Path, tmp_path: Path) -> None:
    compare(root, ["features"], root / "report")
    assert ThresholdRow.read_rows(root / "report" / "thresholds.csv") == measured(root).rows
    assert (root / "report" / "precision_recall.png").exists()
    assert "Another threshold?" in (root / "report" / "index.html").read_text()
    classes = ("a", "b", "c")
    write_images(tmp_path / "three", classes)
    write_recipe(tmp_path / "three", "features", "transfer", wrong=4, classes=classes)
    compare(tmp_path / "three", ["features"], tmp_path / "report")
    assert not (tmp_path / "report" / "thresholds.csv").exists()
    assert "Another threshold?" not in (tmp_path / "report" / "index.html").read_text()


def test_with_folds_it_is_of_the_packaged_network(tmp_path: Path) -> None:
    write_images(tmp_path)
    fold_images(tmp_path, 5)
    folder = fold_recipe(write_recipe(tmp_path, "features", "transfer", wrong=4), [0.8] * 5, wrong=30)
    metrics = EvaluationMetrics.read(folder / "evaluate" / "metrics.json")
    assert metrics.threshold == 0.5
    found = measured(tmp_path)
    assert found.n == 40 and found.rows[0].n == 40  # not of all 120


def test_probabilities_of_other_images_are_refused(root: Path) -> None:
    file = root / "recipes/features/evaluate/probabilities.npy"
    np.save(file, np.load(file)[:-1])
    with pytest.raises(UserError, match=r"predictions\.csv"):
        measured(root)
