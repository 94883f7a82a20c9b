from __future__ import annotations

import pytest

from warmstart.interpretation.faithfulness.messages import format_interval, format_signed
from warmstart.interpretation.faithfulness.verdict import judge
from warmstart.statistics.intervals import Interval


def around(value: float, half: float = 0.05, n: int = 32) -> Interval:
    return Interval(value, value - half, value + half, n)


GOOD = {
    "blank": around(0.0),
    "versus_centre": around(0.12),
    "mosaic_energy": around(0.95),
    "localisation": around(0.9),
    "randomised_head_spearman": around(0.03),
    "another_image_spearman": around(0.38),
    "noise_spearman": around(0.9),
    "noise_minus_another": around(0.5),
}


def test_all_bars_passed_is_trust() -> None:
    verdict = judge(GOOD, {})
    assert verdict.trusted is True and verdict.text == "these maps may be trusted"
    assert all(c.outcome == "passed" for c in verdict.criteria)


@pytest.mark.parametrize(
    ("key", "found", "outcome"),
    [
        ("blank", around(0.3), "failed"),
        ("blank", around(0.17), "undecided"),
        ("versus_centre", around(0.04), "undecided"),
        ("versus_centre", around(-0.01, half=0.06), "undecided"),
        ("versus_centre", around(-0.06), "failed"),
        ("localisation", around(0.4), "failed"),
        ("localisation", around(0.55, half=0.2), "undecided"),
        ("localisation", around(0.5, half=0.2), "undecided"),
        ("randomised_head_spearman", around(1.0), "failed"),
        ("randomised_head_spearman", around(0.3), "failed"),
        ("randomised_head_spearman", around(0.18, half=0.16), "undecided"),
        ("randomised_head_spearman", around(-0.3), "passed"),
        ("noise_spearman", around(0.5), "failed"),
        ("noise_spearman", around(0.59, half=0.13), "undecided"),
        ("noise_minus_another", around(0.04), "undecided"),
        ("noise_minus_another", around(-0.06), "failed"),
        ("versus_centre", None, "not scored"),
        ("noise_spearman", around(0.9, n=15), "not scored"),
        ("evidence_versus_centre", around(-0.1), "failed"),
    ],
)
def test_each_bar(key: str, found: Interval | None, outcome: str) -> None:
    verdict = judge({**GOOD, key: found}, {})
    assert [c.outcome for c in verdict.criteria if c.outcome != "passed"] == [outcome] * (outcome != "passed")
    assert verdict.trusted is {"passed": True, "failed": False}.get(outcome)
    assert outcome == "passed" or outcome in verdict.text


def test_a_failure_weighs_more_than_what_is_open() -> None:
    verdict = judge({**GOOD, "versus_centre": around(0.04), "noise_spearman": around(0.1)}, {})
    assert verdict.trusted is False and "more images" not in verdict.text
    assert "more images" in judge({**GOOD, "versus_centre": around(0.04)}, {}).text


def test_why_something_is_not_scored_is_said() -> None:
    verdict = judge({"blank": around(0.0)}, {"localisation": "one class only"})
    assert any("one class only" in c.line for c in verdict.criteria) and verdict.trusted is None


def test_figures_in_words() -> None:
    assert format_interval(Interval(-0.0012, -0.25, 0.5, 9)) == "0.00 [−0.25, 0.50], n = 9"
    assert format_signed(0.256, plus=True) == "+0.26" and format_signed(-0.004, plus=True) == "0.00"
