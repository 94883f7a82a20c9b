"""Charts of the audit: photos a class, and how their properties are spread. ``narrow`` is for a telephone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from warmstart.audit.properties import PROPERTIES, properties
from warmstart.audit.scan import Scan
from warmstart.drawing.chart import INK, MUTED, PALETTE, figure_png, legend_below, new_figure, set_titles
from warmstart.records.audit import ClassBalance

MAX_CLASSES = 30  # on the chart of sizes; of more, the largest and the smallest
LARGEST, SMALLEST = MAX_CLASSES // 2, MAX_CLASSES - MAX_CLASSES // 2
HISTOGRAMS = ("width", "height", "aspect", "bytes", "brightness", "contrast", "saturation", "sharpness")
BINS = 30
WIDE_INCHES, NARROW_INCHES = 11, 4.6
LEGEND_WIDTH, NARROW_LEGEND_WIDTH = 150, 60  # letters
MAX_NAME_LENGTH = 28  # letters
PARTS = {"train": "training", "val": "validation", "test": "test", "unused": "in no split"}


def draw_balance(balance: Sequence[ClassBalance], *, narrow: bool = False) -> bytes:
    """Photos a class, by split, as a PNG."""
    rows = sorted(balance, key=lambda row: -sum(getattr(row, part) for part in PARTS))
    title = "photos per class"
    if len(rows) > MAX_CLASSES:
        rows = rows[:LARGEST] + rows[-SMALLEST:]
        title += ("\n" if narrow else " ") + f"(the {LARGEST} largest and the {SMALLEST} smallest of {len(balance)})"
    width, head = (NARROW_INCHES, 1.5) if narrow else (WIDE_INCHES, 1.1)
    figure, (ax,) = new_figure(width, head + 0.3 * len(rows))
    start = np.zeros(len(rows))
    colours = (*PALETTE[:3], "#c9c9d2")
    for (part, name), colour in zip(PARTS.items(), colours, strict=True):
        counts = np.array([getattr(row, part) for row in rows])
        if counts.any():
            ax.barh(range(len(rows)), counts, left=start, height=0.7, color=colour, label=name)
            start += counts
    for y, total in enumerate(start):
        ax.annotate(f"{total:,.0f}", (total, y), (5, 0), textcoords="offset points", va="center", fontsize=9, color=INK)
    ax.set_yticks(range(len(rows)), [_shortened(row.class_name) for row in rows], color=INK, fontsize=9.5)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.margins(x=0.16 if narrow else 0.08)
    ax.grid(False, axis="y")
    ax.xaxis.set_major_locator(MaxNLocator(4 if narrow else "auto", integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    set_titles(ax, title)
    if narrow:
        handles, names = ax.get_legend_handles_labels()
        legend_below(figure, handles, names, 2)
    else:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9, labelcolor=INK)
    return figure_png(figure)


def draw_distributions(scan: Scan, *, narrow: bool = False) -> bytes | None:
    """A histogram of each property as a PNG, by class where there are few classes; None where nothing was measured."""
    values = properties(scan)
    names = [name for name in HISTOGRAMS if name in values]
    if not names:
        return None
    columns = min(2 if narrow else 4, len(names))
    lines = -(-len(names) // columns)
    width, height = (NARROW_INCHES, 1.7) if narrow else (WIDE_INCHES, 2.1)
    figure, axes = new_figure(width, 0.4 + height * lines, columns, lines)
    apart = len(scan.classes) <= len(PALETTE)
    for ax, name in zip(axes, names, strict=False):
        _histogram(ax, scan, values[name], apart)
        set_titles(ax, PROPERTIES[name].axis)
        ax.title.set_fontsize(10)
        ax.set_yticks([])
        ax.xaxis.set_major_locator(MaxNLocator(3 if narrow else 4))
    for ax in axes[len(names) :]:
        ax.set_axis_off()
    if apart:
        handles = [Line2D([], [], color=colour, linewidth=3) for colour in PALETTE[: len(scan.classes)]]
        names = [_shortened(name) for name in scan.classes]
        # As many columns as fit: a long name must not squeeze the histograms.
        fitting = NARROW_LEGEND_WIDTH if narrow else LEGEND_WIDTH
        legend_below(figure, handles, names, fitting // max(len(name) + 6 for name in names))
    return figure_png(figure)


def _histogram(ax: Axes, scan: Scan, values: np.ndarray, apart: bool) -> None:
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, (0.5, 99.5))
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BINS + 1)
    if not apart:
        ax.hist(known, edges.tolist(), color=PALETTE[0], alpha=0.6)
        each = (values[(scan.labels == c) & np.isfinite(values)] for c in range(len(scan.classes)))
        medians = [float(np.median(own)) for own in each if len(own)]
        ax.plot(medians, np.zeros(len(medians)), "|", color=INK, markersize=11, clip_on=False)
        return
    for class_label in range(len(scan.classes)):
        own = values[(scan.labels == class_label) & np.isfinite(values)]
        if len(own):
            # Shares of the class, so that a small class is as high as a large one.
            shares = np.histogram(np.clip(own, low, high), edges)[0] / len(own)
            ax.stairs(shares, edges, color=PALETTE[class_label], fill=True, alpha=0.15)
            ax.stairs(shares, edges, color=PALETTE[class_label], linewidth=1.6)
    ax.set_ylim(bottom=0)
    ax.tick_params(labelsize=8.5, colors=MUTED)


def _shortened(name: str) -> str:
    name = " ".join(name.split())  # a name may have line breaks
    return name if len(name) <= MAX_NAME_LENGTH else name[: MAX_NAME_LENGTH - 1] + "…"
