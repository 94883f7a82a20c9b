from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from finished_recipes import write, write_images, write_recipe
from warmstart.comparison.compare import compare, gather
from warmstart.errors import UserError
from warmstart.text.quantities import (
    commonest,
    count,
    duration,
    p_text,
    percent,
    percent_interval,
    points,
    precision_words,
)

RECIPES = ["linear_probe", "scratch", "scratch_augmented", "fine_tune"]
DIGITS = ["dense", "convnet", "convnet_no_pooling"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_images(tmp_path)
    return tmp_path


def test_rows_follow_the_list_after_the_majority_class(root: Path) -> None:
    write_recipe(root, "fine_tune", "transfer", wrong=1)
    write_recipe(root, "scratch", "scratch", wrong=10)
    rows = gather(root, RECIPES).rows
    assert [row["recipe"] for row in rows] == ["majority class", "scratch", "fine_tune"]
    assert rows[0]["test_accuracy"] == 0.5 and rows[0]["seconds"] is None
    assert rows[1]["difference"] is None
    assert rows[2]["versus"] == "scratch" and rows[2]["difference"] == pytest.approx(9 / 40)
    assert rows[2]["mcnemar_p"] == pytest.approx(2 / 2**9)
    assert rows[2]["val_accuracy_last"] == pytest.approx(0.9)
    assert rows[2]["val_accuracy_last_low"] < 0.9 < rows[2]["val_accuracy_last_high"]


def test_validation_chooses_and_test_does_not(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=2, val=0.8)
    write_recipe(root, "scratch_augmented", "scratch", wrong=20, val=0.85)
    write_recipe(root, "linear_probe", "transfer", wrong=0, val=0.9)
    write_recipe(root, "fine_tune", "transfer", wrong=4, val=0.95)
    comparison = gather(root, RECIPES)
    assert (comparison.verdict.scratch, comparison.verdict.transfer) == ("scratch_augmented", "fine_tune")
    assert [row["recipe"] for row in comparison.rows if row["chosen"]] == ["scratch_augmented", "fine_tune"]


def test_a_tie_on_validation_accuracy_goes_to_the_lower_validation_loss(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=2)
    folder = write_recipe(root, "scratch_augmented", "scratch", wrong=3)
    summary = json.loads((folder / "model" / "summary.json").read_text())
    summary["kept"]["val/loss"] = 0.1
    write(folder / "model" / "summary.json", summary)
    assert gather(root, RECIPES).verdict.scratch == "scratch_augmented"


@pytest.mark.parametrize(
    ("scratch", "transfer", "start", "winner"),
    [
        (20, 2, "Start warm: fine_tune beats scratch by 45.0 points [", "fine_tune"),
        (2, 20, "Train from scratch: scratch beats fine_tune by 45.0 points [", "scratch"),
        (5, 4, "No difference beyond the noise: fine_tune and scratch are 2.5 points apart [", "fine_tune"),
        (4, 4, "No difference beyond the noise: fine_tune and scratch are 0.0 points apart [", "fine_tune"),
    ],
)
def test_the_verdict_is_computed(root: Path, scratch: int, transfer: int, start: str, winner: str) -> None:
    write_recipe(root, "scratch", "scratch", wrong=scratch)
    write_recipe(root, "fine_tune", "transfer", wrong=transfer)
    verdict = gather(root, RECIPES).verdict
    assert verdict.answer.startswith(start)
    assert "on the same 40 test images." in verdict.answer and "McNemar" not in " ".join(
        [verdict.answer, *verdict.reasons]
    )
    assert verdict.reasons[0].startswith(winner)
    assert verdict.paired is not None and verdict.paired.difference.value == pytest.approx((scratch - transfer) / 40)


def test_a_winner_no_better_than_guessing_is_called_so(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=30)
    write_recipe(root, "fine_tune", "transfer", wrong=18)
    assert any("always saying cat" in reason for reason in gather(root, RECIPES).verdict.reasons)
    write_recipe(root, "fine_tune", "transfer", wrong=1)
    assert not any("always saying cat" in reason for reason in gather(root, RECIPES).verdict.reasons)


def test_one_family_alone_gets_no_verdict(root: Path) -> None:
    write_recipe(root, "linear_probe", "transfer", wrong=3)
    comparison = gather(root, RECIPES)
    assert comparison.verdict.answer.startswith("No verdict yet: no recipe from scratch has finished.")
    assert comparison.reference == "linear_probe" and not comparison.pairs


@pytest.mark.parametrize(
    ("dense", "convnet", "no_pooling", "answer"),
    [
        (12, 1, 2, "convnet beats dense by 27.5 points ["),
        (1, 12, 2, "dense beats convnet by 27.5 points ["),
        (4, 3, 2, "No difference beyond the noise: convnet and dense are 2.5 points apart ["),
    ],
)
def test_one_family_that_is_all_there_is_compared_with_its_first(
    root: Path, dense: int, convnet: int, no_pooling: int, answer: str
) -> None:
    write_recipe(root, "dense", "scratch", wrong=dense, val=0.8)
    write_recipe(root, "convnet", "scratch", wrong=convnet, val=0.95)
    write_recipe(root, "convnet_no_pooling", "scratch", wrong=no_pooling, val=0.9)
    comparison = gather(root, DIGITS)
    verdict = comparison.verdict
    assert verdict.answer.startswith(answer) and verdict.question == "which recipe?"
    assert verdict.paired is not None and verdict.paired.difference.value == pytest.approx((dense - convnet) / 40)
    assert verdict.reasons[-1] == "Training took 75 s for convnet (100 parameters trained) and 75 s for dense (100)."
    assert [row["recipe"] for row in comparison.rows if row["chosen"]] == ["dense", "convnet"]
    assert (verdict.scratch, verdict.transfer) == ("convnet", None)


def test_a_first_recipe_that_is_the_best_is_compared_with_the_next_on_validation(root: Path) -> None:
    write_recipe(root, "dense", "scratch", wrong=1, val=0.95)
    write_recipe(root, "convnet", "scratch", wrong=0, val=0.8)
    write_recipe(root, "convnet_no_pooling", "scratch", wrong=12, val=0.9)
    assert gather(root, DIGITS).verdict.answer.startswith("dense beats convnet_no_pooling by 27.5 points [")


def test_one_family_of_which_more_is_to_come_gets_no_verdict(root: Path) -> None:
    write_recipe(root, "dense", "scratch", wrong=12)
    write_recipe(root, "convnet", "scratch", wrong=1)
    verdict = gather(root, DIGITS).verdict
    assert verdict.answer.startswith("No verdict yet") and verdict.paired is None


def test_a_recipe_that_is_the_only_one_has_nothing_to_be_compared_with(root: Path) -> None:
    write_recipe(root, "dense", "scratch", wrong=2)
    verdict = gather(root, ["dense"]).verdict
    assert (
        verdict.answer
        == "dense is the only recipe, right on 95.0 % [85.0, 100.0] of 40 test images: there is nothing to compare it with."
    )


def test_what_is_left_out_says_why(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=3)
    (write_recipe(root, "fine_tune", "transfer", wrong=3) / "evaluate" / "metrics.json").unlink()
    folder = write_recipe(root, "linear_probe", "transfer", wrong=3)
    write(folder / "model" / "run.json", {"dataset_digest": "cd" * 32})
    left_out = gather(root, RECIPES).left_out
    assert list(left_out) == ["linear_probe", "scratch_augmented", "fine_tune"]
    assert "other images" in left_out["linear_probe"]
    assert "evaluate/metrics.json" in left_out["fine_tune"]


def test_nothing_finished_is_an_error_that_names_the_recipes(root: Path) -> None:
    with pytest.raises(UserError, match=r"nothing to compare.*scratch has not finished"):
        gather(root, ["scratch"])


def test_recipes_tested_on_different_images_are_refused(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=3)
    write_recipe(root, "fine_tune", "transfer", wrong=3, n=38)
    with pytest.raises(UserError, match="different images"):
        gather(root, RECIPES)


def test_the_stage_writes_the_same_table_as_csv_and_json(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=10)
    write_recipe(root, "fine_tune", "transfer", wrong=1)
    compare(root, RECIPES, root / "report", {"confidence": 0.9})
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
    compare(root, ["scratch", "fine_tune"], root / "report", {})
    table = json.loads((root / "report" / "table.json").read_text())
    row = table["rows"][1]
    assert (row["test_accuracy"], row["test_accuracy_as_trained"]) == (0.95, 0.5)
    assert table["pairs"]["fine_tune"]["difference"]["value"] == pytest.approx(-2 / 40)
    page = (root / "report" / "index.html").read_text()
    assert "What to do now:</strong> use scratch" in page
    assert page.count("as trained 50.0") == 1 and "as trained 90.0" not in page  # said where it differs alone


def test_an_evaluation_of_an_earlier_version_is_left_out(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=2)
    file = write_recipe(root, "fine_tune", "transfer", wrong=4) / "evaluate" / "metrics.json"
    metrics = json.loads(file.read_text())
    write(file, {key: value for key, value in metrics.items() if key != "as_trained"})
    assert "evaluate it again" in gather(root, RECIPES).left_out["fine_tune"]


def test_figures_in_words() -> None:
    assert [p_text(p) for p in (0.00001, 0.0123, 0.62, 1.0)] == ["p < 0.001", "p = 0.012", "p = 0.62", "p = 1.00"]
    assert [duration(s) for s in (4.21, 95, 150, 2880, 11160)] == ["4.2 s", "95 s", "2.5 min", "48 min", "3.1 h"]
    assert (percent(0.9734), percent(None), points(0.098), points(-0.043)) == ("97.3", "–", "+9.8", "−4.3")
    assert (
        percent_interval({"value": 0.9734, "low": 0.96, "high": 1.0}) == "97.3 % [96.0, 100.0]"
        and count(1234.0) == "1,234"
    )
    assert commonest(["cat"]) == "cat" and commonest(["a", "b"]) == "the commonest class"
    assert precision_words("bf16-mixed", "cpu") == "in bfloat16 mixed precision on the CPU"
