"""No figure passes or fails a bar that lies inside its interval."""

from __future__ import annotations

import numpy as np
import pytest

from warmstart.interpretation.faithfulness.verdict import (
    FAILED,
    MAX_RANDOMISED,
    MIN_LOCALISATION,
    MIN_NOISE,
    NOT_SCORED,
    PASSED,
    UNDECIDED,
    above,
    at_least,
    at_most,
    judge,
    worst,
)
from warmstart.statistics.intervals import Interval

BARS = {
    "localisation": MIN_LOCALISATION,
    "randomised_head_spearman": MAX_RANDOMISED,
    "noise_spearman": MIN_NOISE,
    "versus_centre": 0.0,
}
KEYS = (*BARS, "blank", "mosaic_energy", "another_image_spearman", "noise_minus_another", "evidence_versus_centre")


def intervals(count: int, seed: int = 0) -> list[Interval]:
    """Of any width, a point among them, ends on round numbers too; the figure anywhere inside."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        low, high = sorted(rng.choice([rng.normal(0.3, 0.5), round(float(rng.normal(0.3, 0.5)), 1)], 2))
        found.append(Interval(float(rng.uniform(low, high)), float(low), float(high), 32))
    return found


@pytest.mark.parametrize("bar", [-0.2, 0.0, 0.3, 0.6])
def test_an_interval_that_holds_the_bar_is_undecided_and_one_that_does_not_is_decided(bar: float) -> None:
    for found in intervals(500):
        if found.low < bar < found.high:
            assert {at_least(found, bar), at_most(found, bar), above(found, bar)} == {UNDECIDED}
        elif found.low > bar:
            assert (at_least(found, bar), above(found, bar), at_most(found, bar)) == (PASSED, PASSED, FAILED)
        elif found.high < bar:
            assert (at_least(found, bar), above(found, bar), at_most(found, bar)) == (FAILED, FAILED, PASSED)


def test_where_the_figure_lies_inside_its_interval_decides_nothing() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        figures = dict(zip(KEYS, intervals(len(KEYS), int(rng.integers(10**6))), strict=True))
        moved = {key: Interval(float(rng.uniform(f.low, f.high)), f.low, f.high, f.n) for key, f in figures.items()}
        assert [c.outcome for c in judge(figures, {}).criteria] == [c.outcome for c in judge(moved, {}).criteria]


def test_the_verdict_follows_the_criteria_and_undecided_is_never_a_pass() -> None:
    seen = set()
    for seed in range(300):
        verdict = judge(dict(zip(KEYS, intervals(len(KEYS), seed), strict=True)), {})
        outcomes = {c.outcome for c in verdict.criteria}
        assert verdict.trusted is (False if FAILED in outcomes else True if outcomes == {PASSED} else None)
        seen |= outcomes
    assert seen == {PASSED, FAILED, UNDECIDED}


def test_of_several_conditions_the_worst_counts() -> None:
    assert worst([PASSED, UNDECIDED, FAILED]) == FAILED and worst([PASSED, UNDECIDED]) == UNDECIDED
    assert worst([NOT_SCORED, UNDECIDED]) == NOT_SCORED and worst([PASSED, PASSED]) == PASSED
