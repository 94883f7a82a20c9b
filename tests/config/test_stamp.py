"""Names by time are in the order of time, also where a second ends between two looks at the clock."""

from __future__ import annotations

import time

import pytest

from warmstart.config.paths import stamp


def test_the_parts_of_a_stamp_are_of_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = time.mktime((2026, 3, 4, 5, 6, 7, 0, 0, -1))
    for rest, expected in ((999_999_999, "2026-03-04_05-06-07_999"), (0, "2026-03-04_05-06-07_000")):
        monkeypatch.setattr(time, "time_ns", lambda rest=rest: int(moment) * 1_000_000_000 + rest)
        assert stamp() == expected
