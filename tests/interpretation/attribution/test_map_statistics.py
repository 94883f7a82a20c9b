from __future__ import annotations

import numpy as np
import pytest

from warmstart.interpretation.attribution.attribute import Attribution
from warmstart.interpretation.attribution.galleries import draw_means
from warmstart.interpretation.attribution.map_statistics import (
    conflict_index,
    describe_maps,
    mean_maps,
    mean_photos,
    measure_maps,
)
from warmstart.interpretation.examples import Example


def explained(
    row: int,
    signed: np.ndarray,
    *,
    true: int = 0,
    predicted: int = 0,
    p: float = 0.9,
    for_true: np.ndarray | None = None,
) -> Attribution:
    example = Example("test", row, f"{row}.jpg", true, predicted, p, p if true == predicted else 1 - p, 0.1)
    signed = signed.astype(np.float32)
    return Attribution(example, signed, signed if for_true is None else for_true.astype(np.float32))


def spot(y: int, x: int, value: float = 1.0, side: int = 7) -> np.ndarray:
    out = np.zeros((side, side))
    out[y, x] = value
    return out


def test_an_even_map_has_the_shares_of_the_areas() -> None:
    found = measure_maps(np.ones((1, 7, 7)))
    assert found["border_share"][0] == pytest.approx(24 / 49)
    assert found["centre_share"][0] == pytest.approx(0.25)
    assert found["cells"][0] == pytest.approx(40 / 49)  # 80 % of 49 cells is 39.2
    assert found["positive_share"][0] == 1 and found["conflict"][0] == 0


@pytest.mark.parametrize("side", [3, 5, 7, 14, 22])
def test_border_and_centre_are_the_same_parts_of_the_picture_for_maps_of_any_size(side: int) -> None:
    found = measure_maps(np.ones((1, side, side)))
    assert found["border_share"][0] == pytest.approx(24 / 49) and found["centre_share"][0] == pytest.approx(0.25)


def test_a_spot_in_the_corner_is_border_and_one_in_the_middle_is_centre() -> None:
    found = measure_maps(np.stack([spot(0, 0), spot(3, 3)]))
    assert found["border_share"][0] > 0.6 and found["border_share"][1] == 0
    assert found["centre_share"][0] == 0 and found["centre_share"][1] > 0.9
    assert found["cells"].tolist() == [1 / 49, 1 / 49]


def test_what_speaks_against_is_no_evidence_but_counts_in_the_shares() -> None:
    found = measure_maps((spot(3, 3, 3.0) - spot(0, 0, 1.0))[None])
    assert found["positive_share"][0] == 0.75 and found["conflict"][0] == 0.25 and found["border_share"][0] == 0


def test_maps_with_nothing_to_measure_say_so() -> None:
    found = measure_maps(np.stack([np.zeros((7, 7)), -np.ones((7, 7))]))
    assert np.isnan([found[key][0] for key in found]).all()
    assert found["positive_share"][1] == 0 and found["conflict"][1] == 0
    assert np.isnan([found[key][1] for key in ("border_share", "centre_share", "cells")]).all()


def test_conflict_is_greatest_where_both_sides_are_equal() -> None:
    maps = np.stack([spot(0, 0) - spot(1, 1), spot(0, 0, 9.0) - spot(1, 1), spot(0, 0)])
    assert conflict_index(maps).tolist() == pytest.approx([0.5, 0.1, 0.0])


def sample(right: int, wrong: int) -> list[Attribution]:
    """Right answers look at the middle, wrong ones at a corner and at both sides; confidence tells nothing."""
    some = [explained(i, spot(3, 3)) for i in range(right)]
    return some + [explained(right + i, spot(0, 0, 2.0) - spot(6, 6), predicted=1) for i in range(wrong)]


def test_right_and_wrong_are_compared_with_intervals_and_their_n() -> None:
    found = describe_maps(sample(60, 4), sample(0, 12), seed=0)
    assert (found["n"], found["n_wrong"], found["more_wrong"], found["blank"]) == (64, 4, 12, 0)
    assert (
        found["all"]["conflict"]["n"] == 64
        and found["right"]["conflict"]["n"] == 60
        and found["wrong"]["conflict"]["n"] == 16
    )
    assert found["right"]["border_share"]["value"] == 0 < found["wrong"]["border_share"]["low"]
    assert found["wrong_minus_right"]["conflict"]["value"] == pytest.approx(1 / 3)
    assert found["all"]["border_share"]["value"] == pytest.approx(4 / 64 * found["wrong"]["border_share"]["value"])
    finds = found["finds_errors"]
    assert finds["conflict"]["value"] == 1 and finds["conflict"]["n_wrong"] == 16
    assert finds["confidence"]["value"] == 0.5  # all are as sure


def test_confidence_finds_errors_that_are_less_sure() -> None:
    some = [explained(i, spot(3, 3), p=0.9) for i in range(30)] + [
        explained(40 + i, spot(3, 3), predicted=1, p=0.6) for i in range(20)
    ]
    finds = describe_maps(some, [], seed=0)["finds_errors"]
    assert finds["confidence"]["value"] == 1 and finds["conflict"]["value"] == 0.5


def test_too_few_errors_are_said_and_not_compared() -> None:
    found = describe_maps(sample(50, 9), [], seed=0)
    assert (
        found["wrong"] is None
        and found["finds_errors"] is None
        and found["why_not"].startswith("9 of 59 images are wrong")
    )


def test_maps_of_zeros_are_counted_and_left_out() -> None:
    found = describe_maps([explained(0, np.zeros((7, 7))), explained(1, spot(3, 3))], [], seed=0)
    assert found["blank"] == 1 and found["all"]["border_share"]["n"] == 1
    blank = describe_maps([explained(0, np.zeros((7, 7)))], [], seed=0)
    assert blank["all"]["border_share"] is None


def test_mean_maps_are_for_the_true_class_and_every_image_counts_alike() -> None:
    some = [
        explained(0, spot(0, 0, 100.0)),
        explained(1, spot(6, 6, 0.1)),
        explained(2, spot(5, 5), true=1, predicted=0, for_true=spot(1, 1, -3.0)),
        explained(3, np.zeros((7, 7)), true=1),
    ]
    means, counts = mean_maps(some, 3)
    assert counts.tolist() == [2, 2, 0]
    np.testing.assert_allclose(means[0], (spot(0, 0) + spot(6, 6)) / 2, atol=1e-7)
    np.testing.assert_allclose(means[1], spot(1, 1, -0.5), atol=1e-7)
    assert not means[2].any()


def test_mean_photos_and_their_picture() -> None:
    some = [explained(i, spot(i, i), true=i % 2, predicted=i % 2) for i in range(4)]
    images = np.stack([np.full((8, 8, 1), value, dtype=np.uint8) for value in (0, 10, 100, 30)])
    photos = mean_photos(some, images, 3)
    assert (photos[0] == 50).all() and (photos[1] == 20).all() and (photos[2] == 255).all()
    means, counts = mean_maps(some, 3)
    names = ["a", "b", "c"]
    two = draw_means(means, counts, photos, names, "t")
    many = draw_means(
        np.repeat(means, 20, axis=0), np.ones(60, dtype=int), np.repeat(photos, 20, axis=0), names * 20, "t"
    )
    assert abs(many.width - two.width) <= 12 and min(many.width, two.width) > 1000  # as wide as a page shows them
    assert many.height > 2 * two.height
    blank = np.asarray(draw_means(means * 0, counts, photos, names, "t"))
    assert len(np.unique(blank.reshape(-1, 3), axis=0)) < len(np.unique(np.asarray(two).reshape(-1, 3), axis=0))
