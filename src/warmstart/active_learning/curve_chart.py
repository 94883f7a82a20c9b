"""The picture of labelling by the rule against labelling at random."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from warmstart.drawing.chart import MUTED, PALETTE, legend_below, new_figure, percent_ticks, set_titles
from warmstart.records.intervals import Interval
from warmstart.records.suggestion import LabellingEvidence

WIDE_INCHES, NARROW_INCHES = (11, 4.4), (4.6, 7.0)
RANDOM, RULE = MUTED, PALETTE[1]


def labelling_chart(evidence: LabellingEvidence, *, narrow: bool = False) -> Figure:
    """Test accuracy by labelled photos, by the rule and at random (first axes), and the paired difference (second),
    each with its interval.
    """
    figure, (accuracy, difference) = (
        new_figure(*NARROW_INCHES, rows=2) if narrow else new_figure(*WIDE_INCHES, columns=2)
    )
    sizes = [point.labelled for point in evidence.points]
    handles = [
        _curve(accuracy, sizes, [point.rule for point in evidence.points], RULE, "-"),
        _curve(accuracy, sizes, [point.random for point in evidence.points], RANDOM, "--"),
    ]
    _curve(difference, sizes, [point.difference for point in evidence.points], RULE, "-")
    difference.axhline(0, color=RANDOM, linestyle="--", linewidth=1.5)
    interval = f"with its {100 * evidence.confidence:.4g} % interval"
    title = f"test accuracy {interval}, n = {evidence.test_photos:,}"
    set_titles(accuracy, title.replace(" with", "\nwith") if narrow else title, "labelled photos")
    set_titles(difference, "by the rule minus at random, in points", "labelled photos")
    percent_ticks(accuracy.yaxis)
    difference.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g}".replace("-", "−")))
    for ax in (accuracy, difference):
        _sizes_axis(ax, sizes[:: 2 if narrow else 1])
    legend_below(figure, handles, ["by the rule (BADGE)", "at random"], 2, handlelength=3)
    return figure


def _curve(ax: Axes, sizes: Sequence[int], values: Sequence[Interval], colour: str, style: str) -> Line2D:
    low, high = [each.low for each in values], [each.high for each in values]
    ax.fill_between(sizes, low, high, color=colour, alpha=0.15, linewidth=0)
    (line,) = ax.plot(
        sizes, [each.value for each in values], "o", color=colour, linestyle=style, markersize=4.5, linewidth=2
    )
    return line


def _sizes_axis(ax: Axes, sizes: Sequence[int]) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(list(sizes)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
