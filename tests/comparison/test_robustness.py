"""Which recipe loses least under corruptions: paired, corrected, and without those that guess."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from finished_recipes import CLASSES, path, write_images, write_recipe
from warmstart.comparison.compare import build_comparison, compare
from warmstart.errors import UserError
from warmstart.evaluation.robustness import CONDITIONS, CorruptedAnswers, robustness
from warmstart.records.comparison import ComparisonTable
from warmstart.records.robustness import CorruptedRow
from warmstart.tracking.final_metrics import robustness_metrics

N = 40
LABELS = np.arange(N) % 2


def write_robustness(folder: Path, wrong: int, lost: int, n: int = N) -> CorruptedAnswers:
    """Wrong on the first ``wrong`` images as they are, and under every corruption on ``lost`` more."""

    def answers(many: int) -> np.ndarray:
        return np.where(np.arange(n) < many, 1 - LABELS[:n], LABELS[:n])

    found = CorruptedAnswers(
        [path("test", i, CLASSES) for i in range(n)],
        LABELS[:n],
        answers(wrong),
        np.stack([answers(wrong + lost)] * len(CONDITIONS)),
    )
    robustness(found, 16, 0.95, 200).write(folder / "evaluate" / "robustness.json")
    CorruptedRow.write_rows(folder / "evaluate" / "robustness.csv", found.rows())
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_images(tmp_path)
    write_robustness(write_recipe(tmp_path, "scratch", "scratch", wrong=3), 3, 20)
    write_robustness(write_recipe(tmp_path, "fine_tune", "transfer", wrong=1), 1, 3)
    write_robustness(write_recipe(tmp_path, "features", "transfer", wrong=2), 2, 4)
    return tmp_path


def test_the_least_loss_is_found_and_set_against_all_others(root: Path) -> None:
    found = build_comparison(root, ["scratch", "fine_tune", "features"]).robustness
    assert found is not None
    record = found.record
    assert {one.recipe: round(one.loss.value * N) for one in record.recipes} == {
        "scratch": 20,
        "fine_tune": 3,
        "features": 4,
    }
    clear = {(pair.first, pair.second): pair.clear for pair in record.pairs}
    assert clear == {("fine_tune", "features"): False, ("fine_tune", "scratch"): True, ("features", "scratch"): True}
    by = {(pair.first, pair.second): pair.difference for pair in record.pairs}
    gap = by["fine_tune", "scratch"]
    assert gap.value == pytest.approx(17 / N) and gap.low < gap.value < gap.high
    assert "fine_tune" in record.sentences[0] and "scratch" in record.sentences[1]


def test_the_page_shows_it_and_mlflow_has_it(root: Path) -> None:
    compare(root, ["scratch", "fine_tune", "features"], root / "report")
    table = ComparisonTable.read(root / "report" / "table.json")
    assert table.robustness and table.robustness.n == N
    page = (root / "report" / "index.html").read_text(encoding="utf-8")
    assert table.robustness.sentences[0] in page and "Accuracy of each recipe by severity" in page
    assert (root / "report" / "robustness.png").exists()
    comparison = build_comparison(root, ["fine_tune"])
    assert comparison.robustness is not None
    metrics = robustness_metrics(comparison.robustness.measured["fine_tune"])
    assert metrics["robustness/mean_acc"] == pytest.approx(36 / N) and metrics["robustness/jpeg_acc"] == 36 / N
    assert metrics["robustness/clean_acc"] == 39 / N


def test_without_it_there_is_no_section(root: Path) -> None:
    for file in root.glob("recipes/*/evaluate/robustness.*"):
        file.unlink()
    compare(root, ["scratch", "fine_tune"], root / "report")
    assert ComparisonTable.read(root / "report" / "table.json").robustness is None
    page = (root / "report" / "index.html").read_text(encoding="utf-8")
    assert "bad photos" not in page and not (root / "report" / "robustness.png").exists()


def test_what_guesses_does_not_lose_least(root: Path) -> None:
    write_robustness(write_recipe(root, "guess", "transfer", wrong=20), 20, 0)
    found = build_comparison(root, ["scratch", "fine_tune", "guess"]).robustness
    assert found is not None and found.record.pairs[0].first == "fine_tune"
    assert "guess" in {one.recipe for one in found.record.recipes}
    assert "guess" not in {name for pair in found.record.pairs for name in (pair.first, pair.second)}


def test_recipes_tested_on_other_images_are_not_compared(root: Path) -> None:
    write_robustness(root / "recipes" / "features", 0, 0, n=20)
    found = build_comparison(root, ["scratch", "features", "fine_tune"]).robustness
    assert found is not None and list(found.measured) == ["scratch", "fine_tune"]


def test_a_table_that_lacks_answers_is_refused(root: Path) -> None:
    file = root / "recipes/scratch/evaluate/robustness.csv"
    file.write_text("\n".join(file.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"robustness\.csv"):
        build_comparison(root, ["scratch", "fine_tune"])
