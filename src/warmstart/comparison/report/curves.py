"""Learning curves: all recipes over each other, and each by itself. Strong lines are what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from warmstart.comparison.finished import Finished
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


def draw_overlay(finished: Sequence[Finished], *, narrow: bool = False) -> bytes:
    """Validation accuracy and loss of all recipes by epoch as a PNG: as measured, over the faint running average.

    narrow: one below the other, for a page that is as wide as a telephone.
    """
    return figure_png(overlay(finished, narrow=narrow))


def overlay(finished: Sequence[Finished], *, narrow: bool = False) -> Figure:
    """The figure of ``draw_overlay``: accuracy on its first axes, loss on its second. The dot of each line is the kept epoch's."""
    figure, (accuracy, loss) = new_figure(*NARROW_INCHES, rows=2) if narrow else new_figure(11, 4.6, 2)
    colour = assign_colours([f.name for f in finished])
    handles = []
    for f in finished:
        epochs = _column(f, "epoch")
        kept = epochs == f.summary["kept_epoch"]
        for ax, key in ((accuracy, "val/acc"), (loss, "val/loss")):
            measured = _column(f, key)
            ax.plot(epochs, _column(f, f"smooth/{key}"), color=colour[f.name], alpha=FAINT, linewidth=1.2)
            (line,) = ax.plot(
                epochs, measured, color=colour[f.name], linestyle=line_style(f.family), linewidth=2, label=f.name
            )
            ax.plot(epochs[kept], measured[kept], "o", color=colour[f.name], markersize=6, markeredgecolor="white")
        handles.append(line)
    set_titles(accuracy, "validation accuracy", "epoch")
    set_titles(loss, "validation loss (logarithmic)", "epoch")
    _percent(accuracy)
    set_log_yscale(loss)
    for ax in (accuracy, loss):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_below(figure, handles, list(colour), 2 if narrow else 4, handlelength=3)
    return figure


def draw_recipe(f: Finished, *, narrow: bool = False) -> bytes:
    """One recipe's accuracy and loss by epoch as a PNG: training and validation as measured, over the faint running averages."""
    figure, (accuracy, loss) = new_figure(*NARROW_INCHES, rows=2) if narrow else new_figure(11, 3.9, 2)
    epochs, kept = _column(f, "epoch"), f.summary["kept_epoch"]
    for ax, key in ((accuracy, "acc"), (loss, "loss")):
        for part, name, colour in (("train", "training", TRAIN), ("val", "validation", VAL)):
            ax.plot(epochs, _column(f, f"smooth/{part}/{key}"), color=colour, linewidth=1.2, alpha=FAINT)
            ax.plot(epochs, _column(f, f"{part}/{key}"), "o-", color=colour, markersize=3.5, linewidth=2, label=name)
        ax.axvline(kept, color=MUTED, linestyle=":", linewidth=1.3, label=f"kept: epoch {kept}")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    set_titles(accuracy, f"{f.name}: accuracy", "epoch")
    set_titles(loss, f"{f.name}: loss", "epoch")
    _percent(accuracy)
    loss.set_ylim(bottom=0)
    accuracy.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none", fontsize=9, labelcolor=INK)
    return figure_png(figure)


def _column(f: Finished, key: str) -> np.ndarray:
    return np.array([row.get(key, float("nan")) for row in f.history])


def _percent(ax: Axes) -> None:
    ax.set_ylim(top=min(1.005, ax.get_ylim()[1]))
    percent_ticks(ax.yaxis)
