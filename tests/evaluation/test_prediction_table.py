from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from record_builders import prediction_row
from warmstart.errors import UserError
from warmstart.evaluation.prediction_table import PredictionTable, pair_correct, read_predictions
from warmstart.records.predictions import PredictionRow


def test_joined_by_path_whatever_the_order() -> None:
    first = answers(["a", "b", "c"], [0, 1, 1], [0, 0, 1])
    second = answers(["c", "a", "b"], [1, 0, 1], [1, 1, 1])
    right = pair_correct(first, second)
    assert right[0].tolist() == [True, False, True]
    assert right[1].tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (("a", "b"), "different images"),
        (("a", "b", "x"), "for example c"),
        (("a", "b", "b"), "different images"),
    ],
)
def test_different_images_are_refused(other: tuple[str, ...], message: str) -> None:
    first = answers(["a", "b", "c"], [0, 1, 1], [0, 0, 1])
    with pytest.raises(UserError, match=message):
        pair_correct(first, answers(list(other), [0] * len(other), [0] * len(other)))


def test_different_labels_are_refused() -> None:
    first, second = answers(["a", "b"], [0, 1], [0, 0]), answers(["b", "a"], [0, 0], [0, 0])
    with pytest.raises(UserError, match="label b differently"):
        pair_correct(first, second)


def test_only_the_asked_split_is_read(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    rows = [("val", "v", 1), ("test", "t", 0), ("test", "u", 1)]
    PredictionRow.write_rows(path, [prediction_row(split=s, path=p, label=label, predicted=1) for s, p, label in rows])
    read = read_predictions(path)
    assert read.paths == ["t", "u"] and read.correct.tolist() == [False, True]
    path.write_text("split,row\ntest,0\n")
    with pytest.raises(UserError, match="evaluate the recipe again"):
        read_predictions(path)
    with pytest.raises(UserError, match="does not exist"):
        read_predictions(tmp_path / "none.csv")


def answers(paths: list[str], labels: list[int], predicted: list[int]) -> PredictionTable:
    return PredictionTable(Path("x/predictions.csv"), paths, np.array(labels), np.array(predicted))
