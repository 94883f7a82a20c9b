"""Learning curves of all recipes in one chart, and of each by itself. Strong lines are as measured, faint ones
smoothed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from warmstart.comparison.finished import FinishedRecipe
from warmstart.drawing.chart import (
    INK,
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
from warmstart.drawing.ticks import set_log_yscale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TRAIN, VAL = "#E69F00", "#0072B2"
FAINT = 0.3


def draw_overlay(finished: Sequence[FinishedRecipe], *, narrow: bool = False) -> bytes:
    """Validation accuracy and loss of all recipes by epoch, as a PNG. narrow: one below the other, for a telephone."""
    return figure_png(overlay(finished, narrow=narrow))


def overlay(finished: Sequence[FinishedRecipe], *, narrow: bool = False) -> Figure:
    """The figure of ``draw_overlay``: accuracy on its first axes, loss on its second. A dot is at the best epoch."""
    figure, (accuracy, loss) = new_figure(*NARROW_INCHES, rows=2) if narrow else new_figure(11, 4.6, 2)
    colour = assign_colours([recipe.name for recipe in finished])
    handles = []
    for recipe in finished:
        epochs = _column(recipe, "epoch")
        best = epochs == recipe.summary.kept_epoch
        for ax, key in ((accuracy, "val_acc"), (loss, "val_loss")):
            measured = _column(recipe, key)
            ax.plot(epochs, _column(recipe, f"smooth_{key}"), color=colour[recipe.name], alpha=FAINT, linewidth=1.2)
            (line,) = ax.plot(
                epochs,
                measured,
                color=colour[recipe.name],
                linestyle=line_style(recipe.family),
                linewidth=2,
                label=recipe.name,
            )
            ax.plot(epochs[best], measured[best], "o", color=colour[recipe.name], markersize=6, markeredgecolor="white")
        handles.append(line)
    set_titles(accuracy, "validation accuracy", "epoch")
    set_titles(loss, "validation loss (logarithmic)", "epoch")
    _percent(accuracy)
    set_log_yscale(loss)
    for ax in (accuracy, loss):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(figure, handles, list(colour), 2 if narrow else 4, handlelength=3)
    return figure


def draw_recipe(recipe: FinishedRecipe, *, narrow: bool = False) -> bytes:
    """A recipe's training and validation accuracy and loss by epoch, as a PNG. narrow: see ``draw_overlay``."""
    figure, (accuracy, loss) = new_figure(*NARROW_INCHES, rows=2) if narrow else new_figure(11, 3.9, 2)
    epochs, best = _column(recipe, "epoch"), recipe.summary.kept_epoch
    for ax, key in ((accuracy, "acc"), (loss, "loss")):
        for part, name, colour in (("train", "training", TRAIN), ("val", "validation", VAL)):
            ax.plot(epochs, _column(recipe, f"smooth_{part}_{key}"), color=colour, linewidth=1.2, alpha=FAINT)
            ax.plot(
                epochs, _column(recipe, f"{part}_{key}"), "o-", color=colour, markersize=3.5, linewidth=2, label=name
            )
        ax.axvline(best, color=MUTED, linestyle=":", linewidth=1.3, label=f"kept: epoch {best}")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    set_titles(accuracy, f"{recipe.name}: accuracy", "epoch")
    set_titles(loss, f"{recipe.name}: loss", "epoch")
    _percent(accuracy)
    loss.set_ylim(bottom=0)
    accuracy.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none", fontsize=9, labelcolor=INK)
    return figure_png(figure)


def _column(recipe: FinishedRecipe, key: str) -> np.ndarray:
    return np.array([getattr(epoch, key) for epoch in recipe.history.epochs])


def _percent(ax: Axes) -> None:
    ax.set_ylim(top=min(1.005, ax.get_ylim()[1]))
    percent_ticks(ax.yaxis)
