"""Learning curves: all recipes over each other, and each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from warmstart.drawing.chart import INK, MUTED, blank, colours, label, line_style, png
from warmstart.evaluation.finished import Finished

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EPOCH = "epoch, counted from 0"
TRAIN, VAL = "#E69F00", "#0072B2"


def draw_overlay(finished: Sequence[Finished]) -> bytes:
    """Validation accuracy and loss of all recipes by epoch as a PNG: smoothed lines over faint raw ones."""
    figure, (accuracy, loss) = blank(11, 4.6, 2)
    colour = colours([f.name for f in finished])
    handles = []
    for f in finished:
        for ax, key in ((accuracy, "val/acc"), (loss, "val/loss")):
            epochs, raw, smooth = (_column(f, name) for name in ("epoch", key, f"smooth/{key}"))
            ax.plot(epochs, raw, color=colour[f.name], alpha=0.22, linewidth=1)
            style, marker = line_style(f.family), "o" if len(epochs) == 1 else ""
            (line,) = ax.plot(epochs, smooth, color=colour[f.name], linestyle=style, linewidth=2, marker=marker, label=f.name)
            kept = epochs == f.summary["kept_epoch"]
            ax.plot(epochs[kept], smooth[kept], "o", color=colour[f.name], markersize=5, markeredgecolor="white")
        handles.append(line)
    label(accuracy, "validation accuracy", EPOCH)
    label(loss, "validation loss (logarithmic)", EPOCH)
    _percent(accuracy)
    _logarithmic(loss)
    for ax in (accuracy, loss):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=min(4, len(handles)),
        frameon=False,
        fontsize=9.5,
        handlelength=3,
    )
    return png(figure)


def draw_recipe(f: Finished) -> bytes:
    """One recipe's accuracy and loss by epoch as a PNG: training and validation, points as measured, lines smoothed."""
    figure, (accuracy, loss) = blank(11, 3.9, 2)
    epochs, kept = _column(f, "epoch"), f.summary["kept_epoch"]
    for ax, key in ((accuracy, "acc"), (loss, "loss")):
        for part, name, colour in (("train", "training", TRAIN), ("val", "validation", VAL)):
            ax.plot(epochs, _column(f, f"{part}/{key}"), "o", color=colour, markersize=3.5, alpha=0.55, markeredgewidth=0)
            ax.plot(epochs, _column(f, f"smooth/{part}/{key}"), color=colour, linewidth=2, label=name)
        ax.axvline(kept, color=MUTED, linestyle=":", linewidth=1.3, label=f"kept: epoch {kept}")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    label(accuracy, f"{f.name}: accuracy", EPOCH)
    label(loss, f"{f.name}: loss", EPOCH)
    _percent(accuracy)
    loss.set_ylim(bottom=0)
    accuracy.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none", fontsize=9, labelcolor=INK)
    return png(figure)


def _column(f: Finished, key: str) -> np.ndarray:
    return np.array([row.get(key, float("nan")) for row in f.history])


def _percent(ax: Axes) -> None:
    ax.set_ylim(top=min(1.005, ax.get_ylim()[1]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.4g} %"))


def _logarithmic(ax: Axes) -> None:
    ax.set_yscale("log")
    plain: Any = FuncFormatter(lambda y, _: f"{y:.2g}")
    ax.yaxis.set_major_formatter(plain)
    # Between decades too: validation losses rarely span one.
    low, high = ax.get_ylim()
    if high / low < 30:
        ax.set_yticks([y for y in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 2, 3, 5, 10) if low <= y <= high])
        ax.yaxis.set_minor_locator(MaxNLocator(1, prune="both"))
        ax.yaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
        ax.set_ylim(low, high)
