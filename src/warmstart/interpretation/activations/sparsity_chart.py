"""Sparsity by depth as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warmstart.files import write_bytes

MAX_NAMED_LAYERS = 18  # each is named under its mark
LINES = {
    "off": "values that are 0, of a photo",
    "silent": "channels all 0 on a photo",
    "dead": "channels all 0 on every photo",
}


@dataclass(frozen=True)
class LayerSparsity:
    """A layer in the chart. off, silent: share in [0, 1] with its 95 % interval: value, low, high. dead: share."""

    title: str
    depthwise: bool
    off: tuple[float, float, float]
    silent: tuple[float, float, float]
    dead: tuple[float]


def write_sparsity_chart(layers: Sequence[LayerSparsity], title: str, x_label: str, path: Path) -> None:
    """Chart ``off``, ``silent`` and ``dead`` of each layer, in order of depth, in %."""
    from warmstart.drawing.chart import MUTED, PALETTE, blank, label, png

    figure, (ax,) = blank(8.6, 4.4)
    positions = range(1, len(layers) + 1)
    hollow = [position for position, layer in zip(positions, layers, strict=True) if layer.depthwise]
    for (key, text), colour in zip(LINES.items(), PALETTE, strict=False):
        value, *ends = zip(*([100 * share for share in getattr(layer, key)] for layer in layers), strict=True)
        marks = {"color": colour, "markersize": 5, "clip_on": False}
        ax.plot(positions, value, linewidth=1.6, marker="o", label=text, zorder=3, **marks)
        if hollow:
            ax.plot(hollow, [value[i - 1] for i in hollow], "o", markerfacecolor="white", zorder=4, **marks)
        if ends:
            ax.fill_between(positions, *ends, color=colour, alpha=0.2, linewidth=0)
    if len(layers) <= MAX_NAMED_LAYERS:
        names = [layer.title for layer in layers]
        ax.set_xticks(list(positions), names, rotation=30, ha="right", fontsize=8, parse_math=False)
    ax.set_xlim(0.5, len(layers) + 0.5)
    ax.set_ylim(0, 100)
    ax.set_ylabel("%", fontsize=9, color=MUTED)
    ax.legend(frameon=False, fontsize=9)
    label(ax, title, f"{x_label}; hollow: depthwise" if hollow else x_label)
    write_bytes(path, png(figure))
