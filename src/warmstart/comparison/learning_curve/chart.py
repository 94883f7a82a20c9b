"""The learning curves of all recipes in one chart: measured sizes with intervals, and the fitted laws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from warmstart.config.selection import SELECTABLE
from warmstart.drawing.chart import assign_colours, legend_below, line_style, new_figure, percent_ticks, set_titles
from warmstart.records.learning_curve import LearningCurve, RecipeCurve
from warmstart.text.quantities import count, plural

WIDE_INCHES, NARROW_INCHES = (11, 5.2), (4.6, 5.6)
AHEAD = 2  # times the largest size: how far the laws are drawn
APART = 1.02  # factor between the bars of two recipes at one size, so that they do not hide each other


def curve_chart(curve: LearningCurve, recipes: Sequence[str] = (), *, narrow: bool = False) -> Figure:
    """The metric on the test images by the number of training images, on a logarithmic axis. A dot is a seed, a bar the
    interval over images and seeds, a line the fitted law, drawn to twice the largest size. recipes: all of the
    comparison, so that colours agree with those of other charts.
    """
    figure, (ax,) = new_figure(*(NARROW_INCHES if narrow else WIDE_INCHES))
    names = [recipe.recipe for recipe in curve.recipes]
    colour, handles = assign_colours(list(dict.fromkeys([*recipes, *names]))), []
    for number, recipe in enumerate(curve.recipes):
        shift = APART ** (number - (len(names) - 1) / 2)
        own = colour[recipe.recipe]
        n = np.array([size.n for size in recipe.sizes], dtype=float)
        mean = np.array([size.mean.value for size in recipe.sizes])
        for size in recipe.sizes:
            ax.plot([size.n * shift] * 2, [size.mean.low, size.mean.high], color=own, linewidth=2, alpha=0.7)
            if len(curve.seeds) > 1:
                ax.plot([size.n * shift] * len(size.by_seed), size.by_seed, ".", color=own, markersize=4, alpha=0.6)
        marker = "o" if recipe.family == "transfer" else "s"
        style = line_style(recipe.family)
        if recipe.law is None:
            ax.plot(n * shift, mean, linestyle=style, color=own, linewidth=1.2)
        else:
            x = np.geomspace(n[0], AHEAD * n[-1], 200)
            ax.plot(x, 1 - _error(recipe, x), linestyle=style, color=own, linewidth=1.4, alpha=0.8)
        (dot,) = ax.plot(
            n * shift, mean, marker, color=own, markersize=7, markeredgecolor="white", linestyle="none", zorder=3
        )
        handles.append(dot)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator([size.n for size in curve.recipes[0].sizes]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))
    ax.set_ylim(top=min(1.005, ax.get_ylim()[1]))
    percent_ticks(ax.yaxis)
    metric, seeds = SELECTABLE[curve.metric].title, plural(len(curve.seeds), "seed")
    title = f"Test {metric} by the number of training images"
    note = f"{seeds}; bars: {100 * curve.confidence:.4g} % intervals over test images and seeds; lines: power laws"
    set_titles(ax, title, note if not narrow else note.replace("; ", "\n"))
    legend_below(figure, handles, names, 2 if narrow else 5)
    return figure


def _error(recipe: RecipeCurve, n: np.ndarray) -> np.ndarray:
    law = recipe.law
    assert law is not None
    return np.asarray(law.floor.value + law.excess.value * (n / law.reference) ** -law.exponent.value)
