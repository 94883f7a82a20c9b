"""Sparsity by depth as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from warmstart.files.plain import write_bytes

NAMES = 18  # layers up to which each is named under its mark


def write_sparsity(layers: Sequence[dict[str, Any]], title: str, x: str, path: Path) -> None:
    """Chart ``off``, ``silent`` and ``dead`` of each layer, in order of depth. layers: as in activations.json."""
    from warmstart.drawing.chart import MUTED, PALETTE, blank, label, png

    figure, (ax,) = blank(8.6, 4.4)
    places = range(1, len(layers) + 1)
    lines = {
        "off": "values that are 0, of a photo",
        "silent": "channels all 0 on a photo",
        "dead": "channels all 0 on every photo",
    }
    for (key, text), colour in zip(lines.items(), PALETTE, strict=False):
        values = [100 * layer[key]["value"] for layer in layers]
        ax.plot(
            places, values, color=colour, linewidth=1.6, marker="o", markersize=5, label=text, clip_on=False, zorder=3
        )
        hollow = [
            (place, value) for place, value, layer in zip(places, values, layers, strict=True) if layer["depthwise"]
        ]
        if hollow:
            ax.plot(
                *zip(*hollow, strict=True),
                "o",
                color=colour,
                markersize=5,
                markerfacecolor="white",
                clip_on=False,
                zorder=4,
            )
        if "low" in layers[0][key]:
            low, high = ([100 * layer[key][end] for layer in layers] for end in ("low", "high"))
            ax.fill_between(places, low, high, color=colour, alpha=0.2, linewidth=0)
    names = [layer["short"] if len(layers) <= NAMES else "" for layer in layers]
    if any(names):
        ax.set_xticks(list(places), names, rotation=30, ha="right", fontsize=8, parse_math=False)
    ax.set_xlim(0.5, len(layers) + 0.5)
    ax.set_ylim(0, 100)
    ax.set_ylabel("%", fontsize=9, color=MUTED)
    ax.legend(frameon=False, fontsize=9)
    label(ax, title, f"{x}; hollow: depthwise" if any(layer["depthwise"] for layer in layers) else x)
    write_bytes(path, png(figure))
