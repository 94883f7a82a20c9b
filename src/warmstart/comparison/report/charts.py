"""Charts of the report: test accuracies, reliability diagrams and learning curves. ``narrow`` is for a telephone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick
from warmstart.drawing.chart import (
    INK,
    MUTED,
    assign_colours,
    legend_below,
    line_style,
    new_figure,
    percent_ticks,
    set_titles,
)
from warmstart.drawing.ticks import set_log_yscale
from warmstart.records.comparison_row import ComparisonRow
from warmstart.text.quantities import percent

WIDE_INCHES, NARROW_INCHES = 11, (4.6, 7.4)
MAX_DOT_AREA_POINTS = 160  # of a bin that holds every image
TRAIN, VAL = "#E69F00", "#0072B2"
FAINT = 0.3  # of smoothed curves; strong ones are as measured


def accuracy_chart(
    rows: Sequence[ComparisonRow],
    confidence: float,
    folds: int = 1,
    by_seed: Mapping[str, Sequence[float]] | None = None,
    by: Yardstick = BY_ACCURACY,
    *,
    narrow: bool = False,
) -> Figure:
    """Test accuracy of every row as a dot with its interval; the majority class as a line. confidence: of the
    intervals, for the title. folds: 1 without. by_seed: by recipe, the accuracy of each of several seeds, a small dot.
    by: what the accuracy is, see ``Comparison.charted``.
    """
    by_seed = by_seed or {}
    seeds = max(map(len, by_seed.values()), default=1)
    recipes = [row for row in rows if row.family]
    colour = assign_colours([row.recipe for row in recipes])
    width, head = (NARROW_INCHES[0], 1.2) if narrow else (WIDE_INCHES, 0.9)
    figure, (ax,) = new_figure(width, head + 0.4 * len(recipes))
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
        if own := by_seed.get(row.recipe):
            ax.plot(own, [y + 0.28] * len(own), "o", color=colour[row.recipe], markersize=3.5, alpha=0.8)
        end = (row.test_accuracy_high, y)
        ax.annotate(percent(value), end, (8, 0), textcoords="offset points", va="center", fontsize=9, color=INK)
    ax.set_yticks(range(len(recipes)), [row.recipe for row in recipes], color=INK, fontsize=10, parse_math=False)
    ax.set_ylim(len(recipes) - 0.4, -0.95)
    ax.grid(False, axis="y")
    percent_ticks(ax.xaxis)
    n = recipes[0].n_test if recipes else 0
    what = by.tested_name(folds, seeds) if folds == 1 else f"{by.tested_name(folds)} in {folds} folds,"
    what += "," if seeds > 1 else ""
    title = f"{what} with its {100 * confidence:.4g} % interval, n = {n:,}"
    set_titles(ax, title.replace(" with", "\nwith") if narrow else f"{title} (round: transfer, square: from scratch)")
    return figure


def reliability_diagrams(finished: Sequence[FinishedRecipe], *, narrow: bool = False) -> Figure:
    """Accuracy by confidence (Murphy and Winkler, 1977; DeGroot and Fienberg, 1983) of all recipes, as trained and as
    shipped. A dot is a bin of confidence, larger for more images.
    """
    figure, axes = _two_axes(narrow, 4.6)
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
        ax.set_xlim(min(0.45, lowest - 0.05), 1.02)
        ax.set_ylim(-0.03, 1.05)
        percent_ticks(ax.xaxis)
        percent_ticks(ax.yaxis)
    handles, names = axes[0].get_legend_handles_labels()
    legend_below(figure, handles, names, 2 if narrow else 4, handlelength=3)
    return figure


def learning_curves(finished: Sequence[FinishedRecipe], *, narrow: bool = False) -> Figure:
    """Validation accuracy (first axes) and loss (second) of all recipes by epoch. A dot is at the best epoch."""
    figure, (accuracy, loss) = _two_axes(narrow, 4.6)
    colour = assign_colours([recipe.name for recipe in finished])
    handles = []
    for recipe in finished:
        epochs = _column(recipe, "epoch")
        best = epochs == recipe.summary.kept_epoch
        own, style = colour[recipe.name], line_style(recipe.family)
        for ax, key in ((accuracy, "val_acc"), (loss, "val_loss")):
            measured = _column(recipe, key)
            ax.plot(epochs, _column(recipe, f"smooth_{key}"), color=own, alpha=FAINT, linewidth=1.2)
            (line,) = ax.plot(epochs, measured, color=own, linestyle=style, linewidth=2, label=recipe.name)
            ax.plot(epochs[best], measured[best], "o", color=own, markersize=6, markeredgecolor="white")
        handles.append(line)
    _finish_curves(accuracy, loss, "validation accuracy", "validation loss (logarithmic)")
    set_log_yscale(loss)
    legend_below(figure, handles, list(colour), 2 if narrow else 4, handlelength=3)
    return figure


def recipe_curves(recipe: FinishedRecipe) -> Figure:
    """A recipe's training and validation accuracy and loss by epoch."""
    figure, (accuracy, loss) = _two_axes(False, 3.9)
    epochs, best = _column(recipe, "epoch"), recipe.summary.kept_epoch
    for ax, key in ((accuracy, "acc"), (loss, "loss")):
        for part, name, colour in (("train", "training", TRAIN), ("val", "validation", VAL)):
            measured = _column(recipe, f"{part}_{key}")
            ax.plot(epochs, _column(recipe, f"smooth_{part}_{key}"), color=colour, linewidth=1.2, alpha=FAINT)
            ax.plot(epochs, measured, "o-", color=colour, markersize=3.5, linewidth=2, label=name)
        ax.axvline(best, color=MUTED, linestyle=":", linewidth=1.3, label=f"kept: epoch {best}")
    _finish_curves(accuracy, loss, f"{recipe.name}: accuracy", f"{recipe.name}: loss")
    loss.set_ylim(bottom=0)
    accuracy.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none", fontsize=9, labelcolor=INK)
    return figure


def _two_axes(narrow: bool, height: float) -> tuple[Figure, list[Any]]:
    """Side by side, ``height`` inches high, or one below the other."""
    return new_figure(*NARROW_INCHES, rows=2) if narrow else new_figure(WIDE_INCHES, height, 2)


def _column(recipe: FinishedRecipe, key: str) -> np.ndarray:
    return np.array([getattr(epoch, key) for epoch in recipe.history.epochs])


def _finish_curves(accuracy: Axes, loss: Axes, *titles: str) -> None:
    for ax, title in zip((accuracy, loss), titles, strict=True):
        set_titles(ax, title, "epoch")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    accuracy.set_ylim(top=min(1.005, accuracy.get_ylim()[1]))
    percent_ticks(accuracy.yaxis)
