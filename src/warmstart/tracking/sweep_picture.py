"""The picture of a sweep in parallel coordinates: a line a job, an axis for each key in which the jobs differ.

A. Inselberg, "The plane with parallel coordinates" (1985).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from matplotlib import colormaps
from matplotlib.ticker import LogLocator, MaxNLocator

from warmstart.config.selection import SelectionMetric
from warmstart.drawing.chart import INK, MUTED, figure_png, new_figure
from warmstart.files.plain import write_bytes
from warmstart.records.sweep import SweepJob
from warmstart.tracking.sweep_jobs import PICTURE_FILE, best_job, result_name, result_text, varied_values

UNSET = "–"  # of a job that leaves a key as it is
LOGARITHMIC = ("lr", "weight_decay", "ridge", "eps")  # last part of keys whose values are compared by ratio
WIDE_RATIO = 50  # so are the values of any other key that differ by such a factor
MAX_CHARACTERS = 22
APART = 0.07  # share of an axis: values that are so far from one another have a tick each
INCHES_AN_AXIS, HEIGHT = 2.1, 4.2
LEGIBLE = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}  # texts over lines


@dataclass(frozen=True)
class Coordinate:
    """An axis. places: of each job, in [0, 1] from the bottom. ticks: place and text."""

    name: str
    places: Sequence[float]
    ticks: Sequence[tuple[float, str]]


def write_picture(folder: Path, jobs: Sequence[SweepJob]) -> None:
    """Write ``sweep.png`` into the folder of a sweep, if there is something to show. Raises OSError."""
    if picture := sweep_picture(jobs):
        write_bytes(folder / PICTURE_FILE, picture)


def sweep_picture(jobs: Sequence[SweepJob]) -> bytes | None:
    """The jobs that have a validation accuracy, or whatever metric chose their epochs, as a PNG file, coloured by it;
    None where no two of them differ, and where it is not the same metric in all.
    """
    done = [job for job in jobs if job.value is not None]
    varied = varied_values(done)
    if len(done) < 2 or not varied or len({job.metric for job in done}) > 1:
        return None
    values, metric = [job.value or 0.0 for job in done], done[0].metric
    axes = [_coordinate(key, column) for key, column in varied.items()]
    axes.append(_numeric(result_name(done), values, log=False, result=metric))
    figure, (ax,) = new_figure(INCHES_AN_AXIS * len(axes) + 0.6, HEIGHT)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set(xlim=(-0.25, len(axes) - 0.45), ylim=(-0.06, 1.06), yticks=[], xticks=range(len(axes)))
    ax.set_xticklabels([_cut(axis.name) for axis in axes], color=INK, fontsize=9)
    ax.tick_params(length=0, pad=8)
    for number, axis in enumerate(axes):
        ax.vlines(number, 0, 1, color=MUTED, linewidth=1, zorder=1)
        for place, text in axis.ticks:
            ax.plot([number - 0.015, number + 0.015], [place, place], color=MUTED, linewidth=1, zorder=1)
            ax.text(number + 0.03, place, _cut(text), fontsize=8.5, color=INK, va="center", zorder=3, bbox=LEGIBLE)
    best, colours = best_job(done), colormaps["viridis_r"]
    goodness = [metric.oriented(value) for value in values]
    low, high = min(goodness), max(goodness)
    for place in sorted(range(len(done)), key=goodness.__getitem__):  # the best on top
        share = (goodness[place] - low) / (high - low) if high > low else 1.0
        heights = [axis.places[place] for axis in axes]
        width = 3.0 if done[place] is best else 1.4
        ax.plot(range(len(axes)), heights, color=colours(0.1 + 0.9 * share), linewidth=width, zorder=2)
    left_out = len(jobs) - len(done)
    note = f"; {left_out} without a result left out" if left_out else ""
    title = f"{len(done)} jobs, the best in bold: job {best.number}, {result_text(best)}{note}"
    ax.set_title(title, loc="left", fontsize=11, color=INK, pad=12)
    return figure_png(figure)


def _coordinate(key: str, column: Sequence[str]) -> Coordinate:
    numbers = [_number(text) for text in column]
    found = [number for number in numbers if number is not None]
    if len(found) < len(column) or len(set(found)) < 2:
        return _categories(key, column)
    positive = min(found) > 0
    log = positive and (key.rpartition(".")[2] in LOGARITHMIC or max(found) / min(found) >= WIDE_RATIO)
    return _numeric(key, found, log=log)


def _categories(key: str, column: Sequence[str]) -> Coordinate:
    names = list(dict.fromkeys(column))
    where = {name: 0.5 if len(names) == 1 else place / (len(names) - 1) for place, name in enumerate(names)}
    return Coordinate(key, [where[name] for name in column], [(at, name or UNSET) for name, at in where.items()])


def _numeric(name: str, values: Sequence[float], *, log: bool, result: SelectionMetric | None = None) -> Coordinate:
    low, high = min(values), max(values)
    if low == high:
        low, high = low - 0.05, high + 0.05
    scale = math.log10 if log else float
    start, length = scale(low), scale(high) - scale(low)
    few = LogLocator(subs=(1.0, 3.0)) if log and length < 2 else LogLocator() if log else MaxNLocator(5)
    ticks = [value for value in few.tick_values(low, high) if low <= value <= high]
    own = sorted(set(values))
    if not result and all(scale(b) - scale(a) >= APART * length for a, b in pairwise(own)):
        ticks = own
    elif len(ticks) < 2:
        ticks = [low, high]
    percent = result is not None and result.unit == "%"
    words = [f"{100 * value:.4g} %" if percent else f"{value:.3g}" for value in ticks]
    placed = [((scale(value) - start) / length, text) for value, text in zip(ticks, words, strict=True)]
    return Coordinate(name, [(scale(value) - start) / length for value in values], placed)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"
