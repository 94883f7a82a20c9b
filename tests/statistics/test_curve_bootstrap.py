"""Resamples of learning curves: their spread is that of images and seeds together."""

from __future__ import annotations

import numpy as np
import pytest

from warmstart.statistics.curve_bootstrap import resample_curves

N = 400
LABELS = np.repeat([0, 1], N // 2)
UNIFORM = np.full(N, 1 / N)


def test_the_spread_over_images_is_that_of_a_share() -> None:
    rng = np.random.default_rng(1)
    wrong = rng.random((1, 1, 1, N)) < 0.2
    spread = resample_curves(wrong, UNIFORM, LABELS, resamples=4000).std()
    p = wrong.mean()
    assert spread == pytest.approx(np.sqrt(p * (1 - p) / N), rel=0.1)


def test_seeds_that_differ_widen_it() -> None:
    rng = np.random.default_rng(2)
    alike = np.repeat(rng.random((1, 1, 1, N)) < 0.2, 4, axis=2)
    apart = np.stack([rng.random((1, 1, N)) < p for p in (0.1, 0.17, 0.23, 0.3)], axis=2)
    narrow, wide = (resample_curves(x, UNIFORM, LABELS, resamples=3000).std() for x in (alike, apart))
    of_seeds = apart.mean(axis=3).std(ddof=1) / np.sqrt(4)
    assert wide == pytest.approx(np.sqrt(narrow**2 + of_seeds**2), rel=0.15)


def test_differences_between_recipes_are_paired() -> None:
    wrong = np.zeros((2, 1, 1, N), dtype=bool)
    wrong[:, :, :, :100] = True
    wrong[1, :, :, 300:304] = True
    resamples = resample_curves(wrong, UNIFORM, LABELS, resamples=3000)[..., 0]
    assert (resamples[:, 1] - resamples[:, 0]).std() == pytest.approx(np.sqrt(0.01 * 0.99 / N), rel=0.15)


def test_its_mean_is_the_weighted_mean() -> None:
    wrong = (np.arange(N) < 30)[None, None, None]
    balanced = np.where(LABELS == 0, 1.5 / N, 0.5 / N)
    assert resample_curves(wrong, balanced, LABELS, resamples=3000).mean() == pytest.approx(30 * 1.5 / N, rel=0.02)
