from __future__ import annotations

import numpy as np
import pytest

from warmstart.drawing.colormap import heat, overlay_heatmap, overlay_signed
from warmstart.drawing.text_layout import ellipsize, font, wrap
from warmstart.interpretation.attribution.attribute import Attribution
from warmstart.interpretation.attribution.captions import Gallery
from warmstart.interpretation.attribution.galleries import (
    CAPTION_PX,
    MARGIN_PX,
    PANEL_PX,
    draw_gallery,
    draw_photos,
    evidence_panel,
    has_evidence,
    signed_panel,
)
from warmstart.interpretation.examples import (
    Example,
    pick_confident_wrong,
    pick_more_wrong,
    pick_right,
    pick_sample,
    pick_wrong,
)

CLASSES = ["cat", "dog"]


def example(row: int, true: int = 0, predicted: int = 0, p: float = 0.9) -> Example:
    return Example("test", row, f"{row}.jpg", true, predicted, p, p if true == predicted else 1 - p, 0.1)


PHOTO = np.full((32, 32, 3), 128, dtype=np.uint8)
GALLERY = Gallery("t", "n", ("prediction", "true", "signed"))


def explained(signed: np.ndarray, row: int = 0, predicted: int = 0) -> Attribution:
    return Attribution(example(row, 0, predicted), signed.astype(np.float32), -signed.astype(np.float32))


def evidence(signed: np.ndarray, scale: float) -> np.ndarray:
    return np.asarray(evidence_panel(signed.astype(np.float32), PHOTO, scale, PANEL_PX)).astype(int)


def both(signed: np.ndarray, scale: float) -> np.ndarray:
    return np.asarray(signed_panel(signed.astype(np.float32), PHOTO, scale, PANEL_PX)).astype(int)


def test_evidence_has_its_own_scale_and_signs_share_one() -> None:
    signed = np.full((4, 4), 0.2)
    assert (evidence(signed, 1.0) == evidence(10 * signed, 10.0)).all()
    weak, strong = both(signed, 1.0), both(signed, 0.2)
    assert weak[..., 0].mean() - weak[..., 2].mean() < 0.5 * (strong[..., 0].mean() - strong[..., 2].mean())


def test_against_is_blue_and_no_evidence_is_no_map() -> None:
    against = np.full((4, 4), -1.0)
    assert (both(against, 1.0)[..., 2] > both(against, 1.0)[..., 0] + 50).all()
    for panel in (
        evidence(against, 1.0),
        evidence(np.zeros((4, 4)), 0.0),
        both(np.zeros((4, 4)), 0.0),
        evidence(np.zeros((4, 4)), 1.0),
    ):
        assert (panel[:20] == 128).all()  # the photo in grey, not a normalised blank
        assert (panel[60:100] != 128).any()  # the words


def test_maps_are_smooth_over_a_tiny_photo_and_never_overshoot() -> None:
    photo = np.zeros((8, 8, 1), dtype=np.uint8)
    corner = np.zeros((4, 4), dtype=np.float32)
    corner[0, 0] = 1
    red = np.asarray(signed_panel(corner, photo, 1.0, PANEL_PX)).astype(int)
    assert (np.diff(red[0, :, 0]) <= 0).all() and np.abs(np.diff(red[0, :, 0])).max() < 15
    assert (red[..., 2] <= red[..., 0]).all()  # nothing blue: no evidence against was made up
    assert not red[PANEL_PX // 2 :].any()


def test_rounding_is_no_evidence() -> None:
    assert has_evidence(np.array([0.01, -5]), 5) and not has_evidence(np.array([1e-9, -5]), 5)
    assert not has_evidence(np.zeros(3), 0)


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (2, 1), (3, 2), (8, 4)])
def test_a_gallery_grows_by_rows_of_two(count: int, rows: int) -> None:
    images, signed = np.stack([PHOTO] * 8), np.eye(4)
    one = draw_gallery(GALLERY, [explained(signed)], images, CLASSES, 1.0)
    image = draw_gallery(GALLERY, [explained(signed, i) for i in range(count)], images, CLASSES, 1.0)
    assert image.width == one.width
    assert image.height - one.height == (rows - 1) * (PANEL_PX + CAPTION_PX + MARGIN_PX)


def test_a_gallery_shows_the_evidence_for_the_true_class_beside_that_for_the_prediction() -> None:
    signed = np.tile([[1.0, -0.5]], (2, 1))  # left for the prediction, right for the true class
    image = np.asarray(draw_gallery(GALLERY, [explained(signed, predicted=1)], PHOTO[None], CLASSES, 1.0)).astype(int)
    y = next(y for y in range(image.shape[0]) if (image[y, 20 : PANEL_PX + 10] == 128).all()) + PANEL_PX // 2
    step = PANEL_PX + 6
    said, true, both_sides = (image[y, MARGIN_PX + i * step : MARGIN_PX + i * step + PANEL_PX] for i in (1, 2, 3))
    assert (said[:10] != 128).any() and (said[-10:] == 128).all()
    assert (true[:10] == 128).all() and (true[-10:] != 128).any()
    assert (both_sides[:10, 0] > both_sides[:10, 2]).all() and (both_sides[-10:, 0] < both_sides[-10:, 2]).all()


def test_grey_photos_and_any_class_name_are_drawn() -> None:
    images, gallery = (
        np.zeros((1, 28, 28, 1), dtype=np.uint8),
        Gallery("t " * 300, "n " * 300, ("prediction", "signed")),
    )
    names = ["Жук " * 60, "猫"]
    draw_gallery(gallery, [explained(np.eye(3))], images, names, 1.0)
    photos = np.asarray(draw_photos(gallery, [example(0)], images, names))
    wrong = np.asarray(draw_photos(gallery, [example(0, 0, 1)], images, names))
    assert (photos == (20, 120, 60)).all(axis=2).any() and (wrong == (180, 35, 40)).all(
        axis=2
    ).any()  # framed green, red


def test_right_answers_are_confident_and_ordinary_of_all_classes_and_seeded() -> None:
    examples = [example(i, i % 2, i % 2, 0.5 + i / 200) for i in range(100)]
    examples += [example(i, 0, 1, 0.99) for i in range(100, 120)]
    picked = pick_right(examples, 8, seed=0)
    assert all(e.label == e.predicted for e in picked) and len({e.row for e in picked}) == 8
    assert all(e.row >= 75 for e in picked[:4]) and all(e.row < 75 for e in picked[4:])
    assert [sum(e.label == c for e in picked) for c in (0, 1)] == [4, 4]
    assert picked == pick_right(examples, 8, seed=0) != pick_right(examples, 8, seed=1)
    assert len(pick_right(examples[:5], 8, seed=0)) == 5 and pick_right([], 8, seed=0) == []


def test_wrong_answers_come_most_confident_first() -> None:
    examples = [example(0, 0, 1, 0.6), example(1, 0, 0, 0.99), example(2, 1, 0, 0.9), example(3, 0, 1, 0.7)]
    assert [e.row for e in pick_confident_wrong(examples, 2)] == [2, 3]


def test_wrong_answers_are_also_drawn_at_random_the_classes_in_turn() -> None:
    examples = (
        [example(i, 0, 1, 0.9) for i in range(40)] + [example(i, 1, 0, 0.6) for i in range(40, 50)] + [example(99)]
    )
    picked = pick_wrong(examples, 8, seed=0)
    assert [e.label for e in picked] == [0, 1] * 4 and len({e.row for e in picked}) == 8
    assert picked == pick_wrong(examples, 8, seed=0) != pick_wrong(examples, 8, seed=1)
    assert len(pick_wrong(examples, 99, seed=0)) == 50


def test_a_sample_is_balanced_over_the_true_classes_and_topped_up_with_errors() -> None:
    examples = [example(i, i % 3 // 2, int(i < 30), 0.9) for i in range(300)]
    sample = pick_sample(examples, 60, seed=0)
    assert [sum(e.label == c for e in sample) for c in (0, 1)] == [30, 30] and len({e.row for e in sample}) == 60
    assert sample == pick_sample(examples, 60, seed=0) != pick_sample(examples, 60, seed=1)
    wrong = sum(e.label != e.predicted for e in sample)
    more = pick_more_wrong(examples, sample, wrong + 7, seed=0)
    assert len({e.row for e in (*sample, *more)}) == 67 and all(e.label != e.predicted for e in more)
    assert pick_more_wrong(examples, sample, wrong, seed=0) == []
    assert len(pick_sample(examples, 1000, seed=0)) == 300


def test_heat_grows_lighter_and_follows_its_ends() -> None:
    lightness = heat(np.linspace(0, 1, 50)) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()
    grey = np.full((2, 2), 77.0)
    assert (overlay_heatmap(grey, np.zeros((2, 2))) == 77).all() and (
        overlay_signed(grey, np.zeros((2, 2))) == 77
    ).all()
    assert (overlay_heatmap(grey, np.full((2, 2), 5.0)) == overlay_heatmap(grey, np.ones((2, 2)))).all()


def test_letters_fit() -> None:
    assert ellipsize("short", 500, 12) == "short"
    cut = ellipsize("a long line of text", 60, 12)
    assert cut.endswith("…") and font(12).getlength(cut) <= 60
    lines = wrap("some words that need more than one line", 90, 12)
    assert len(lines) > 1 and " ".join(lines) == "some words that need more than one line"
    assert all(font(12).getlength(line) <= 90 for line in lines)
    assert font(20).getbbox("é") != font(20).getbbox("e")
