from __future__ import annotations

import numpy as np
import pytest

from warmstart.drawing.colour import heat, heat_over, signed_over
from warmstart.drawing.lettering import fit, font, wrap
from warmstart.interpretation.cam.examples import Example, pick_right, pick_wrong
from warmstart.interpretation.cam.gallery import CAPTION, MARGIN, PANEL, TILE_WIDTH, Picture, draw_gallery, has_evidence

CLASSES = ["cat", "dog"]


def example(row: int, true: int = 0, predicted: int = 0, p: float = 0.9) -> Example:
    return Example(row, f"{row}.jpg", true, predicted, p, p if true == predicted else 1 - p, 0.1)


def picture(signed: np.ndarray, row: int = 0) -> Picture:
    return Picture(example(row), np.full((32, 32, 3), 128, dtype=np.uint8), signed.astype(np.float32), 1.0)


def panels(signed: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """The evidence and the signed panel of a gallery of one picture, without their edges."""
    image = np.asarray(draw_gallery([picture(signed)], CLASSES, "t", "n", scale)).astype(int)
    top = next(y for y in range(image.shape[0]) if (image[y, 20 : PANEL + 10] == 128).all())
    rows = image[top + 4 : top + PANEL - 4]
    return rows[:, 16 + PANEL + 10 : 16 + 2 * PANEL], rows[:, 16 + 2 * PANEL + 16 : 16 + TILE_WIDTH - 4]


def test_evidence_has_its_own_scale_and_signs_share_one() -> None:
    signed = np.full((32, 32), 0.2)
    evidence, shared = panels(signed, 1.0)
    assert (evidence == panels(10 * signed, 10.0)[0]).all()
    weak, strong = shared, panels(signed, 0.2)[1]
    assert weak[..., 0].mean() - weak[..., 2].mean() < 0.5 * (strong[..., 0].mean() - strong[..., 2].mean())


def test_against_is_blue_and_no_evidence_is_no_map() -> None:
    evidence, shared = panels(np.full((32, 32), -1.0), 1.0)
    assert shared[..., 2].mean() > shared[..., 0].mean() + 50
    edge = evidence[:20]
    assert (edge == 128).all()  # the photo in grey, not a normalised blank
    assert (evidence != 128).any()  # the words
    evidence, shared = panels(np.zeros((32, 32)), 0.0)
    assert (evidence[:20] == 128).all() and (shared == 128).all()


def test_rounding_is_no_evidence() -> None:
    assert has_evidence(np.array([0.01, -5]), 5) and not has_evidence(np.array([1e-9, -5]), 5)
    assert not has_evidence(np.zeros(3), 0)


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (2, 1), (3, 2), (8, 4)])
def test_a_gallery_grows_by_rows_of_two(count: int, rows: int) -> None:
    signed = np.eye(32)
    one = draw_gallery([picture(signed)], CLASSES, "t", "n", 1.0)
    image = draw_gallery([picture(signed, i) for i in range(count)], CLASSES, "t", "n", 1.0)
    assert image.width == one.width
    assert image.height - one.height == (rows - 1) * (PANEL + CAPTION + MARGIN)


def test_grey_photos_and_any_class_name_are_drawn() -> None:
    small = Picture(example(0), np.zeros((28, 28, 1), dtype=np.uint8), np.eye(28, dtype=np.float32), None)
    draw_gallery([small], ["Жук " * 60, "猫"], "t " * 300, "n " * 300, 1.0)


def test_right_answers_are_confident_and_ordinary_of_all_classes_and_seeded() -> None:
    examples = [example(i, i % 2, i % 2, 0.5 + i / 200) for i in range(100)]
    examples += [example(i, 0, 1, 0.99) for i in range(100, 120)]
    picked = pick_right(examples, 8, seed=0)
    assert all(e.true == e.predicted for e in picked) and len({e.row for e in picked}) == 8
    assert all(e.row >= 75 for e in picked[:4]) and all(e.row < 75 for e in picked[4:])
    assert [sum(e.true == c for e in picked) for c in (0, 1)] == [4, 4]
    assert picked == pick_right(examples, 8, seed=0) != pick_right(examples, 8, seed=1)
    assert len(pick_right(examples[:5], 8, seed=0)) == 5 and pick_right([], 8, seed=0) == []


def test_wrong_answers_come_most_confident_first() -> None:
    examples = [example(0, 0, 1, 0.6), example(1, 0, 0, 0.99), example(2, 1, 0, 0.9), example(3, 0, 1, 0.7)]
    assert [e.row for e in pick_wrong(examples, 2)] == [2, 3]


def test_heat_grows_lighter_and_follows_its_ends() -> None:
    lightness = heat(np.linspace(0, 1, 50)) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()
    grey = np.full((2, 2), 77.0)
    assert (heat_over(grey, np.zeros((2, 2))) == 77).all() and (signed_over(grey, np.zeros((2, 2))) == 77).all()
    assert (heat_over(grey, np.full((2, 2), 5.0)) == heat_over(grey, np.ones((2, 2)))).all()


def test_letters_fit() -> None:
    assert fit("short", 500, 12) == "short"
    cut = fit("a long line of text", 60, 12)
    assert cut.endswith("…") and font(12).getlength(cut) <= 60
    lines = wrap("some words that need more than one line", 90, 12)
    assert len(lines) > 1 and " ".join(lines) == "some words that need more than one line"
    assert all(font(12).getlength(line) <= 90 for line in lines)
    assert font(20).getbbox("é") != font(20).getbbox("e")
