from __future__ import annotations

from warmstart.records.intervals import MetricInterval
from warmstart.text.quantities import count, format_duration, p_text, percent, percent_interval, plural, points


def test_numbers_as_text() -> None:
    assert [p_text(p) for p in (0.00001, 0.0123, 0.62, 1.0)] == ["p < 0.001", "p = 0.012", "p = 0.62", "p = 1.00"]
    assert [format_duration(s) for s in (4.21, 95, 150, 2880, 11160)] == ["4.2 s", "95 s", "2.5 min", "48 min", "3.1 h"]
    assert (percent(0.9734), percent(None), points(0.098), points(-0.043)) == ("97.3", "–", "+9.8", "−4.3")
    assert percent_interval(MetricInterval(0.9734, 0.96, 1.0)) == "97.3 % [96.0, 100.0]" and count(1234.0) == "1,234"
    assert [plural(1, "photo"), plural(1200, "photo"), plural(2, "class", "classes")] == [
        "1 photo",
        "1,200 photos",
        "2 classes",
    ]
