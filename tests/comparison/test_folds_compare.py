"""Recipes in folds are compared on all images, and called what they are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from finished_recipes import fold_images, fold_recipe, write_images, write_recipe
from warmstart.comparison.compare import build_comparison, compare
from warmstart.comparison.finished import LeftOut, LeftOutReason
from warmstart.comparison.messages import chosen_by
from warmstart.comparison.verdict import Outcome
from warmstart.records.evaluation import EvaluationMetrics

RECIPES = ["scratch", "scratch_augmented", "fine_tune"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_images(tmp_path)
    fold_images(tmp_path, 5)
    fold_recipe(write_recipe(tmp_path, "scratch", "scratch", wrong=20), [0.7, 0.8, 0.7, 0.8, 0.7], wrong=30)
    fold_recipe(write_recipe(tmp_path, "fine_tune", "transfer", wrong=20), [0.9] * 5, wrong=6)
    return tmp_path


def test_pairs_and_intervals_are_of_all_images(root: Path) -> None:
    comparison = build_comparison(root, RECIPES)
    pair = comparison.pairwise.pairs[0].paired
    assert (pair.n, pair.both, pair.first_only, pair.second_only, pair.neither) == (120, 90, 24, 0, 6)
    assert [row.n_test for row in comparison.rows] == [120] * 3
    row = comparison.rows[1]
    assert (
        row.n_val == 120
        and row.val_accuracy_kept == pytest.approx(round(0.74 * 120) / 120)
        and row.val_accuracy_kept_low > 0.65
    )


def test_it_says_out_of_fold_and_not_test(root: Path) -> None:
    comparison = build_comparison(root, RECIPES)
    verdict = comparison.verdict
    assert (verdict.outcome, verdict.ahead) == (Outcome.BETTER, "fine_tune")
    assert verdict.paired is not None and verdict.paired.difference.value == pytest.approx(0.2)
    written = comparison.verdict_record()
    sentences = (written.answer, *written.reasons)
    assert sum("out of fold in 5 folds" in sentence for sentence in sentences) == 2
    assert not any("test image" in sentence for sentence in sentences)


def test_the_mean_over_the_folds_chooses(root: Path) -> None:
    # Better in fold 0, which summary.json's own figures are of, and worse in the mean.
    fold_recipe(
        write_recipe(root, "scratch_augmented", "scratch", wrong=1, val=0.99), [0.99, 0.6, 0.6, 0.6, 0.6], wrong=1
    )
    comparison = build_comparison(root, RECIPES)
    assert comparison.verdict.scratch == "scratch" and "mean of 5 folds" in chosen_by(5)


@pytest.mark.parametrize("file", ["model/folds/3/summary.json", "evaluate/out_of_fold.csv"])
def test_half_the_folds_are_not_finished(root: Path, file: str) -> None:
    (root / "recipes" / "fine_tune" / file).unlink()
    comparison = build_comparison(root, RECIPES)
    assert [recipe.name for recipe in comparison.finished] == ["scratch"]
    assert comparison.left_out["fine_tune"] == LeftOut(LeftOutReason.NOT_FINISHED, file)


def test_other_numbers_of_folds_are_left_out_with_the_reason(root: Path) -> None:
    fold_recipe(write_recipe(root, "fine_tune", "transfer", wrong=1), [0.9] * 3, wrong=1)
    write_recipe(root, "scratch_augmented", "scratch", wrong=1)
    left_out = build_comparison(root, RECIPES).left_out
    assert left_out["fine_tune"] == LeftOut(LeftOutReason.TRAINED_ON_OTHER_FOLDS, folds=(3, 5))
    assert left_out["scratch_augmented"] == LeftOut(LeftOutReason.TRAINED_ON_OTHER_FOLDS, folds=(1, 5))
    metrics = root / "recipes" / "scratch" / "evaluate" / "metrics.json"
    replace(EvaluationMetrics.read(metrics), folds=4).write(metrics)
    fold_recipe(write_recipe(root, "fine_tune", "transfer", wrong=1), [0.9] * 5, wrong=1)
    assert build_comparison(root, RECIPES).left_out["scratch"] == LeftOut(
        LeftOutReason.EVALUATED_ON_OTHER_FOLDS, folds=(4, 5)
    )


def test_the_page_shows_each_fold_and_what_an_interval_leaves_out(root: Path) -> None:
    compare(root, RECIPES, root / "report")
    page = " ".join((root / "report" / "index.html").read_text().split())
    assert "accuracy,<br>out of fold<small>%, n = 120" in page and "test accuracy" not in page
    assert page.count("<th>fold ") == 5 and "n = 24</small>" in page
    assert "Grandvalet" in page and "trained 5 times" in page and "the test images had no part" not in page
    assert (
        "always the commonest class<" in page
        and "(cat or dog)" in page
        and "cat/dog" not in page
        and "p &lt; 0.001" in page
    )
    table = json.loads((root / "report" / "table.json").read_text())
    assert (table["folds"], table["tested_on"]) == (5, "images, out of fold in 5 folds")


def test_without_folds_the_page_says_nothing_of_them(tmp_path: Path) -> None:
    write_images(tmp_path)
    write_recipe(tmp_path, "scratch", "scratch", wrong=20)
    write_recipe(tmp_path, "fine_tune", "transfer", wrong=2)
    compare(tmp_path, RECIPES, tmp_path / "report")
    page = " ".join((tmp_path / "report" / "index.html").read_text().split())
    assert "fold" not in page.replace("manifold", "") and "each recipe was trained once." in page
    assert "folds" not in json.loads((tmp_path / "report" / "table.json").read_text())
