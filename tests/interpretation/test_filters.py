from __future__ import annotations

import numpy as np
import pytest

from warmstart.interpretation.filters import chance, classic_filters, gabor_filters, nearest

# As the textbooks print them.
TEXTBOOK = {
    "Sobel x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "Sobel y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "Laplacian": [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
    "centre-surround": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "horizontal line": [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]],
    "vertical line": [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]],
    "diagonal line \\": [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]],
    "diagonal line /": [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]],
    "horizontal edge": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    "vertical edge": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "diagonal edge \\": [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]],
    "diagonal edge /": [[-1, -1, 0], [-1, 0, 1], [0, 1, 1]],
    "box": [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    "point": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
}


def test_the_small_filters_are_the_textbook_ones() -> None:
    bank = classic_filters(3, 3)
    assert set(bank) == {*TEXTBOOK, "Gaussian"}
    for name, values in TEXTBOOK.items():
        filter_ = np.array(values, dtype=float)
        assert bank[name] == pytest.approx(filter_ / np.linalg.norm(filter_)), name


@pytest.mark.parametrize("side", [1, 2, 3, 4, 5, 7, 11])
def test_every_size_has_filters_of_length_one_and_no_two_alike(side: int) -> None:
    banks = [classic_filters(side, side)] + ([gabor_filters(side, side)] if side >= 7 else [])
    for bank in banks:
        stack = np.stack([values.ravel() for values in bank.values()])
        assert np.linalg.norm(stack, axis=1) == pytest.approx(1)
    if side >= 3:
        stack = np.stack([values.ravel() for values in banks[0].values()])
        assert np.triu(np.abs(stack @ stack.T), 1).max() < 0.999


def test_the_nearest_filter_is_found_with_its_sign_at_any_strength() -> None:
    bank = classic_filters(5, 5)
    rng = np.random.default_rng(0)
    for name, values in bank.items():
        noisy = values + rng.normal(0, 0.02, (5, 5))
        ((found, cosine), (opposite, negative)) = nearest(np.stack([1e-4 * noisy, -50 * noisy]), bank)
        assert found == opposite == name
        assert 0.9 < cosine <= 1.000001 and negative == pytest.approx(-cosine)
    assert nearest(np.zeros((1, 5, 5)), bank)[0][1] == 0


def test_a_wave_is_nearest_to_a_gabor_filter_of_its_direction() -> None:
    y, x = np.mgrid[-5:6, -5:6]
    for degrees in (0, 30, 90, 135):
        angle = np.radians(degrees)
        wave = np.cos(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / 5.5) * np.exp(-(x**2 + y**2) / 12)
        ((name, cosine),) = nearest(wave[None], gabor_filters(11, 11))
        assert name.startswith(f"Gabor {degrees}°") and cosine > 0.9


def test_chance_is_what_random_kernels_reach() -> None:
    small, large = chance(3, 3), chance(11, 11)
    assert 0.5 < small["median"] < small["p95"] < 0.9
    assert large["p95"] < small["median"]  # the larger a kernel, the less it resembles anything by chance
    uniform = np.random.default_rng(5).uniform(-1, 1, (500, 3, 3))
    beyond = sum(abs(cosine) > small["p95"] for _, cosine in nearest(uniform, classic_filters(3, 3)))
    assert 5 < beyond < 60
