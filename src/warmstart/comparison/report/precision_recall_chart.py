"""Precision by recall of one recipe, with the packaged threshold."""

from __future__ import annotations

from matplotlib.figure import Figure

from warmstart.comparison.thresholds import TradeOff
from warmstart.drawing.chart import INK, MUTED, PALETTE, new_figure, percent_ticks, set_titles

WIDE_INCHES, NARROW_INCHES = (11, 4.4), (4.6, 4.4)


def precision_recall_chart(trade_off: TradeOff, confidence: float, *, narrow: bool = False) -> Figure:
    """The curve on test images, in steps as average precision counts them, and the packaged threshold as a dot with
    both intervals; a dotted line where guessing lies. confidence: of the intervals, for the title.
    """
    figure, (ax,) = new_figure(*(NARROW_INCHES if narrow else WIDE_INCHES))
    ax.axhline(trade_off.share, color=MUTED, linestyle=":", linewidth=1.5)
    ax.plot(trade_off.recall, trade_off.precision, drawstyle="steps-pre", color=PALETTE[0], linewidth=2)
    lowest, point = min(trade_off.share, float(trade_off.precision.min())), trade_off.point
    if point.precision and point.recall:
        x, y = point.recall, point.precision
        ax.plot([x.low, x.high], [y.value, y.value], color=PALETTE[1], linewidth=1.6)
        ax.plot([x.value, x.value], [y.low, y.high], color=PALETTE[1], linewidth=1.6)
        ax.plot([x.value], [y.value], "o", color=PALETTE[1], markersize=9, markeredgecolor="white")
        text = f"packaged: threshold {trade_off.threshold:.3g}"
        place = {"xytext": (-10, -26), "textcoords": "offset points", "ha": "right", "fontsize": 9.5, "color": INK}
        ax.annotate(text, (x.value, y.value), **place)
        lowest = min(lowest, y.low)
    ax.set_xlim(-0.01, 1.015)
    ax.set_ylim(max(0.0, lowest - 0.05), 1.015)
    percent_ticks(ax.xaxis)
    percent_ticks(ax.yaxis)
    head = f"{trade_off.recipe}: precision by recall,"
    tail = f"n = {trade_off.n:,} test images, {100 * confidence:.4g} % intervals"
    set_titles(ax, f"{head}\n{tail}" if narrow else f"{head} {tail}", "recall; dotted: precision of guessing")
    ax.title.set_parse_math(False)
    return figure
