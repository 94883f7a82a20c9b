"""Recipes with several seeds are compared by their means, over images and seeds, and called what they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finished_recipes import seed_recipe, write_images, write_recipe
from warmstart.comparison.compare import build_comparison, compare
from warmstart.comparison.finished import LeftOut, LeftOutReason
from warmstart.comparison.pairwise_messages import pairwise_sentences
from warmstart.comparison.verdict import Outcome
from warmstart.errors import UserError
from warmstart.records.comparison import ComparisonTable
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.records.training_summary import TrainingSummary
from warmstart.statistics.paired_tests import compare_paired
from warmstart.statistics.seeds_and_images import compare_over_seeds

N = 100
RECIPES = ["scratch", "scratch_augmented", "fine_tune"]
WRONG = {
    "scratch": [range(20, 40), range(25, 50), range(10, 25)],
    "scratch_augmented": [range(5), range(60, 90), range(50, 80)],  # the best with its first seed
    "fine_tune": [range(8), range(5), range(6)],
}
VAL = {"scratch": [0.7, 0.9, 0.8], "scratch_augmented": [0.99, 0.6, 0.6], "fine_tune": [0.9, 0.92, 0.94]}


def right(recipe: str) -> np.ndarray:
    return np.array([[i not in wrong for i in range(N)] for wrong in WRONG[recipe]])


def plant(root: Path, *recipes: str) -> Path:
    write_images(root, n=N)
    for name in recipes:
        family = "scratch" if name.startswith("scratch") else "transfer"
        first = WRONG[name][0]
        folder = write_recipe(root, name, family, wrong=len(first), wrong_on=first, val=VAL[name][0], n=N, seconds=75.0)
        seed_recipe(folder, WRONG[name], VAL[name], n=N)
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = plant(tmp_path_factory.mktemp("seeded"), *RECIPES)
    compare(root, RECIPES, root / "report", seeds=3)
    return root


def test_pairs_verdict_and_order_are_of_the_means(root: Path) -> None:
    comparison = build_comparison(root, RECIPES, seeds=3)
    assert comparison.seeds == 3
    assert comparison.pairwise.order == ["fine_tune", "scratch", "scratch_augmented"]
    found = comparison.pairwise.between("fine_tune", "scratch").paired
    assert found == compare_over_seeds(right("fine_tune"), right("scratch"))
    verdict = comparison.verdict
    assert (verdict.scratch, verdict.ahead) == (
        "scratch",
        "fine_tune",
    )  # the mean over the seeds chooses, not the first
    assert verdict.paired == found and verdict.outcome is Outcome.BETTER
    assert found.difference.value == pytest.approx(right("fine_tune").mean() - right("scratch").mean())
    back = comparison.pairwise.between("scratch", "fine_tune").paired
    assert back.over is not None and found.over is not None
    assert (back.over.seeds.low, back.over.images.high) == (-found.over.seeds.high, -found.over.images.low)


def test_the_verdict_can_turn_on_the_luck_of_the_seeds(root: Path) -> None:
    pair = build_comparison(root, RECIPES, seeds=3).pairwise.between("fine_tune", "scratch_augmented").paired
    assert pair.over is not None and pair.over.images.low > 0  # clear for these networks …
    assert pair.over.seeds.low < 0 and not pair.beyond_noise  # … and not for others
    assert compare_paired(right("fine_tune").ravel(), right("scratch_augmented").ravel()).beyond_noise


def test_rows_have_means_and_the_cost_of_one_seed(root: Path) -> None:
    comparison = build_comparison(root, RECIPES, seeds=3)
    row = next(row for row in comparison.rows if row.recipe == "scratch")
    assert row.test_accuracy == pytest.approx(0.8) and row.n_test == N
    assert row.val_accuracy_kept == pytest.approx(0.8) and row.n_val == N
    assert row.seconds == row.total_seconds == 75.0
    assert comparison.recipes["scratch"].metrics.test.accuracy.value == pytest.approx(0.8)
    assert comparison.recipes["scratch_augmented"].metrics.test.accuracy.value == pytest.approx(0.95)  # as packaged


def test_sentences_say_that_it_rests_on_both(root: Path) -> None:
    written = build_comparison(root, RECIPES, seeds=3).verdict_record()
    assert "mean of 3 seeds" in written.answer
    (both,) = [reason for reason in written.reasons if "over images alone" in reason]
    paired = compare_over_seeds(right("fine_tune"), right("scratch"))
    assert paired.over is not None
    for one in (paired.over.images, paired.over.seeds):
        assert f"[{100 * one.low:.1f}, {100 * one.high:.1f}]" in both
    pairwise = ComparisonTable.read(root / "report/table.json").pairwise
    assert pairwise.needed is None  # more images do not lessen the spread of seeds


def test_the_wider_of_the_two_would_be_narrowed_first(tmp_path: Path) -> None:
    plant(tmp_path, "scratch_augmented", "fine_tune")
    sentences = pairwise_sentences(build_comparison(tmp_path, RECIPES, seeds=3).pairwise, 1)
    assert "more seeds" in sentences[-1]


def test_other_numbers_of_seeds_are_left_out_with_the_reason(tmp_path: Path) -> None:
    plant(tmp_path, "scratch", "fine_tune")
    write_recipe(tmp_path, "scratch_augmented", "scratch", wrong=1, n=N)
    left_out = build_comparison(tmp_path, RECIPES, seeds=3).left_out
    assert left_out == {"scratch_augmented": LeftOut(LeftOutReason.TRAINED_WITH_OTHER_SEEDS, seeds=(1, 3))}
    found = build_comparison(tmp_path, RECIPES)
    assert [recipe.name for recipe in found.finished] == ["scratch_augmented"] and found.seeds == 1
    metrics = tmp_path / "recipes/fine_tune/evaluate/metrics.json"
    replace(EvaluationMetrics.read(metrics), seeds=None).write(metrics)
    assert build_comparison(tmp_path, RECIPES, seeds=3).left_out["fine_tune"] == LeftOut(
        LeftOutReason.EVALUATED_WITH_OTHER_SEEDS, seeds=(1, 3)
    )


@pytest.mark.parametrize("file", ["model/seeds/2/summary.json"])
def test_half_the_seeds_are_not_finished(tmp_path: Path, file: str) -> None:
    plant(tmp_path, "scratch", "fine_tune")
    (tmp_path / "recipes/fine_tune" / file).unlink()
    assert build_comparison(tmp_path, RECIPES, seeds=3).left_out["fine_tune"] == LeftOut(
        LeftOutReason.NOT_FINISHED, file
    )


def test_predictions_of_the_seeds_that_are_missing_are_a_clear_error(tmp_path: Path) -> None:
    plant(tmp_path, "scratch")
    (tmp_path / "recipes/scratch/evaluate/seed_predictions.csv").unlink()
    with pytest.raises(UserError, match=r"seed_predictions\.csv"):
        build_comparison(tmp_path, RECIPES, seeds=3)


def test_the_page_and_the_table_show_mean_images_and_seeds(root: Path) -> None:
    page = " ".join((root / "report" / "index.html").read_text().split())
    table = ComparisonTable.read(root / "report" / "table.json")
    assert table.seeds == 3 and table.over_seeds is not None and set(table.over_seeds) == set(RECIPES)
    assert table.tested_on is not None and "mean of 3 seeds" in table.tested_on
    assert "Seed by seed" in page and all(f"<th>seed {seed}</th>" in page for seed in (7, 8, 9))
    assert (
        "exact McNemar" not in page
        and "McNemar<" not in page
        and "Newcombe's" not in page
        and "trained once" not in page
    )
    over = table.over_seeds["fine_tune"].test["accuracy"].mean.seeds
    assert f"[{100 * over.low:.1f}, {100 * over.high:.1f}]" in page
    for heading in ("Training curves", "What is it most wrong about?"):
        assert "the first seed" in page.split(heading)[1].split("</section>")[0], heading


def test_with_one_seed_the_page_says_nothing_of_several(tmp_path: Path) -> None:
    write_images(tmp_path)
    write_recipe(tmp_path, "scratch", "scratch", wrong=20)
    write_recipe(tmp_path, "fine_tune", "transfer", wrong=2)
    compare(tmp_path, RECIPES, tmp_path / "report")
    page = " ".join((tmp_path / "report" / "index.html").read_text().split())
    assert "seeds" not in page and "McNemar" in page and "each recipe was trained once." in page
    assert "seed" not in (tmp_path / "report" / "table.json").read_text()


def test_recipes_chosen_by_another_metric_are_compared_by_accuracy_over_seeds_and_said_to_be(tmp_path: Path) -> None:
    plant(tmp_path, *RECIPES)
    for name in RECIPES:
        file = tmp_path / "recipes" / name / "model" / "summary.json"
        replace(TrainingSummary.read(file), select_by="loss").write(file)
    comparison = build_comparison(tmp_path, RECIPES, seeds=3)
    assert comparison.by.is_accuracy and comparison.by.others == ("loss",)
    assert any("log loss" in reason for reason in comparison.verdict_record().reasons)
