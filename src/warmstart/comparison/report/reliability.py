"""Reliability diagrams: how often a model is right where it says that it is so sure, as trained and as shipped."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any

from warmstart.comparison.finished import Finished
from warmstart.drawing.chart import (
    MUTED,
    NARROW_INCHES,
    assign_colours,
    figure_png,
    legend_below,
    line_style,
    new_figure,
    percent_ticks,
    set_titles,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST = 160  # points², the dot of a bin that holds every image


def draw_reliability(finished: Sequence[Finished], *, narrow: bool = False) -> bytes:
    """The share that is right by confidence (Murphy and Winkler, 1977; DeGroot and Fienberg, 1983), all recipes over each other, as
    trained and as shipped side by side, as a PNG. A dot is a bin of confidence, larger for more images. narrow: one below the other.
    """
    figure, axes = new_figure(*NARROW_INCHES, rows=2) if narrow else new_figure(11, 4.6, 2)
    colour = assign_colours([f.name for f in finished])
    shipped = {f.name: f.metrics["test"] for f in finished}
    trained = {f.name: f.metrics["as_trained"]["test"] for f in finished}
    least = min(
        each["confidence"]
        for blocks in (trained, shipped)
        for block in blocks.values()
        for each in block["reliability"]
    )
    for ax, title, blocks in zip(axes, ("as trained", "as shipped"), (trained, shipped), strict=True):
        ax.plot([0, 1], [0, 1], color=MUTED, linestyle=":", linewidth=1.3)
        for f in finished:
            block: dict[str, Any] = blocks[f.name]
            bins = block["reliability"]
            sure, right = ([each[key] for each in bins] for key in ("confidence", "accuracy"))
            ax.plot(
                sure,
                right,
                color=colour[f.name],
                linestyle=line_style(f.family),
                linewidth=1.2,
                alpha=0.7,
                label=f.name,
            )
            ax.scatter(
                sure,
                right,
                [6 + LARGEST * sqrt(each["n"] / block["n"]) for each in bins],
                color=colour[f.name],
                alpha=0.8,
                linewidths=0,
            )
        set_titles(ax, f"{title}: share that is right", "probability of the class that is given")
        _square(ax, least)
    handles, names = axes[0].get_legend_handles_labels()
    legend_below(figure, handles, names, 2 if narrow else 4, handlelength=3)
    return figure_png(figure)


def _square(ax: Axes, least: float) -> None:
    ax.set_xlim(min(0.45, least - 0.05), 1.02)
    ax.set_ylim(-0.03, 1.05)
    percent_ticks(ax.xaxis)
    percent_ticks(ax.yaxis)
