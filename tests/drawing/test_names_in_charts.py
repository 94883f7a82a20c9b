"""Names of classes are shown in charts as they are, and every chart is saved in one place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from scans import clean_rows, write_scan
from support import CHECKOUT
from warmstart.audit.charts import draw_balance, draw_distributions
from warmstart.audit.scan import read_scan
from warmstart.drawing.chart import add_legend, figure_png, new_figure, set_titles
from warmstart.records.audit import ClassBalance

NAMES = [
    "$_$=5",
    "$5_to_$10",
    "$5-$10",
    "_hidden",
    "x^2_",
    "\\frac{a}{",
    "{}",
    "~",
    "<script>",
    "日本",
    "e\u0301 é",
    "a & b",
    "%d",
]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that have been saved."""
    figures: list[Figure] = []
    save = Figure.savefig

    def savefig(self: Figure, *args: Any, **options: Any) -> None:
        figures.append(self)
        save(self, *args, **options)

    monkeypatch.setattr(Figure, "savefig", savefig)
    return figures


def shown(figure: Figure) -> dict[str, bool]:
    """Each text of a figure, and whether it is read as mathematics."""
    texts: list[Any] = figure.findobj(Text)
    return {text.get_text(): text.get_parse_math() for text in texts if text.get_text()}


@pytest.mark.parametrize("start", range(0, len(NAMES), 3))
def test_class_names_are_shown_as_they_are(tmp_path: Path, drawn: list[Figure], start: int) -> None:
    names = NAMES[start : start + 3]
    write_scan(tmp_path, clean_rows())
    scan = read_scan(tmp_path)
    scan = replace(scan, classes=names, labels=np.arange(len(scan)) % len(names))
    for narrow in (False, True):
        balance = [ClassBalance(name, train=1, val=1, test=1, unused=0, left_out=0) for name in names]
        assert draw_balance(balance, narrow=narrow)
        assert draw_distributions(scan, narrow=narrow)
    for figure in drawn:
        texts = shown(figure)
        assert set(names) <= set(texts) and not any(texts[name] for name in names)


def test_any_text_of_a_chart_is_shown_as_it_is(drawn: list[Figure]) -> None:
    figure, (ax,) = new_figure(4, 3)
    lines = [ax.plot([1, 2], [3, 4])[0] for _ in NAMES]
    put: list[Callable[[str], object]] = [
        lambda name: set_titles(ax, name, name), ax.set_ylabel, figure.suptitle, lambda name: ax.annotate(name, (1, 3)),
        lambda name: ax.text(1, 3, name), lambda name: figure.text(0, 0, name), lambda name: ax.set_yticks([3], [name]),
    ]  # fmt: skip
    for number, name in enumerate(NAMES):
        put[number % len(put)](name)
    add_legend(ax, lines, NAMES)
    assert figure_png(figure).startswith(b"\x89PNG")
    texts = shown(drawn[0])
    assert set(NAMES) <= set(texts) and not any(texts[name] for name in NAMES)


def test_the_numbers_of_a_logarithmic_axis_are_still_powers(drawn: list[Figure]) -> None:
    figure, (ax,) = new_figure(4, 3)
    ax.plot([1, 2], [1e-4, 1e4])
    ax.set_yscale("log")
    figure_png(figure)
    assert any(text.startswith("$") and read for text, read in shown(drawn[0]).items())


def test_every_chart_is_saved_where_its_texts_are_looked_after() -> None:
    calls = [
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / "src").rglob("*.py")
        if re.search(r"\.(savefig|print_png|buffer_rgba|imsave)\b", path.read_text(encoding="utf-8"))
    ]
    assert calls == ["src/warmstart/drawing/chart.py"]
