from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from warmstart.errors import UserError
from warmstart.evaluation.paired import mcnemar, paired, paired_difference, same_images
from warmstart.evaluation.read import Answers, read_answers


@pytest.mark.parametrize(("b", "c"), [(0, 0), (1, 0), (5, 5), (5, 6), (12, 2), (0, 30), (1400, 1300), (3000, 10)])
def test_mcnemar_is_the_exact_binomial_test(b: int, c: int) -> None:
    reference = binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    assert mcnemar(b, c) == pytest.approx(reference, rel=1e-8)
    assert mcnemar(b, c) == mcnemar(c, b)


def test_difference_turns_round_with_the_recipes() -> None:
    there, back = paired_difference(70, 20, 5, 5), paired_difference(70, 5, 20, 5)
    assert there.value == 0.15
    assert (there.low, there.high) == (pytest.approx(-back.high), pytest.approx(-back.low))


def test_difference_agrees_with_a_paired_bootstrap_where_that_is_sound() -> None:
    counts = np.array([700, 150, 60, 90])
    ours = paired_difference(*counts.tolist())
    drawn = np.random.default_rng(0).multinomial(1000, counts / 1000, 20000)
    low, high = np.percentile((drawn[:, 1] - drawn[:, 2]) / 1000, [2.5, 97.5])
    assert (ours.low, ours.high) == (pytest.approx(low, abs=2e-3), pytest.approx(high, abs=2e-3))


def test_difference_covers_the_truth_about_as_often_as_it_says() -> None:
    shares = np.array([0.80, 0.12, 0.03, 0.05])
    drawn = np.random.default_rng(1).multinomial(100, shares, 1500)
    inside = [i.low <= 0.09 <= i.high for i in (paired_difference(*row) for row in drawn.tolist())]
    assert 0.93 < np.mean(inside) < 0.98


def test_perfect_agreement_still_has_a_width() -> None:
    interval = paired_difference(45, 0, 0, 5)
    assert interval.value == 0 and interval.low < -0.01 and interval.high > 0.01
    assert paired_difference(50, 0, 0, 0).high > 0


def test_pairing_narrows_the_interval_when_answers_go_together() -> None:
    together, apart = paired_difference(80, 10, 0, 10), paired_difference(72, 18, 8, 2)
    assert together.value == apart.value == 0.1
    assert together.high - together.low < apart.high - apart.low


def test_counts_and_noise() -> None:
    first = np.array([True] * 60 + [True] * 30 + [False] * 4 + [False] * 6)
    second = np.array([True] * 60 + [False] * 30 + [True] * 4 + [False] * 6)
    result = paired(first, second)
    assert (result.both, result.first_only, result.second_only, result.neither, result.n) == (60, 30, 4, 6, 100)
    assert result.difference.value == pytest.approx(0.26) and result.beyond_noise
    assert not paired(second, first.copy()).difference.value > 0
    assert not paired(first[58:62], second[58:62]).beyond_noise
    with pytest.raises(ValueError):
        paired(first, second[:-1])


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
