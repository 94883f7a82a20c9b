"""Batch norm's running statistics over a training: how fast they catch up with the batches."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from warmstart.drawing.png import save_png
from warmstart.drawing.sheet import heading
from warmstart.errors import UserError
from warmstart.files.plain import write_json
from warmstart.lesson.panels import picture, stack
from warmstart.records.batch_norm import BatchNormRow

WIDTH = 11.0


def write_running_statistics(csv_file: Path, folder: Path, check: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Write running.png and running.json from ``batch_norm.csv``, which training leaves beside a network with batch norm.

    check: what ``batch_norm.statistics_check`` found of the kept network. Returns the content of running.json: the check, steps
    an epoch, the share of the initial statistics left after the first and the last epoch, the steps to halve it, and by layer the
    gaps after both. Raises UserError where the file is missing or empty.
    """
    if not csv_file.is_file() or not (rows := [asdict(row) for row in BatchNormRow.read_rows(csv_file)]):
        raise UserError(f"{csv_file} does not exist or is empty: train scratch_batchnorm again")
    layers = list(dict.fromkeys(row["layer"] for row in rows))
    first, last = rows[0]["epoch"], rows[-1]["epoch"]
    per_step = rows[0]["initial_share"] ** (1 / rows[0]["step"])
    figures: dict[str, Any] = {
        "check": dict(check) if check else None,
        "epochs": last - first + 1,
        "steps_per_epoch": rows[0]["step"],
        "initial_share_after_first_epoch": rows[0]["initial_share"],
        "initial_share_after_last_epoch": rows[-1]["initial_share"],
        "kept_a_step": per_step,
        "steps_to_halve": math.log(0.5) / math.log(per_step) if 0 < per_step < 1 else None,
        "layers": {
            layer: {
                when: {key: row[key] for key in ("mean_gap", "var_log_ratio")}
                for when, epoch in (("first", first), ("last", last))
                for row in rows
                if row["layer"] == layer and row["epoch"] == epoch
            }
            for layer in layers
        },
    }
    save_png(_draw(rows, layers, figures), folder / "running.png")
    write_json(folder / "running.json", figures)
    return figures


def _draw(rows: list[dict[str, Any]], layers: list[str], figures: dict[str, Any]) -> Image.Image:
    from warmstart.drawing.chart import DPI, MUTED, blank, colours, label
    from warmstart.drawing.ticks import logarithmic

    figure, axes = blank(WIDTH, 3.4, 3)
    names = {layer: f"layer {i + 1} ({layer})" for i, layer in enumerate(layers)}
    for layer, colour in colours(layers).items():
        own = [row for row in rows if row["layer"] == layer]
        epochs = [row["epoch"] for row in own]
        axes[0].plot(
            epochs, [row["mean_gap"] for row in own], color=colour, marker="o", markersize=3, label=names[layer]
        )
        axes[1].plot(epochs, [math.exp(row["var_log_ratio"]) for row in own], color=colour, marker="o", markersize=3)
    own = [row for row in rows if row["layer"] == layers[0]]
    axes[2].plot(
        [row["epoch"] for row in own],
        [100 * row["initial_share"] for row in own],
        color=MUTED,
        marker="o",
        markersize=3,
    )
    axes[1].axhline(1, color=MUTED, linewidth=0.8)
    logarithmic(axes[1])
    axes[2].set_ylim(0, 100)
    axes[0].set_ylim(bottom=0)
    label(axes[0], "mean: distance, in batch standard deviations", "epoch")
    label(axes[1], "variance: running over batch", "epoch")
    label(axes[2], "% of the initial values left", "epoch")
    axes[2].legend(*axes[0].get_legend_handles_labels(), frameon=False, fontsize=8)
    for ax in axes:
        ax.xaxis.get_major_locator().set_params(integer=True)
    halve = figures["steps_to_halve"]
    note = (
        "In training a batch is normalised by its own mean and variance, in validation by running averages of them, which start at mean 0 and "
        f"variance 1 and keep {100 * figures['kept_a_step']:.0f} % of themselves a step (Keras' momentum is 0.99). An epoch has {figures['steps_per_epoch']} steps here"
        + (f"; {halve:.0f} steps halve what is left of the start" if halve else "")
        + f": {100 * figures['initial_share_after_first_epoch']:.0f} % is left after the first epoch, "
        f"{100 * figures['initial_share_after_last_epoch']:.2g} % after the last. While much is left, validation normalises by what "
        "training never used. Behind the dense layer a batch has one value an image, so its own statistics are noisy."
        + _verdict(figures["check"])
    )
    return stack(
        [heading("Batch norm: running against batch statistics", note, round(WIDTH * DPI), size=12), picture(figure)]
    )


def _verdict(check: Mapping[str, Any] | None) -> str:
    if not check:
        return ""
    difference = check["batch_minus_running"]["difference"]
    low, high = (f"{100 * difference[end]:.1f}".replace("-", "−") for end in ("low", "high"))
    return (
        f" The kept network is right on {100 * check['running']['value']:.1f} % of {difference['n']} validation images; the same weights, "
        f"normalising by each batch's own statistics, on {100 * check['batch']['value']:.1f} % (95 % interval of the difference: {low} to {high} points)."
    )
