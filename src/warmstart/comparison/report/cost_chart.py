"""Accuracy by training time, with the recipes that no other beats in both."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick
from warmstart.drawing.chart import INK, MUTED, assign_colours, legend_below, new_figure, percent_ticks, set_titles
from warmstart.drawing.ticks import duration_ticks
from warmstart.records.comparison_row import ComparisonRow
from warmstart.text.quantities import format_duration, percent

WIDE_INCHES, NARROW_INCHES = (11, 4.8), (4.6, 5.6)
MIN_SECONDS = 0.01  # a logarithmic axis has no 0
MARGIN = 1.3  # of the axis of time, as a factor
MIN_SPAN, PADDING = 0.02, 0.08  # of the axis of accuracy: the least range of the intervals, and the share around it


def cost_chart(
    rows: Sequence[ComparisonRow],
    order: Sequence[str],
    front: Sequence[str],
    confidence: float,
    folds: int = 1,
    seeds: int = 1,
    by: Yardstick = BY_ACCURACY,
    *,
    narrow: bool = False,
) -> Figure:
    """Test accuracy of every row with its interval, by the time of training on a logarithmic axis. order: the recipes
    as they are numbered. front: recipes to be joined by steps, the fastest first. The majority class, a row without a
    family, is a line where it is near enough. by: what the accuracy is, see ``Comparison.charted``.
    """
    recipes = {row.recipe: row for row in rows if row.family}
    colour = assign_colours(list(recipes))
    figure, (ax,) = new_figure(*(NARROW_INCHES if narrow else WIDE_INCHES))
    seconds = {name: max(MIN_SECONDS, row.total_seconds or 0.0) for name, row in recipes.items()}
    low, high = min(seconds.values()) / MARGIN, max(seconds.values()) * MARGIN
    x = [seconds[name] for name in front]
    y = [recipes[name].test_accuracy for name in front]
    ax.plot([*x, high], [*y, y[-1]], drawstyle="steps-post", color=MUTED, linewidth=1.5, zorder=1)
    handles = []
    for number, name in enumerate(order, 1):
        row = recipes[name]
        at, own = seconds[name], colour[name]
        ax.plot([at, at], [row.test_accuracy_low, row.test_accuracy_high], color=own, linewidth=2, alpha=0.7)
        marker = "o" if row.family == "transfer" else "s"
        (dot,) = ax.plot(
            [at], [row.test_accuracy], marker, color=own, markersize=9, markeredgecolor="white", linestyle="none"
        )
        place = (7, 3) if number % 2 else (7, -10)  # of two that are close, one above and one below
        ax.annotate(str(number), (at, row.test_accuracy), place, textcoords="offset points", fontsize=9, color=INK)
        handles.append(dot)
    majority = next((row.test_accuracy or 0.0 for row in rows if not row.family), 0.0)
    note = "the line: no other is both better and faster"
    if _fit_accuracies(ax, list(recipes.values()), majority):
        ax.axhline(majority, color=MUTED, linestyle=":", linewidth=1.5)
        note += "; dotted: the majority class"
    else:
        note += f"; the majority class, {percent(majority)} %, is below"
    _time_axis(ax, low, high)
    percent_ticks(ax.yaxis)
    title = f"{by.tested_name(folds, seeds)} with its {100 * confidence:.4g} % interval, by training time"
    lines = title.replace(", by", ",\nby").replace(" with", "\nwith" if seeds > 1 else " with")
    set_titles(ax, lines if narrow else f"{title} (round: transfer, square: from scratch)", note)
    if narrow:
        ax.set_xlabel(note.replace("; ", "\n"), fontsize=9, color=MUTED)
    legend_below(figure, handles, [f"{i} {name}" for i, name in enumerate(order, 1)], 2 if narrow else 5)
    return figure


def _fit_accuracies(ax: Axes, recipes: Sequence[ComparisonRow], majority: float) -> bool:
    """Fit the vertical axis to the intervals; returns whether the majority class lies on it, or close enough to be put
    there.
    """
    low = min(row.test_accuracy_low or 0.0 for row in recipes)
    high = max(row.test_accuracy_high or 0.0 for row in recipes)
    span = max(high - low, MIN_SPAN)
    if shown := low - majority < span / 2:
        low, high = min(low, majority), max(high, majority)
    ax.set_ylim(low - PADDING * span, min(high, 1 - PADDING / 2 * span) + PADDING * span)
    return shown


def _time_axis(ax: Axes, low: float, high: float) -> None:
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator(duration_ticks(low, high)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_duration(value)))
