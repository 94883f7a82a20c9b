"""One look for every figure, and a recipe's colour in all of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FuncFormatter

from warmstart.text.printable import visible

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# M. Okabe and K. Ito, "Color universal design" (2008): told apart with any colour vision. Their yellow is left out,
# being too pale for lines on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444")
INK, MUTED, LINES = "#22222a", "#6a6a74", "#dddde3"
DPI = 110
NARROW = (4.6, 7.4)  # inches, of two panels one below the other, for a page that is as wide as a telephone


def colours(names: Sequence[str]) -> dict[str, str]:
    """A colour per recipe by its place in the list, so that every figure of a page agrees."""
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(names)}


def line_style(family: str) -> str:
    """Solid for transfer, dashed for scratch: families stay apart in grey print and beyond seven colours."""
    return "-" if family == "transfer" else (0, (5, 1.6))  # type: ignore[return-value]


def blank(width: float, height: float, columns: int = 1, rows: int = 1) -> tuple[Figure, list[Any]]:
    """An empty figure in inches with its axes side by side, row after row. No pyplot: nothing global, and it imports faster."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for ax in axes:
        ax.grid(True, color=LINES, linewidth=0.8)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(MUTED)
        ax.tick_params(colors=MUTED, labelsize=9)
    return figure, axes


def label(ax: Axes, title: str, x: str = "") -> None:
    """Title and name of the horizontal axis."""
    ax.set_title(title, loc="left", fontsize=11, color=INK)
    ax.set_xlabel(x, fontsize=9, color=MUTED)


def legend(owner: Axes | Figure, handles: Sequence[Artist], names: Sequence[str], **options: Any) -> None:
    """A legend of a figure or of its axes, with every name in it; matplotlib itself leaves out names that begin with ``_``."""
    drawn = owner.legend(list(handles), [str(place) for place in range(len(names))], **options)
    for text, name in zip(drawn.get_texts(), names, strict=True):
        text.set_text(name)


def png(figure: Figure) -> bytes:
    """The figure as a PNG file; the same figure gives the same bytes. Text is shown as it is, never read as mathematics: ``$5`` may be
    the name of a class.
    """
    _as_written(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def _as_written(figure: Figure) -> None:
    """Let no text be read as mathematics but the numbers of an axis, which matplotlib itself writes so on logarithmic axes."""
    numbers = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if isinstance(formatter := axis.get_major_formatter(), FixedFormatter):
                formatter.seq = [visible(str(name)) for name in formatter.seq]
            elif isinstance(formatter, FuncFormatter):
                formatter.func = _shown(formatter.func)
            else:  # those two give names as they are
                numbers |= {
                    text
                    for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
                    for text in (tick.label1, tick.label2)
                }
                numbers.add(axis.get_offset_text())
    for text in figure.findobj(Text):
        if text not in numbers:
            text.set_parse_math(False)  # type: ignore[attr-defined]
            text.set_text(visible(text.get_text()))


def _shown(func: Callable[..., str]) -> Callable[..., str]:
    return lambda value, place=None: visible(func(value, place))
