"""Charts of the audit: photos a class, and how their properties are spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from warmstart.audit.distributions import PROPERTIES, properties
from warmstart.audit.scan import Scan
from warmstart.drawing.chart import INK, MUTED, PALETTE, figure_png, legend_below, new_figure, set_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS = 30  # classes on the chart; of more, the largest and the smallest
PANELS = ("width", "height", "aspect", "bytes", "brightness", "contrast", "saturation", "sharpness")
BINS = 30
ACROSS = 150  # letters in a line of the legend
PARTS = {"train": "training", "val": "validation", "test": "test", "unused": "in no split"}


def draw_balance(balance: Sequence[dict[str, Any]]) -> bytes:
    """Photos a class, by split, as a PNG."""
    rows = sorted(balance, key=lambda row: -sum(row[part] for part in PARTS))
    hidden = max(0, len(rows) - BARS)
    rows = rows if not hidden else rows[: BARS // 2] + rows[-(BARS - BARS // 2) :]
    figure, (ax,) = new_figure(11, 1.1 + 0.3 * len(rows))
    start = np.zeros(len(rows))
    colours = (*PALETTE[:3], "#c9c9d2")
    for (part, called), colour in zip(PARTS.items(), colours, strict=True):
        counts = np.array([row[part] for row in rows])
        if counts.any():
            ax.barh(range(len(rows)), counts, left=start, height=0.7, color=colour, label=called)
            start += counts
    for y, total in enumerate(start):
        ax.annotate(f"{total:,.0f}", (total, y), (5, 0), textcoords="offset points", va="center", fontsize=9, color=INK)
    ax.set_yticks(range(len(rows)), [_short(row["class"]) for row in rows], color=INK, fontsize=9.5)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.margins(x=0.08)
    ax.grid(False, axis="y")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    set_titles(
        ax,
        f"photos per class{f' (the {BARS // 2} largest and the {BARS - BARS // 2} smallest of {len(balance)})' if hidden else ''}",
    )
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9, labelcolor=INK)
    return figure_png(figure)


def draw_distributions(scan: Scan) -> bytes | None:
    """A histogram of each property as a PNG, by class where there are few classes; None where nothing was measured."""
    values = properties(scan)
    names = [name for name in PANELS if name in values]
    if not names:
        return None
    columns = min(4, len(names))
    lines = -(-len(names) // columns)
    figure, axes = new_figure(11, 0.4 + 2.1 * lines, columns, lines)
    apart = len(scan.classes) <= len(PALETTE)
    for ax, name in zip(axes, names, strict=False):
        _histogram(ax, scan, values[name], apart)
        set_titles(ax, PROPERTIES[name])
        ax.title.set_fontsize(10)
        ax.set_yticks([])
        ax.xaxis.set_major_locator(MaxNLocator(4))
    for ax in axes[len(names) :]:
        ax.set_axis_off()
    if apart:
        handles = [Line2D([], [], color=colour, linewidth=3) for colour in PALETTE[: len(scan.classes)]]
        # So many side by side as fit, for a long name must not squeeze the panels.
        names = [_short(name) for name in scan.classes]
        legend_below(figure, handles, names, ACROSS // max(len(name) + 6 for name in names))
    return figure_png(figure)


def _histogram(ax: Axes, scan: Scan, values: np.ndarray, apart: bool) -> None:
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, (0.5, 99.5))
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BINS + 1)
    if not apart:
        ax.hist(known, edges.tolist(), color=PALETTE[0], alpha=0.6)
        medians = [
            float(np.nanmedian(own))
            for c in range(len(scan.classes))
            if np.isfinite(own := values[scan.labels == c]).any()
        ]
        ax.plot(medians, np.zeros(len(medians)), "|", color=INK, markersize=11, clip_on=False)
        return
    for place in range(len(scan.classes)):
        own = values[(scan.labels == place) & np.isfinite(values)]
        if len(own):
            # Shares of the class, so that a small class is as high as a large one.
            shares = np.histogram(np.clip(own, low, high), edges)[0] / len(own)
            ax.stairs(shares, edges, color=PALETTE[place], fill=True, alpha=0.15)
            ax.stairs(shares, edges, color=PALETTE[place], linewidth=1.6)
    ax.set_ylim(bottom=0)
    ax.tick_params(labelsize=8.5, colors=MUTED)


def _short(name: str, most: int = 28) -> str:
    name = " ".join(name.split())  # a name may have line breaks
    return name if len(name) <= most else name[: most - 1] + "…"
