"""The picture of a search for a learning rate."""

from __future__ import annotations

from PIL import Image

from warmstart.drawing.chart import INK, MUTED, PALETTE, figure_image, new_figure, set_titles
from warmstart.records.lr_find import LRSearch

MARGIN = 0.15  # above and below the smoothed loss, as a share of its range


def draw_search(search: LRSearch) -> Image.Image:
    """The loss over the rate, its slope below, and the rates that follow."""
    figure, (upper, lower) = new_figure(8.0, 6.4, rows=2)
    upper.plot(search.rates, search.losses, ".", color=MUTED, markersize=3, label="each step")
    upper.plot(search.rates, search.smoothed, color=PALETTE[0], label="smoothed")
    lower.plot(search.rates, search.slopes, color=PALETTE[0])
    lower.axhline(0, color=MUTED, linewidth=0.8)
    marks = [
        ("steepest fall", search.steepest, PALETTE[1], "-"),
        ("safe", search.safe, PALETTE[2], "-"),
        ("configured", search.configured, INK, ":"),
    ]
    shown = [*search.smoothed, *(loss for loss in search.losses if loss < max(search.smoothed))]
    for ax, values in ((upper, shown), (lower, search.slopes[: search.rates.index(search.lowest) + 1])):
        room = MARGIN * (max(values) - min(values)) or 1.0
        ax.set_ylim(min(values) - room, max(values) + room)
        ax.set_xscale("log")
        ax.set_xlim(search.rates[0], search.rates[-1])
        for name, rate, colour, style in marks:
            if rate is not None and search.rates[0] <= rate <= search.rates[-1]:
                ax.axvline(rate, color=colour, linestyle=style, linewidth=1.4, label=f"{name}: {rate:.2g}")
    title = f"{search.recipe} on {search.dataset}, {search.optimizer.rpartition('.')[2]}: training loss in nats"
    set_titles(upper, title)
    set_titles(lower, "its slope, in nats a decade of the rate", "learning rate, higher from step to step")
    upper.legend(frameon=False, fontsize=9, loc="best")
    return figure_image(figure)
