from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from warmstart.errors import UserError
from warmstart.evaluation.read import Answers, read_answers, same_images


def test_joined_by_path_whatever_the_order() -> None:
    first = answers(["a", "b", "c"], [0, 1, 1], [0, 0, 1])
    second = answers(["c", "a", "b"], [1, 0, 1], [1, 1, 1])
    right = same_images(first, second)
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
        same_images(first, answers(list(other), [0] * len(other), [0] * len(other)))


def test_different_labels_are_refused() -> None:
    first, second = answers(["a", "b"], [0, 1], [0, 0]), answers(["b", "a"], [0, 0], [0, 0])
    with pytest.raises(UserError, match="label b differently"):
        same_images(first, second)


def test_only_the_asked_split_is_read(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text("split,row,path,label,predicted,p\nval,0,v,1,1,0.9\ntest,0,t,0,1,0.8\ntest,1,u,1,1,0.8\n")
    read = read_answers(path)
    assert read.paths == ["t", "u"] and read.right.tolist() == [False, True]
    path.write_text("split,row\ntest,0\n")
    with pytest.raises(UserError, match="evaluate the recipe again"):
        read_answers(path)
    with pytest.raises(UserError, match="does not exist"):
        read_answers(tmp_path / "none.csv")


def answers(paths: list[str], labels: list[int], predicted: list[int]) -> Answers:
    return Answers(Path("x/predictions.csv"), paths, np.array(labels), np.array(predicted))
