"""Reliability diagrams: accuracy by confidence, as trained and as shipped."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from warmstart.comparison.finished import FinishedRecipe
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

MAX_DOT_AREA_POINTS = 160  # of a bin that holds every image


def draw_reliability(finished: Sequence[FinishedRecipe], *, narrow: bool = False) -> bytes:
    """Accuracy by confidence (Murphy and Winkler, 1977; DeGroot and Fienberg, 1983) of all recipes, as trained and as
    shipped side by side, as a PNG. A dot is a bin of confidence, larger for more images. narrow: one below the other.
    """
    figure, axes = new_figure(*NARROW_INCHES, rows=2) if narrow else new_figure(11, 4.6, 2)
    colour = assign_colours([recipe.name for recipe in finished])
    as_trained = [recipe.metrics.as_trained.test for recipe in finished]
    shipped = [recipe.metrics.test for recipe in finished]
    lowest = min(each.confidence for metrics in (*as_trained, *shipped) for each in metrics.reliability)
    for ax, title, of_recipes in zip(axes, ("as trained", "as shipped"), (as_trained, shipped), strict=True):
        ax.plot([0, 1], [0, 1], color=MUTED, linestyle=":", linewidth=1.3)
        for recipe, metrics in zip(finished, of_recipes, strict=True):
            bins = metrics.reliability
            xy = [each.confidence for each in bins], [each.accuracy for each in bins]
            line = {"linestyle": line_style(recipe.family), "linewidth": 1.2, "alpha": 0.7, "label": recipe.name}
            ax.plot(*xy, color=colour[recipe.name], **line)
            areas = [6 + MAX_DOT_AREA_POINTS * sqrt(each.n / metrics.n) for each in bins]
            ax.scatter(*xy, areas, color=colour[recipe.name], alpha=0.8, linewidths=0)
        set_titles(ax, f"{title}: share that is right", "probability of the class that is given")
        _set_limits(ax, lowest)
    handles, names = axes[0].get_legend_handles_labels()
    legend_below(figure, handles, names, 2 if narrow else 4, handlelength=3)
    return figure_png(figure)


def _set_limits(ax: Axes, lowest: float) -> None:
    ax.set_xlim(min(0.45, lowest - 0.05), 1.02)
    ax.set_ylim(-0.03, 1.05)
    percent_ticks(ax.xaxis)
    percent_ticks(ax.yaxis)
