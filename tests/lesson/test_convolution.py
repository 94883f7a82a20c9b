"""Convolution shown: the operation is the one that networks run, and what the pictures claim of it is so."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.signal import correlate2d

from warmstart.errors import UserError
from warmstart.lesson.convolution.convolve import convolve, luminance, output_size
from warmstart.lesson.convolution.demonstration import write_convolution
from warmstart.lesson.convolution.kernels import EDGE_DETECT, EDGES, gabor
from warmstart.lesson.convolution.orientation import draw_orientation
from warmstart.lesson.convolution.padding import CASES, INPUT, KERNEL
from warmstart.lesson.convolution.pooling import draw_pooling, pool
from warmstart.lesson.convolution.receptive_field import (
    CONV,
    NETWORKS,
    POOL,
    measure_receptive_fields,
    theoretical_sides,
)
from warmstart.lesson.sample_image import digit_sample, photo_sample
from warmstart.records.lesson import LessonFigures

GREY = np.random.default_rng(0).random((20, 31)).astype(np.float32)


@pytest.mark.parametrize("kernel", [*EDGES.values(), EDGE_DETECT, gabor(4, 45)], ids=[*EDGES, "edge detect", "gabor"])
def test_responses_are_cross_correlations(kernel: np.ndarray) -> None:
    side = kernel.shape[0]
    assert np.allclose(convolve(GREY, [kernel])[0], correlate2d(GREY, kernel, mode="valid"), atol=1e-5)
    padded = convolve(GREY, [kernel], padding=side // 2, stride=2)[0]
    assert np.allclose(padded, correlate2d(GREY, kernel, mode="same")[::2, ::2], atol=1e-5)
    repeated = correlate2d(np.pad(GREY, side // 2, mode="edge"), kernel, mode="valid")
    assert np.allclose(convolve(GREY, [kernel], padding=side // 2, replicate=True)[0], repeated, atol=1e-5)


def test_an_even_area_gets_no_answer() -> None:
    even = np.full((60, 60), 0.7, dtype=np.float32)
    for kernel in (*EDGES.values(), EDGE_DETECT, gabor(5, 0), gabor(8, 135, math.pi / 2)):
        assert np.abs(convolve(even, [kernel])).max() < 1e-5


def test_each_directed_kernel_likes_its_own_direction_best_and_is_silent_across_it() -> None:
    _, metrics = draw_orientation()
    best = {"horizontal": 0, "vertical": 90, "diagonal /": 45, "diagonal \\": 135, "Gabor 90°": 90}
    assert {name: metrics[name].best_angle for name in best} == best
    for name, angle in best.items():
        assert metrics[name].answer[str((angle + 90) % 180)] < 0.01
    assert metrics["edge detect"].least > 0.8
    assert metrics["Gabor 90°"].share_of_angles_above_half < 0.5 * metrics["vertical"].share_of_angles_above_half


@pytest.mark.parametrize("angle", [0, 45, 90, 135])
def test_a_gabor_filter_answers_most_to_stripes_of_its_own_direction(angle: int) -> None:
    y, x = np.mgrid[0:48, 0:48]
    turn = math.radians(angle)
    stripes = (0.5 + 0.5 * np.cos(2 * math.pi * (x * math.sin(turn) + y * math.cos(turn)) / 6)).astype(np.float32)
    answers = [float(np.abs(convolve(stripes, [gabor(6, other)])).max()) for other in (0, 45, 90, 135)]
    assert int(np.argmax(answers)) == (0, 45, 90, 135).index(angle)
    assert sorted(answers)[-2] < 0.2 * max(answers)


def test_borders_are_as_the_formula_says() -> None:
    sides = {}
    for case in CASES:
        answer = convolve(INPUT, [KERNEL], stride=case.stride, padding=case.padding)[0]
        assert answer.shape == (case.side, case.side)
        sides[case.name] = case.side
    assert list(sides.values()) == [3, 5, 2, 3]
    for side, kernel, stride, padding in [(150, 3, 1, 0), (28, 5, 2, 2), (9, 4, 3, 1)]:
        answer = convolve(np.zeros((side, side)), [np.ones((kernel, kernel))], stride=stride, padding=padding)[0]
        assert answer.shape[0] == output_size(side, kernel, stride=stride, padding=padding)


def test_pooling_takes_the_greatest_or_the_mean_and_a_shift_changes_it_less() -> None:
    values = np.arange(16, dtype=np.float32).reshape(4, 4)
    assert pool(values, "max").tolist() == [[5, 7], [13, 15]]
    assert pool(values, "average").tolist() == [[2.5, 4.5], [10.5, 12.5]]
    _, metrics = draw_pooling(luminance(digit_sample(0)[0]), "digit")
    changes = {key: value.relative_change_by_1_px for key, value in metrics.items()}
    assert changes["max"] < changes["answer"]
    assert metrics["max"].shape == [13, 13]


@pytest.mark.parametrize("name", list(NETWORKS))
def test_measured_receptive_fields_agree_with_the_formula(name: str) -> None:
    size, layers = NETWORKS[name]
    assert [field.side for field in measure_receptive_fields(size, layers)] == theoretical_sides(layers)


def test_pooling_widens_the_receptive_field() -> None:
    assert theoretical_sides((CONV, POOL, CONV, POOL, CONV)) == [3, 4, 8, 10, 18]
    assert theoretical_sides((CONV, CONV, CONV)) == [3, 5, 7]
    (with_pooling, without) = (measure_receptive_fields(*NETWORKS[name])[-1] for name in list(NETWORKS)[:2])
    assert (with_pooling.map_side, with_pooling.reached_share) == (3, 1.0)
    assert (without.map_side, without.reached_share) == (22, 49 / 22**2)


@pytest.mark.parametrize("shape", [(28, 28, 1), (40, 90, 3)])
def test_the_demonstration_runs_on_grey_and_colour_images_of_any_size(
    shape: tuple[int, int, int], tmp_path: Path
) -> None:
    image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    metrics = write_convolution(image, "noise", tmp_path / "a")
    sheets = {"edges", "gabor", "direction", "border", "pooling", "reach"}
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        *(f"{sheet}.png" for sheet in sheets),
        "convolution.json",
    }
    assert LessonFigures.read(tmp_path / "a" / "convolution.json").figures == asdict(metrics)
    assert metrics.edges["horizontal"].shape == [shape[0] - 2, shape[1] - 2]
    if shape[2] == 1:
        write_convolution(image, "noise", tmp_path / "b")
        for path in (tmp_path / "a").iterdir():
            assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_a_photo_keeps_its_proportions_and_a_tiny_one_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (1200, 600)).save(tmp_path / "wide.jpg")
    image, name = photo_sample(tmp_path / "wide.jpg")
    assert (image.shape, name) == ((128, 256, 3), "wide.jpg")
    (tmp_path / "no.jpg").write_text("no image")
    with pytest.raises(UserError, match=r"no\.jpg cannot be decoded"):
        photo_sample(tmp_path / "no.jpg")
    with pytest.raises(UserError, match="dot has 4×20 pixels"):
        write_convolution(np.zeros((20, 4, 3), dtype=np.uint8), "dot", tmp_path / "x")
    assert not (tmp_path / "x").exists()
