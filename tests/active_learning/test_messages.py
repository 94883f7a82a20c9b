"""The sentences say what the figures say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from every_record import suggestion
from warmstart.active_learning.messages import (
    BEATS,
    LOSES,
    SAME,
    enough_sentence,
    how_sentence,
    left_out_sentence,
    point_sentence,
    verdict_sentence,
)
from warmstart.records.intervals import Interval
from warmstart.records.suggestion import LabellingEvidence, LabellingPoint


def evidence(low: float, high: float) -> LabellingEvidence:
    built = suggestion().evidence
    assert built
    verdict = "better" if low > 0 else "worse" if high < 0 else "not_told_apart"
    share = Interval(0.9, 0.8, 0.95, 40)
    points = [LabellingPoint(size, share, share, Interval(size / 1000, low, high, 40)) for size in (20, 40, 80, 1600)]
    difference = Interval((low + high) / 2, low, high, 40)
    enough = built.enough if verdict == "better" else None
    return replace(built, points=points, difference=difference, verdict=verdict, enough=enough)


@pytest.mark.parametrize(("low", "high", "verdict"), [(0.01, 0.03, BEATS), (-0.01, 0.03, SAME), (-0.03, -0.01, LOSES)])
def test_the_verdict_has_its_interval_and_range(low: float, high: float, verdict: str) -> None:
    said = verdict_sentence(evidence(low, high))
    assert said.startswith(verdict) and f"[{100 * low:+.1f}, {100 * high:+.1f}]".replace("-", "−") in said
    assert "from 40 to 1,600" in said and "20" not in said


def test_one_point_is_named_and_it_is_the_middle_one() -> None:
    said = point_sentence(evidence(0.01, 0.03))
    assert "80 labelled photos" in said and "+8.0 points" in said and said.count("90.0 % [80.0, 95.0]") == 2


def test_what_is_enough_is_said_only_where_the_rule_is_better() -> None:
    said = enough_sentence(evidence(0.01, 0.03))
    assert "132 [117, 150]" in said and "1,600" in said
    assert not enough_sentence(evidence(-0.01, 0.03))
    assert "4 repetitions" in how_sentence(evidence(0.01, 0.03)) and "95 %" in how_sentence(evidence(0.01, 0.03))


def test_only_what_was_left_out_is_counted() -> None:
    both = left_out_sentence(suggestion(labelled_already=2, repeated=1))
    assert "2 copies" in both and "1 copy" in both
    assert "0" not in left_out_sentence(suggestion(labelled_already=0, repeated=3))
    assert not left_out_sentence(suggestion(labelled_already=0, repeated=0))
