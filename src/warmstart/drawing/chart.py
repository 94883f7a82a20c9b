"""Charts with matplotlib: one style, colours that agree on all charts of a page, and PNG output."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter
from PIL import Image

from warmstart.text.printable import visible

# M. Okabe and K. Ito, "Color universal design" (2008): distinguishable with any colour vision. Their yellow is left
# out: it is too pale for lines on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444")
INK, MUTED, LINES = "#22222a", "#6a6a74", "#dddde3"
DPI = 110


def assign_colours(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name by its place in the list, so that all charts of a page agree."""
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(names)}


def line_style(family: str) -> str:
    """Solid for transfer, dashed for scratch: the families stay apart in grey print and beyond seven colours."""
    return "-" if family == "transfer" else (0, (5, 1.6))  # type: ignore[return-value]


def new_figure(width: float, height: float, columns: int = 1, rows: int = 1) -> tuple[Figure, list[Any]]:
    """An empty figure, its size in inches, and its axes row by row. It is made without pyplot: no global state."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for ax in axes:
        ax.grid(True, color=LINES, linewidth=0.8)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(MUTED)
        ax.tick_params(colors=MUTED, labelsize=9)
    return figure, axes


def set_titles(ax: Axes, title: str, x: str = "") -> None:
    """Set the title of the axes and the label of the horizontal axis."""
    ax.set_title(title, loc="left", fontsize=11, color=INK)
    ax.set_xlabel(x, fontsize=9, color=MUTED)


def percent_ticks(axis: Axis) -> None:
    """Write the ticks of an axis of shares in percent."""
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g} %"))


def add_legend(owner: Axes | Figure, handles: Sequence[Artist], names: Sequence[str], **options: Any) -> None:
    """A legend with every name in it; matplotlib itself leaves out names that begin with ``_``."""
    drawn = owner.legend(list(handles), [str(place) for place in range(len(names))], **options)
    for text, name in zip(drawn.get_texts(), names, strict=True):
        text.set_text(name)


def legend_below(figure: Figure, handles: Sequence[Artist], names: Sequence[str], columns: int, **options: Any) -> None:
    """A legend below all axes of a figure, at most so many names a row."""
    columns = max(1, min(columns, len(names)))
    add_legend(
        figure, handles, names, loc="outside lower center", ncols=columns, frameon=False, fontsize=9.5, **options
    )


def figure_png(figure: Figure) -> bytes:
    """The figure as a PNG file; the same figure gives the same bytes.

    No text is read as mathematics: ``$5`` may be the name of a class.
    """
    _disable_math(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def figure_image(figure: Figure) -> Image.Image:
    """The figure as an RGB picture."""
    return Image.open(io.BytesIO(figure_png(figure))).convert("RGB")


def _disable_math(figure: Figure) -> None:
    """Read no text as mathematics but the numbers of an axis: matplotlib writes those so on logarithmic axes."""
    numbers = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if isinstance(formatter := axis.get_major_formatter(), FixedFormatter):
                formatter.seq = [visible(str(name)) for name in formatter.seq]
            elif isinstance(formatter, FuncFormatter):
                formatter.func = _visible_format(formatter.func)
            else:  # the two above give names as they are
                ticks = (*axis.get_major_ticks(), *axis.get_minor_ticks())
                numbers |= {text for tick in ticks for text in (tick.label1, tick.label2)}
                numbers.add(axis.get_offset_text())
    for text in figure.findobj(Text):
        if text not in numbers:
            text.set_parse_math(False)  # type: ignore[attr-defined]
            text.set_text(visible(text.get_text()))


def _visible_format(func: Callable[..., str]) -> Callable[..., str]:
    return lambda value, place=None: visible(func(value, place))
