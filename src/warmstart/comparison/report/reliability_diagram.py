"""Reliability diagrams: accuracy by confidence, as trained and as shipped."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter

from warmstart.comparison.finished import FinishedRecipe
from warmstart.drawing.chart import MUTED, NARROW, blank, colours, label, line_style, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_DOT_AREA_POINTS = 160  # of a bin that holds every image


def draw_reliability(finished: Sequence[FinishedRecipe], *, narrow: bool = False) -> bytes:
    """Accuracy by confidence (Murphy and Winkler, 1977; DeGroot and Fienberg, 1983) of all recipes, as trained and as
    shipped side by side, as a PNG. A dot is a bin of confidence, larger for more images. narrow: one below the other.
    """
    figure, axes = blank(*NARROW, rows=2) if narrow else blank(11, 4.6, 2)
    colour = colours([f.name for f in finished])
    shipped = {f.name: f.metrics.test for f in finished}
    trained = {f.name: f.metrics.as_trained.test for f in finished}
    least = min(
        each.confidence for splits in (trained, shipped) for metrics in splits.values() for each in metrics.reliability
    )
    for ax, title, splits in zip(axes, ("as trained", "as shipped"), (trained, shipped), strict=True):
        ax.plot([0, 1], [0, 1], color=MUTED, linestyle=":", linewidth=1.3)
        for f in finished:
            metrics = splits[f.name]
            bins = metrics.reliability
            confidence, accuracy = [each.confidence for each in bins], [each.accuracy for each in bins]
            ax.plot(
                confidence,
                accuracy,
                color=colour[f.name],
                linestyle=line_style(f.family),
                linewidth=1.2,
                alpha=0.7,
                label=f.name,
            )
            ax.scatter(
                confidence,
                accuracy,
                [6 + MAX_DOT_AREA_POINTS * sqrt(each.n / metrics.n) for each in bins],
                color=colour[f.name],
                alpha=0.8,
                linewidths=0,
            )
        label(ax, f"{title}: share that is right", "probability of the class that is given")
        _square(ax, least)
    handles, names = axes[0].get_legend_handles_labels()
    legend = figure.legend(
        handles,
        names,
        loc="outside lower center",
        ncols=min(2 if narrow else 4, len(names)),
        frameon=False,
        fontsize=9.5,
        handlelength=3,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return png(figure)


def _square(ax: Axes, least: float) -> None:
    percent = FuncFormatter(lambda share, _: f"{100 * share:.4g} %")
    ax.set_xlim(min(0.45, least - 0.05), 1.02)
    ax.set_ylim(-0.03, 1.05)
    ax.xaxis.set_major_formatter(percent)
    ax.yaxis.set_major_formatter(percent)
