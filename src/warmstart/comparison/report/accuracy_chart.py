"""Test accuracies as dots with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from warmstart.comparison.messages import accuracy_name
from warmstart.drawing.chart import (
    INK,
    MUTED,
    NARROW_INCHES,
    assign_colours,
    figure_png,
    new_figure,
    percent_ticks,
    set_titles,
)
from warmstart.records.comparison_row import ComparisonRow
from warmstart.text.quantities import percent


def draw_accuracies(rows: Sequence[ComparisonRow], confidence: float, folds: int = 1, *, narrow: bool = False) -> bytes:
    """Test accuracy of every row with its interval, as a PNG; the majority class as a line. confidence: of the
    intervals, for the title. folds: 1 without. narrow: for a telephone.
    """
    recipes = [row for row in rows if row.family]
    colour = assign_colours([row.recipe for row in recipes])
    figure, (ax,) = new_figure(NARROW_INCHES[0] if narrow else 11, (1.2 if narrow else 0.9) + 0.4 * len(recipes))
    for row in rows:
        value = row.test_accuracy
        if not row.family:
            ax.axvline(value, color=MUTED, linestyle=":", linewidth=1.5)
            ax.annotate(f" {row.title}", (value, -0.62), color=MUTED, fontsize=9, va="center", parse_math=False)
            continue
        y = recipes.index(row)
        ax.plot([row.test_accuracy_low, row.test_accuracy_high], [y, y], color=colour[row.recipe], linewidth=2.5)
        marker = "o" if row.family == "transfer" else "s"
        ax.plot([value], [y], marker, color=colour[row.recipe], markersize=8, markeredgecolor="white")
        ax.annotate(
            percent(value),
            (row.test_accuracy_high, y),
            (8, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=INK,
        )
    ax.set_yticks(range(len(recipes)), [row.recipe for row in recipes], color=INK, fontsize=10, parse_math=False)
    ax.set_ylim(len(recipes) - 0.4, -0.95)
    ax.grid(False, axis="y")
    percent_ticks(ax.xaxis)
    n = recipes[0].n_test if recipes else 0
    what = accuracy_name(folds) if folds == 1 else f"{accuracy_name(folds)} in {folds} folds,"
    title = f"{what} with its {100 * confidence:.4g} % interval, n = {n:,}"
    set_titles(ax, title.replace(" with", "\nwith") if narrow else f"{title} (round: transfer, square: from scratch)")
    return figure_png(figure)
