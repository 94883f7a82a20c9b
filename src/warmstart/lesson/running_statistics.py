"""The running statistics of batch norm over a training: how fast they follow those of the batches."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image

from warmstart.drawing.chart import DPI, MUTED, assign_colours, figure_image, new_figure, set_titles
from warmstart.drawing.png import save_png
from warmstart.drawing.sheet import heading, stack_vertically
from warmstart.drawing.ticks import set_log_yscale
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.files.plain import write_json
from warmstart.lesson import messages
from warmstart.lesson.batch_norm import StatisticsCheck
from warmstart.records.batch_norm import BatchNormRow
from warmstart.records.lesson import LessonFigures

WIDTH_INCHES = 11.0


@dataclass(frozen=True)
class Gap:
    """Between running and batch statistics, see ``BatchNormRow``."""

    mean_gap: float
    var_log_ratio: float


@dataclass(frozen=True)
class RunningMetrics:
    """The content of running.json and batch_norm.json. check: of the network of the best epoch.

    initial_share_…: what is left of the initial statistics, in [0, 1]. kept_a_step: the share that a step keeps.
    steps_to_halve: what is left of the initial statistics; None where nothing or everything is kept. layers: the gaps
    after the ``first`` and the ``last`` epoch, by layer.
    """

    check: StatisticsCheck
    epochs: int
    steps_per_epoch: int
    initial_share_after_first_epoch: float
    initial_share_after_last_epoch: float
    kept_a_step: float
    steps_to_halve: float | None
    layers: dict[str, dict[str, Gap]]


def write_running_statistics(model_dir: Path, folder: Path, check: StatisticsCheck) -> RunningMetrics:
    """Write running.png and running.json from ``batch_norm.csv``, which training writes for networks with batch norm,
    and batch_norm.json, which names the checkpoint too.

    model_dir: with that file and model.ckpt. check: of the network of the best epoch. Raises UserError where
    batch_norm.csv is missing or empty.
    """
    csv_file = model_dir / "batch_norm.csv"
    if not csv_file.is_file() or not (rows := BatchNormRow.read_rows(csv_file)):
        raise UserError(f"{csv_file} does not exist or is empty: train scratch_batchnorm again")
    first, last = rows[0].epoch, rows[-1].epoch
    per_step = rows[0].initial_share ** (1 / rows[0].step)
    layers: dict[str, dict[str, Gap]] = {row.layer: {} for row in rows}
    for when, epoch in (("first", first), ("last", last)):
        for row in rows:
            if row.epoch == epoch:
                layers[row.layer][when] = Gap(row.mean_gap, row.var_log_ratio)
    metrics = RunningMetrics(
        check=check,
        epochs=last - first + 1,
        steps_per_epoch=rows[0].step,
        initial_share_after_first_epoch=rows[0].initial_share,
        initial_share_after_last_epoch=rows[-1].initial_share,
        kept_a_step=per_step,
        steps_to_halve=math.log(0.5) / math.log(per_step) if 0 < per_step < 1 else None,
        layers=layers,
    )
    save_png(_draw(rows, metrics), folder / "running.png")
    write_json(folder / "running.json", asdict(metrics))
    LessonFigures(asdict(metrics), sha256_file(model_dir / "model.ckpt")).write(folder / "batch_norm.json")
    return metrics


def _draw(rows: list[BatchNormRow], metrics: RunningMetrics) -> Image.Image:
    figure, axes = new_figure(WIDTH_INCHES, 3.4, 3)
    colours = assign_colours(list(metrics.layers))
    for i, (layer, colour) in enumerate(colours.items(), 1):
        own = [row for row in rows if row.layer == layer]
        epochs = [row.epoch for row in own]
        line = {"color": colour, "marker": "o", "markersize": 3}
        axes[0].plot(epochs, [row.mean_gap for row in own], label=f"layer {i} ({layer})", **line)
        axes[1].plot(epochs, [math.exp(row.var_log_ratio) for row in own], **line)
        if i == 1:
            axes[2].plot(epochs, [100 * row.initial_share for row in own], **{**line, "color": MUTED})
    axes[1].axhline(1, color=MUTED, linewidth=0.8)
    set_log_yscale(axes[1])
    axes[2].set_ylim(0, 100)
    axes[0].set_ylim(bottom=0)
    set_titles(axes[0], "mean: distance, in batch standard deviations", "epoch")
    set_titles(axes[1], "variance: running over batch", "epoch")
    set_titles(axes[2], "% of the initial values left", "epoch")
    axes[2].legend(*axes[0].get_legend_handles_labels(), frameon=False, fontsize=8)
    for ax in axes:
        ax.xaxis.get_major_locator().set_params(integer=True)
    note = messages.RUNNING_NOTE.format(
        kept=100 * metrics.kept_a_step,
        steps=metrics.steps_per_epoch,
        halving=messages.HALVING.format(metrics.steps_to_halve) if metrics.steps_to_halve else "",
        first=100 * metrics.initial_share_after_first_epoch,
        last=100 * metrics.initial_share_after_last_epoch,
    )
    gap = metrics.check.batch_minus_running.difference
    low, high = messages.signed_points(gap.low), messages.signed_points(gap.high)
    running, batch = 100 * metrics.check.running.value, 100 * metrics.check.batch.value
    note += messages.STATISTICS.format(running=running, n=gap.n, batch=batch, low=low, high=high)
    head = heading(messages.RUNNING, note, round(WIDTH_INCHES * DPI), size=12)
    return stack_vertically([head, figure_image(figure)])
