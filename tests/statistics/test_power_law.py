"""Fitted power laws find the law behind exact points, and stay within what an error can be."""

from __future__ import annotations

import numpy as np
import pytest

from warmstart.statistics.power_law import EXPONENTS, fit_power_laws

SIZES = np.array([100, 200, 500, 1000, 2000])


@pytest.mark.parametrize(("floor", "excess", "exponent"), [(0.02, 0.1, EXPONENTS[40]), (0.0, 0.2, EXPONENTS[30])])
def test_the_law_behind_exact_points_is_found(floor: float, excess: float, exponent: float) -> None:
    errors = floor + excess * (SIZES / 2000) ** -exponent
    law = fit_power_laws(SIZES, errors[None], np.ones(5))
    assert law.error(SIZES)[0] == pytest.approx(errors, abs=1e-9)
    assert law.error(8000.0)[0] == pytest.approx(floor + excess * 4**-exponent, abs=1e-9)
    assert law.size_for(law.error(6000.0))[0] == pytest.approx(6000)


def test_a_row_is_fitted_by_itself() -> None:
    rng = np.random.default_rng(0)
    errors = 0.3 * (SIZES / 100) ** -0.4 + rng.normal(0, 0.01, (20, 5))
    together, alone = fit_power_laws(SIZES, errors, np.ones(5)), fit_power_laws(SIZES, errors[3:4], np.ones(5))
    assert together.error(4000.0)[3] == pytest.approx(alone.error(4000.0)[0])


def test_errors_that_grow_or_stay_give_a_constant() -> None:
    for errors in (np.full(5, 0.1), np.array([0.1, 0.11, 0.12, 0.13, 0.14])):
        law = fit_power_laws(SIZES, errors[None], np.ones(5))
        assert law.error(np.array([1e2, 1e6]))[0] == pytest.approx([errors.mean()] * 2)
        assert np.isinf(law.size_for(law.error(2000.0) - 0.01))


def test_an_error_never_falls_below_zero_however_far_it_is_followed() -> None:
    errors = np.array([[0.4, 0.2, 0.05, 0.01, 0.0]])
    assert (fit_power_laws(SIZES, errors, np.ones(5)).error(np.geomspace(100, 1e9, 50)) >= 0).all()


def test_a_size_with_more_weight_is_met_more_closely() -> None:
    errors = np.array([[0.3, 0.1, 0.2, 0.12, 0.11]])
    far = [
        abs(fit_power_laws(SIZES, errors, weights).error(200.0)[0] - 0.1)
        for weights in (np.ones(5), np.array([1, 100, 1, 1, 1]))
    ]
    assert far[1] < far[0]


def test_fewer_sizes_than_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="3 sizes"):
        fit_power_laws(SIZES[:2], np.ones((1, 2)), np.ones(2))
