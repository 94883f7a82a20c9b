"""Accuracy by severity, one small picture for each corruption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from warmstart.comparison.finished import FinishedRecipe
from warmstart.drawing.chart import assign_colours, legend_below, line_style, new_figure, percent_ticks, set_titles
from warmstart.evaluation.corruptions import CORRUPTIONS
from warmstart.records.robustness import Robustness

WIDE_INCHES, NARROW_INCHES = (11, 4.3), (4.6, 7.6)
WIDE_COLUMNS, NARROW_COLUMNS = 4, 2
APART = 0.09  # between the intervals of two recipes, in severities


def robustness_chart(
    finished: Sequence[FinishedRecipe], measured: Mapping[str, Robustness], confidence: float, *, narrow: bool = False
) -> Figure:
    """Each recipe's accuracy as a line with Wilson's intervals, severity 0 being the images as they are. finished: all
    recipes, whose colours agree with those of other charts. confidence: of the intervals, for the title.
    """
    columns = NARROW_COLUMNS if narrow else WIDE_COLUMNS
    width, height = NARROW_INCHES if narrow else WIDE_INCHES
    figure, axes = new_figure(width, height, columns, -(-len(CORRUPTIONS) // columns))
    colour = assign_colours([recipe.name for recipe in finished])
    shown = [recipe for recipe in finished if recipe.name in measured]
    handles = []
    lowest = min(one.accuracy.low for each in measured.values() for one in each.corrupted)
    for place, (ax, (kind, corruption)) in enumerate(zip(axes, CORRUPTIONS.items(), strict=True)):
        for number, recipe in enumerate(shown):
            found = measured[recipe.name]
            points = [(0, found.clean), *((one.severity, one.accuracy) for one in found.of(kind))]
            x = [severity + APART * (number - (len(shown) - 1) / 2) for severity, _ in points]
            y = [accuracy.value for _, accuracy in points]
            ends = [[a.value - a.low for _, a in points], [a.high - a.value for _, a in points]]
            style = {"color": colour[recipe.name], "linestyle": line_style(recipe.family)}
            drawn = ax.errorbar(x, y, ends, marker="o", markersize=3.5, linewidth=1.6, elinewidth=0.8, **style)
            if not place:
                handles.append(drawn.lines[0])
        set_titles(ax, corruption.title, "severity" if place >= len(CORRUPTIONS) - columns else "")
        ax.set_xticks([0, *(one.severity for one in next(iter(measured.values())).of(kind))])
        ax.set_ylim(max(0.0, lowest - 0.04), 1.02)
        percent_ticks(ax.yaxis)
        if place % columns:
            ax.tick_params(labelleft=False)
    n = next(iter(measured.values())).n
    figure.suptitle(
        f"accuracy on {n:,} test images by severity, {100 * confidence:.4g} % intervals",
        fontsize=11, x=0.01, ha="left",
    )  # fmt: skip
    legend_below(figure, handles, [recipe.name for recipe in shown], 2 if narrow else 4, handlelength=3)
    return figure
