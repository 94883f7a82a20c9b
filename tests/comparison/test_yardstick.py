"""Recipes are chosen and compared by the metric that kept their epochs: on images of nine to one, another one wins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finished_recipes import path, write_images, write_recipe
from record_builders import epoch_metrics, evaluation_metrics
from warmstart.cli.report import _cells
from warmstart.comparison.compare import build_comparison, compare
from warmstart.comparison.metric_test import compare_by_metric, redrawn, swap_test
from warmstart.comparison.tested_answers import TestedAnswers
from warmstart.comparison.yardstick import threshold_metric
from warmstart.config.schema import Evaluate
from warmstart.config.selection import BALANCED_ACCURACY, SELECTABLE
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.metric_registry import METRICS
from warmstart.evaluation.metrics import split_metrics
from warmstart.records.comparison import ComparisonTable
from warmstart.records.comparison_row import ComparisonRow
from warmstart.records.history import History
from warmstart.records.manifest import ManifestRow
from warmstart.records.predictions import PredictionRow
from warmstart.records.training_summary import TrainingSummary
from warmstart.statistics.paired_tests import mcnemar
from warmstart.tracking.final_metrics import comparison_metrics

N, CLASSES = 200, ["cat", "dog"]
LABELS = (np.arange(N) % 10 == 9).astype(np.int64)


def write_rare_world(root: Path) -> None:
    """One in ten images is of a dog."""
    write_images(root, n=N)
    rows = ManifestRow.read_rows(root / "images" / "manifest.csv")
    labels = [int(LABELS[row.row]) for row in rows]
    relabelled = [replace(row, label=label, class_name=CLASSES[label]) for row, label in zip(rows, labels, strict=True)]
    ManifestRow.write_rows(root / "images" / "manifest.csv", relabelled)


def write_answers(root: Path, name: str, family: str, cats: int, dogs: int, by: str | None, val: float) -> None:
    """A recipe that is right on so many of the 180 cats and 20 dogs. val: its validation accuracy; by balanced accuracy
    it is as on the test images.
    """
    wrong = np.zeros(N, dtype=bool)
    for label, right in enumerate((cats, dogs)):
        wrong[np.flatnonzero(label == LABELS)[right:]] = True
    folder = write_recipe(root, name, family, wrong=int(wrong.sum()), val=val, n=N)
    predicted = np.where(wrong, 1 - LABELS, LABELS)
    p = np.where(predicted == 1, 0.7, 0.2)
    rows = [
        PredictionRow(split, i, path(split, i, CLASSES), int(LABELS[i]), int(predicted[i]), 0.8, 0.8, 0.3)
        for split in ("val", "test")
        for i in range(N)
    ]
    PredictionRow.write_rows(folder / "evaluate" / "predictions.csv", rows)
    np.save(folder / "evaluate" / "probabilities.npy", np.tile(np.stack([1 - p, p], 1), (2, 1)).astype(np.float32))
    answers = Predictions(np.stack([1 - p, p], 1), predicted)
    found = split_metrics(answers, LABELS, CLASSES, Evaluate(bootstrap=200))
    evaluation_metrics(n=N, test=found).write(folder / "evaluate" / "metrics.json")
    balanced = (cats / 180 + dogs / 20) / 2
    if by:
        history = History([epoch_metrics(1, val, val_balanced_accuracy=balanced)], by)
        history.write(folder / "model" / "history.csv")
        summary = TrainingSummary.read(folder / "model" / "summary.json")
        replace(summary, select_by=by, kept=history.best, last=history.last, kept_epoch=1, epochs=1).write(
            folder / "model" / "summary.json"
        )


def write_two(root: Path, *by: str | None) -> None:
    write_rare_world(root)
    write_answers(root, "scratch", "scratch", 178, 6, by[0], 0.92)  # accuracy 92.0 %, balanced 64.4 %
    write_answers(root, "fine_tune", "transfer", 155, 18, by[-1], 0.865)  # accuracy 86.5 %, balanced 88.1 %


@pytest.mark.parametrize(("by", "best"), [(None, "scratch"), (BALANCED_ACCURACY, "fine_tune")])
def test_the_winner_follows(tmp_path: Path, by: str | None, best: str) -> None:
    write_two(tmp_path, by)
    write_answers(tmp_path, "features", "transfer", 175, 8, by, 0.91)  # accuracy 91.5 %, balanced 68.6 %
    comparison = build_comparison(tmp_path, ["scratch", "fine_tune", "features"])
    assert comparison.by.name == (by or "accuracy"), "a summary of an earlier version is by accuracy"
    assert comparison.verdict.transfer == ("fine_tune" if by else "features"), "the best of a family on validation"
    assert comparison.verdict.best == comparison.pairwise.order[0] == comparison.advice.best == best
    paired = comparison.pairwise.between("fine_tune", "scratch").paired
    expected = (155 / 180 + 18 / 20) / 2 - (178 / 180 + 6 / 20) / 2 if by else 0.865 - 0.92
    assert paired.difference.value == pytest.approx(expected)
    assert paired.first_only == 12 and paired.second_only == 23


def test_the_page_and_the_tables_say_by_what(tmp_path: Path) -> None:
    write_two(tmp_path, BALANCED_ACCURACY)
    compare(tmp_path, ["scratch", "fine_tune"], tmp_path / "report")
    table = ComparisonTable.read(tmp_path / "report" / "table.json")
    assert table.select_by == BALANCED_ACCURACY and "balanced accuracy" in table.chosen_by
    assert "balanced accuracy" in table.verdict.answer
    rows = {row.recipe: row for row in ComparisonRow.read_rows(tmp_path / "report" / "table.csv")}
    assert rows["fine_tune"].test_selected == pytest.approx((155 / 180 + 18 / 20) / 2)
    assert rows["majority class"].test_selected == 0.5, "one class alone is right on half, balanced"
    assert rows["fine_tune"].p is not None and rows["fine_tune"].mcnemar_p is None
    assert "88.1 %" in " ".join(_cells(rows["fine_tune"], table)), "`warmstart report` prints it"
    assert comparison_metrics(table)["table/fine_tune_test_balanced_accuracy"] == rows["fine_tune"].test_selected
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "McNemar" not in page.partition("More metrics")[0]
    compare(tmp_path, ["scratch"], tmp_path / "alone")


def test_recipes_that_were_chosen_differently_are_compared_by_accuracy_and_the_page_warns(tmp_path: Path) -> None:
    write_two(tmp_path, None, BALANCED_ACCURACY)
    comparison = build_comparison(tmp_path, ["scratch", "fine_tune"])
    assert comparison.by.name == "accuracy" and comparison.verdict.best == "scratch"
    assert any("balanced accuracy" in reason for reason in comparison.verdict_record().reasons)


def test_thresholds_are_said_to_follow_what_chose_the_epochs(tmp_path: Path) -> None:
    write_two(tmp_path, None, BALANCED_ACCURACY)
    scratch, fine_tune = build_comparison(tmp_path, ["scratch", "fine_tune"]).finished
    by_loss = replace(scratch, summary=replace(scratch.summary, select_by="loss"))
    assert threshold_metric([scratch, by_loss]) == "", "no threshold changes the loss"
    assert threshold_metric([fine_tune]) == SELECTABLE[BALANCED_ACCURACY].title
    assert threshold_metric([scratch, fine_tune]) not in ("", SELECTABLE[BALANCED_ACCURACY].title)


def answers(rng: np.random.Generator, skill: float, labels: np.ndarray, classes: int) -> TestedAnswers:
    scores = rng.normal(size=(len(labels), classes))
    scores[np.arange(len(labels)), labels] += skill
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return TestedAnswers(Predictions(p, p.argmax(1)), labels, np.zeros(len(labels), dtype=np.int64))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", sorted(SELECTABLE))
def test_a_positive_difference_is_the_better_recipe(name: str, classes: int) -> None:
    rng, labels = np.random.default_rng(0), np.arange(150) % classes
    good, poor = answers(rng, 2.0, labels, classes), answers(rng, 0.5, labels, classes)
    metric = METRICS[name]
    drawn = (redrawn(metric, good), redrawn(metric, poor))
    there = compare_by_metric(metric, good, poor, drawn, 0.95)
    back = compare_by_metric(metric, poor, good, drawn[::-1], 0.95)
    assert there.beyond_noise and there.difference.low > 0
    assert (back.difference.low, back.difference.high) == pytest.approx((-there.difference.high, -there.difference.low))
    same = compare_by_metric(metric, good, good, (drawn[0], drawn[0]), 0.95)
    assert same.p == 1 and same.difference.value == 0 and not same.beyond_noise


def test_by_accuracy_the_test_is_mcnemars() -> None:
    rng, labels = np.random.default_rng(1), np.arange(80) % 2
    one, two = answers(rng, 1.0, labels, 2), answers(rng, 0.6, labels, 2)
    first, second = (one.correct & ~two.correct).sum(), (~one.correct & two.correct).sum()
    assert swap_test(METRICS["accuracy"], one, two) == pytest.approx(mcnemar(int(first), int(second)), abs=0.02)


def test_scores_on_different_scales_are_ranked_before_they_are_swapped() -> None:
    rng, labels = np.random.default_rng(2), np.arange(100) % 2
    one, two = answers(rng, 1.0, labels, 2), answers(rng, 0.7, labels, 2)
    squeezed = replace(two, predictions=Predictions(two.predictions.probabilities**9, two.predictions.predicted))
    p = swap_test(METRICS["auroc"], one, two)
    assert 0.01 < p < 0.9 and swap_test(METRICS["auroc"], one, squeezed) == p


def test_p_is_small_as_often_as_it_should_be() -> None:
    labels = np.arange(60) % 10 // 8
    rng = np.random.default_rng(3)
    pairs = [(answers(rng, 1.0, labels, 2), answers(rng, 1.0, labels, 2)) for _ in range(40)]
    small = sum(swap_test(METRICS[BALANCED_ACCURACY], one, two) < 0.05 for one, two in pairs)
    assert small <= 6
