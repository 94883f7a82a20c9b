from __future__ import annotations

from pathlib import Path

import pytest

from finished_recipes import fold_images, fold_recipe, write_images, write_recipe
from warmstart.cli.report import worst_line
from warmstart.comparison.compare import compare
from warmstart.comparison.report.top_losses_sheet import caption
from warmstart.comparison.top_losses import highest_losses
from warmstart.records.comparison import ComparisonTable
from warmstart.records.predictions import PredictionRow


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """Wrong about the test photos 0 to 3, most about 2; and unsure about the photo 9."""
    write_images(tmp_path)
    folder = write_recipe(tmp_path, "features", "transfer", wrong=4)
    rows = PredictionRow.read_rows(folder / "evaluate/predictions.csv")
    losses = {0: 2.0, 1: 2.0, 2: 5.0, 3: 1.0, 9: 0.6}
    changed = [
        PredictionRow(**{**vars(row), "loss": losses.get(row.row, 0.1) if row.split == "test" else 9.0}) for row in rows
    ]
    PredictionRow.write_rows(folder / "evaluate/predictions.csv", changed)
    return folder


def test_test_photos_come_in_order_of_their_loss(recipe: Path) -> None:
    found = highest_losses(recipe / "evaluate", 5)
    assert [row.row for row in found.rows] == [2, 0, 1, 3, 9] and {row.split for row in found.rows} == {"test"}
    assert (found.n, found.wrong) == (40, 4)


def test_with_folds_all_photos_count(tmp_path: Path) -> None:
    write_images(tmp_path)
    fold_images(tmp_path, 4)
    folder = fold_recipe(write_recipe(tmp_path, "scratch", "scratch", wrong=6), [0.9] * 4, wrong=50)
    found = highest_losses(folder / "evaluate")
    assert (found.n, found.wrong) == (120, 50)
    compare(tmp_path, ["scratch"], tmp_path / "report")
    assert "50 of 120 images" in " ".join((tmp_path / "report/index.html").read_text().split())


def test_the_report_shows_and_names_them(recipe: Path) -> None:
    root = recipe.parents[1]
    compare(root, ["features"], root / "report")
    part = (root / "report/index.html").read_text().split("most wrong about?")[1].split("</section>")[0]
    names = [line.split("<")[0] for line in part.split("</ol>")[0].split("<code>")[1:]]
    assert len(names) == 12 and names[0] == "cat/test_2.jpg" and "called dog" in part.split("alt=")[1].split(";")[0]


def test_the_terminal_names_mistakes_only(recipe: Path, tmp_path: Path) -> None:
    compare(tmp_path, ["features"], tmp_path / "report")
    table = ComparisonTable.read(tmp_path / "report/table.json")
    line = worst_line(table, recipe / "evaluate")
    places = [
        line.index(f"{name} (says {said})") for name, said in (("cat/test_2.jpg", "dog"), ("dog/test_1.jpg", "cat"))
    ]
    assert places == sorted(places) and line.count("says") == 3 and "test_9" not in line
    right = write_recipe(tmp_path / "other", "features", "transfer", wrong=0)
    assert worst_line(table, right / "evaluate") == ""
    assert worst_line(table, tmp_path / "evaluated elsewhere") == ""


def test_a_caption_says_what_is_given_and_what_is_said(recipe: Path) -> None:
    rows = highest_losses(recipe / "evaluate", 5).rows
    assert caption(rows[0], ["cat", "dog"]).splitlines() == ["cat → dog 80 %", "loss 5.00"]
    assert "→" not in caption(rows[4], ["cat", "dog"])
