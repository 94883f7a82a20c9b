from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.metrics import confusion_matrix

from finished_recipes import write_images, write_recipe
from warmstart.comparison.compare import compare
from warmstart.comparison.confusion import most_confused
from warmstart.config.schema import Evaluate
from warmstart.evaluation.class_predictions import Predictions
from warmstart.evaluation.metrics import split_metrics
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.statistics.proportions import wilson_interval

CLASSES = ("ant", "bee", "cat", "dog")


def cells(page: str) -> list[list[str]]:
    """The text of the confusion matrix, row by row."""
    table = page.split("confusion matrix", 1)[1].split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [
        [" ".join(re.sub("<[^>]*>", " ", cell).split()) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]
        for row in rows
    ]


def page_of(root: Path, confusion: np.ndarray, classes: tuple[str, ...]) -> str:
    write_images(root, classes)
    folder = write_recipe(root, "features", "transfer", wrong=4, classes=classes)
    metrics = EvaluationMetrics.read(folder / "evaluate" / "metrics.json")
    replace(metrics, test=replace(metrics.test, confusion=confusion.tolist())).write(
        folder / "evaluate" / "metrics.json"
    )
    compare(root, ["features"], root / "report")
    return (root / "report" / "index.html").read_text()


def test_counts_are_scikit_learns_and_shares_are_of_the_row(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(0, 4, 400), rng.integers(0, 4, 400)
    predicted[::2] = labels[::2]
    probabilities = np.full((400, 4), 0.1)
    probabilities[np.arange(400), predicted] = 0.7
    metrics = split_metrics(Predictions(probabilities, predicted), labels, list(CLASSES), Evaluate(bootstrap=100))
    wanted = confusion_matrix(labels, predicted)
    found = cells(page_of(tmp_path, np.array(metrics.confusion), CLASSES))
    assert len(found) == 4
    for label, row in enumerate(found):
        n = wanted[label].sum()
        assert row[0] == f"{CLASSES[label]} n = {n}"
        assert row[1:5] == [f"{count} {100 * count / n:.1f} %" for count in wanted[label]]


def test_the_most_confused_pairs_come_first() -> None:
    confusion = [[50, 0, 3, 0], [4, 10, 0, 0], [0, 0, 30, 3], [9, 1, 1, 0]]
    found = most_confused(confusion, CLASSES)
    assert [(pair.true, pair.predicted, pair.wrong) for pair in found[:4]] == [
        ("dog", "ant", 9),
        ("bee", "ant", 4),
        ("cat", "dog", 3),  # of 33
        ("ant", "cat", 3),  # of 53
    ]
    assert found[0].share == wilson_interval(9, 11) and len(found) == 5


def test_the_page_names_pairs_of_more_than_two_classes_only(tmp_path: Path) -> None:
    pairs = page_of(tmp_path / "four", np.diag([9, 9, 9, 9]) + np.eye(4, k=1, dtype=int) * 2, CLASSES)
    assert "bee taken for cat: 2 of 11 images" in " ".join(pairs.split())
    assert "taken for" not in page_of(tmp_path / "two", np.array([[18, 2], [1, 19]]), ("cat", "dog"))
    right = page_of(tmp_path / "right", np.diag([9, 9, 9, 9]), CLASSES)
    assert "taken for" not in right and "confuses none" in right


def test_many_classes_have_their_matrix_folded_or_left_out(tmp_path: Path) -> None:
    for n, shown, folded in ((12, True, False), (13, True, True), (41, False, False)):
        classes = tuple(f"c{number:02d}" for number in range(n))
        page = page_of(tmp_path / str(n), np.eye(n, dtype=int), classes)
        assert ("<th>as c00</th>" in page) == shown and ("<summary>features: confusion matrix" in page) == folded
