from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from finished_recipes import write, write_images, write_recipe
from record_builders import epoch_metrics, run_identity
from warmstart.comparison.compare import build_comparison, compare
from warmstart.comparison.finished import LeftOut, LeftOutReason
from warmstart.comparison.verdict import Outcome, Question
from warmstart.errors import UserError

RECIPES = ["linear_probe", "scratch", "scratch_augmented", "fine_tune"]
DIGITS = ["dense", "convnet", "convnet_no_pooling"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_images(tmp_path)
    return tmp_path


def test_rows_follow_the_list_after_the_majority_class(root: Path) -> None:
    write_recipe(root, "fine_tune", "transfer", wrong=1)
    write_recipe(root, "scratch", "scratch", wrong=10)
    rows = build_comparison(root, RECIPES).rows
    assert [row.recipe for row in rows] == ["majority class", "scratch", "fine_tune"]
    assert rows[0].test_accuracy == 0.5 and rows[0].seconds is None
    assert rows[1].difference is None
    assert rows[2].versus == "scratch" and rows[2].difference == pytest.approx(9 / 40)
    assert rows[2].mcnemar_p == pytest.approx(2 / 2**9)
    assert rows[2].val_accuracy_last == pytest.approx(0.9)
    assert rows[2].val_accuracy_last_low < 0.9 < rows[2].val_accuracy_last_high


def test_validation_chooses_and_test_does_not(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=2, val=0.8)
    write_recipe(root, "scratch_augmented", "scratch", wrong=20, val=0.85)
    write_recipe(root, "linear_probe", "transfer", wrong=0, val=0.9)
    write_recipe(root, "fine_tune", "transfer", wrong=4, val=0.95)
    comparison = build_comparison(root, RECIPES)
    assert (comparison.verdict.scratch, comparison.verdict.transfer) == ("scratch_augmented", "fine_tune")
    assert [row.recipe for row in comparison.rows if row.chosen] == ["scratch_augmented", "fine_tune"]


def test_a_tie_on_validation_accuracy_goes_to_the_lower_validation_loss(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=2)
    write_recipe(root, "scratch_augmented", "scratch", wrong=3, kept=epoch_metrics(val_loss=0.1))
    assert build_comparison(root, RECIPES).verdict.scratch == "scratch_augmented"


@pytest.mark.parametrize(
    ("scratch", "transfer", "outcome", "ahead"),
    [
        (20, 2, Outcome.BETTER, "fine_tune"),
        (2, 20, Outcome.BETTER, "scratch"),
        (5, 4, Outcome.NO_DIFFERENCE, "fine_tune"),
        (4, 4, Outcome.NO_DIFFERENCE, "fine_tune"),
    ],
)
def test_the_verdict_is_computed(root: Path, scratch: int, transfer: int, outcome: Outcome, ahead: str) -> None:
    write_recipe(root, "scratch", "scratch", wrong=scratch)
    write_recipe(root, "fine_tune", "transfer", wrong=transfer)
    comparison = build_comparison(root, RECIPES)
    verdict = comparison.verdict
    assert (verdict.question, verdict.outcome, verdict.ahead) == (Question.FAMILY, outcome, ahead)
    assert verdict.named == ("fine_tune", "scratch")
    assert verdict.paired is not None and verdict.paired.difference.value == pytest.approx((scratch - transfer) / 40)
    assert verdict.paired.n == 40
    written = comparison.verdict_record()
    assert f"{100 * abs(verdict.paired.difference.value):.1f} points" in written.answer
    assert written.reasons[0].startswith(ahead)


def test_a_winner_no_better_than_guessing_is_called_so(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=30)
    write_recipe(root, "fine_tune", "transfer", wrong=18)
    comparison = build_comparison(root, RECIPES)
    assert not comparison.recipes[comparison.verdict.ahead].beats_majority
    reasons = len(comparison.verdict_record().reasons)
    write_recipe(root, "fine_tune", "transfer", wrong=1)
    comparison = build_comparison(root, RECIPES)
    assert comparison.recipes[comparison.verdict.ahead].beats_majority
    assert len(comparison.verdict_record().reasons) == reasons - 1


def test_one_family_alone_gets_no_verdict(root: Path) -> None:
    write_recipe(root, "linear_probe", "transfer", wrong=3)
    comparison = build_comparison(root, RECIPES)
    assert (comparison.verdict.question, comparison.verdict.outcome) == (Question.FAMILY, Outcome.FAMILY_MISSING)
    assert comparison.verdict.named == ("linear_probe",) and comparison.verdict.scratch is None
    assert comparison.reference == "linear_probe" and not comparison.pairwise.pairs


@pytest.mark.parametrize(
    ("dense", "convnet", "no_pooling", "outcome", "ahead"),
    [
        (12, 1, 2, Outcome.BETTER, "convnet"),
        (1, 12, 2, Outcome.BETTER, "dense"),
        (4, 3, 2, Outcome.NO_DIFFERENCE, "convnet"),
    ],
)
def test_one_family_that_is_all_there_is_compared_with_its_first(
    root: Path, dense: int, convnet: int, no_pooling: int, outcome: Outcome, ahead: str
) -> None:
    write_recipe(root, "dense", "scratch", wrong=dense, val=0.8)
    write_recipe(root, "convnet", "scratch", wrong=convnet, val=0.95)
    write_recipe(root, "convnet_no_pooling", "scratch", wrong=no_pooling, val=0.9)
    comparison = build_comparison(root, DIGITS)
    verdict = comparison.verdict
    assert (verdict.question, verdict.outcome, verdict.ahead) == (Question.RECIPE, outcome, ahead)
    assert verdict.paired is not None and verdict.paired.difference.value == pytest.approx((dense - convnet) / 40)
    assert verdict.best == (ahead if outcome is Outcome.BETTER else "convnet")
    assert [row.recipe for row in comparison.rows if row.chosen] == ["dense", "convnet"]
    assert (verdict.scratch, verdict.transfer) == ("convnet", None)


def test_a_first_recipe_that_is_the_best_is_compared_with_the_next_on_validation(root: Path) -> None:
    write_recipe(root, "dense", "scratch", wrong=1, val=0.95)
    write_recipe(root, "convnet", "scratch", wrong=0, val=0.8)
    write_recipe(root, "convnet_no_pooling", "scratch", wrong=12, val=0.9)
    verdict = build_comparison(root, DIGITS).verdict
    assert (verdict.outcome, verdict.ahead, verdict.named) == (Outcome.BETTER, "dense", ("dense", "convnet_no_pooling"))


def test_one_family_of_which_more_is_to_come_gets_no_verdict(root: Path) -> None:
    write_recipe(root, "dense", "scratch", wrong=12)
    write_recipe(root, "convnet", "scratch", wrong=1)
    verdict = build_comparison(root, DIGITS).verdict
    assert verdict.outcome is Outcome.FAMILY_MISSING and verdict.paired is None


def test_a_recipe_that_is_the_only_one_has_nothing_to_be_compared_with(root: Path) -> None:
    write_recipe(root, "dense", "scratch", wrong=2)
    comparison = build_comparison(root, ["dense"])
    assert (comparison.verdict.outcome, comparison.verdict.named) == (Outcome.SINGLE_RECIPE, ("dense",))
    assert "95.0 % [85.0, 100.0] of 40 test images" in comparison.verdict_record().answer


def test_what_is_left_out_says_why(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=3)
    (write_recipe(root, "fine_tune", "transfer", wrong=3) / "evaluate" / "metrics.json").unlink()
    folder = write_recipe(root, "linear_probe", "transfer", wrong=3)
    run_identity(dataset_digest="cd" * 32).write(folder / "model" / "run.json")
    assert build_comparison(root, RECIPES).left_out == {
        "linear_probe": LeftOut(LeftOutReason.TRAINED_ON_OTHER_IMAGES),
        "scratch_augmented": LeftOut(LeftOutReason.NOT_FINISHED, "model/summary.json"),
        "fine_tune": LeftOut(LeftOutReason.NOT_FINISHED, "evaluate/metrics.json"),
    }


def test_nothing_finished_is_an_error_that_names_the_recipes(root: Path) -> None:
    with pytest.raises(UserError, match=r"nothing to compare.*scratch has not finished"):
        build_comparison(root, ["scratch"])


def test_recipes_tested_on_different_images_are_refused(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=3)
    write_recipe(root, "fine_tune", "transfer", wrong=3, n=38)
    with pytest.raises(UserError, match="different images"):
        build_comparison(root, RECIPES)


def test_the_stage_writes_the_same_table_as_csv_and_json(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=10)
    write_recipe(root, "fine_tune", "transfer", wrong=1)
    compare(root, RECIPES, root / "report", 0.9)
    written = json.loads((root / "report" / "table.json").read_text())
    assert (
        written["confidence"] == 0.9
        and written["verdict"]["transfer"] == "fine_tune"
        and written["counts"]["test"] == 40
    )
    with (root / "report" / "table.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["recipe"] for row in rows] == [row["recipe"] for row in written["rows"]]
    assert float(rows[2]["difference_low"]) == written["rows"][2]["difference_low"]
    assert rows[0]["difference"] == "" and written["rows"][0]["difference"] is None


def test_figures_are_as_shipped_and_as_trained_beside_them(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=2, trained_wrong=20)
    write_recipe(root, "fine_tune", "transfer", wrong=4)
    compare(root, ["scratch", "fine_tune"], root / "report")
    table = json.loads((root / "report" / "table.json").read_text())
    row = table["rows"][1]
    assert (row["test_accuracy"], row["test_accuracy_as_trained"]) == (0.95, 0.5)
    assert table["pairwise"]["pairs"][0]["paired"]["difference"]["value"] == pytest.approx(2 / 40)
    page = " ".join((root / "report" / "index.html").read_text().split())
    assert "What to do now:</strong> use scratch" in page
    assert page.count("as trained 50.0") == 1 and "as trained 90.0" not in page  # said where it differs alone


def test_an_evaluation_of_an_earlier_version_is_left_out(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=2)
    write_recipe(root, "features", "transfer", wrong=4)
    write_recipe(root, "fine_tune", "transfer", wrong=4)
    for file in ("features/model/summary.json", "fine_tune/evaluate/metrics.json"):
        content = json.loads((root / "recipes" / file).read_text())
        del content["format"]  # as before there were versions
        write(root / "recipes" / file, content)
    assert build_comparison(root, ["scratch", "features", "fine_tune"]).left_out == {
        "features": LeftOut(LeftOutReason.TRAINED_BY_OTHER_VERSION),
        "fine_tune": LeftOut(LeftOutReason.EVALUATED_BY_OTHER_VERSION),
    }
