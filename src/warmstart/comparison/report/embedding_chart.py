"""The map of validation photos: as a picture, and as a figure that shows the photo under the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from bokeh.models import ColumnDataSource, DataRange1d
from bokeh.plotting import figure
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from warmstart.comparison.embedding import EmbeddingMap
from warmstart.comparison.report.interactive import add_hover, new_plot
from warmstart.drawing.chart import INK, PALETTE, assign_colours, legend_below, new_figure, set_titles
from warmstart.drawing.data_uri import photo_uri

PLACE = "embedding-map"  # the id of an element of the page
WIDE_INCHES, NARROW_INCHES = (11, 6.2), (4.6, 5.2)
SHEET_COLUMNS, SIDE_PX, SHOWN_PX = 20, 48, 96  # of the sheet of small pictures; a side as it is kept and as it is shown
MAX_URI_BYTES = 560_000
QUALITIES = (75, 55, 35, 15)  # of WebP
MAX_NAMED = 12  # classes in a legend
# The small pictures are one sheet, a property of the page's root, which Bokeh's tooltip inherits.
TOOLTIP = (
    '<div style="max-width:200px;overflow-wrap:anywhere">'
    f'<div style="width:{SHOWN_PX}px;height:{SHOWN_PX}px;background:var(--photos) @left @top / '
    f'{SHEET_COLUMNS * SHOWN_PX}px auto no-repeat"></div><b>@name</b><br>@path<br>@mistakes</div>'
)


def interactive_map(embedding: EmbeddingMap, classes: Sequence[str]) -> dict[str, figure]:
    """The figure by place. Its columns ``label`` (class index) and ``wrong_<i>`` (of the i-th recipe, 0 or 1) are what
    the page's script colours the dots by.
    """
    axes = {"x_range": DataRange1d(range_padding=0.05), "y_range": DataRange1d(range_padding=0.05)}
    plot = new_plot("", "", 480, **axes)
    plot.axis.visible = False
    plot.grid.visible = False
    n, names = len(embedding.rows), list(embedding.wrong)
    mistakes = [[name for name in names if embedding.wrong[name][i]] for i in range(n)]
    source = ColumnDataSource(
        {
            "x": embedding.points[:, 0].round(3).tolist(),
            "y": embedding.points[:, 1].round(3).tolist(),
            "name": [classes[label] for label in embedding.labels],
            "path": embedding.paths,
            "mistakes": [f"mistaken by {', '.join(who)}" if who else "" for who in mistakes],
            "left": [f"-{i % SHEET_COLUMNS * SHOWN_PX}px" for i in range(n)],
            "top": [f"-{i // SHEET_COLUMNS * SHOWN_PX}px" for i in range(n)],
            "label": embedding.labels.tolist(),
            "colour": [PALETTE[label % len(PALETTE)] for label in embedding.labels],
            "size": [8.0] * n,
            **{f"wrong_{i}": embedding.wrong[name].astype(int).tolist() for i, name in enumerate(names)},
        }
    )
    dots = plot.scatter("x", "y", source=source, size="size", fill_color="colour", fill_alpha=0.75, line_color=None)
    dots.nonselection_glyph = dots.muted_glyph = None
    add_hover(plot, TOOLTIP, [dots])
    return {PLACE: plot}


def photo_sheet(images: Sequence[np.ndarray]) -> str:
    """The data address of all photos side by side, ``SHEET_COLUMNS`` in a row, of ``MAX_URI_BYTES`` at most where WebP
    can. images: uint8 (H, W, 1 or 3).
    """
    sheet = Image.new("RGB", (SHEET_COLUMNS * SIDE_PX, ceil(len(images) / SHEET_COLUMNS) * SIDE_PX))
    for i, pixels in enumerate(images):
        photo = Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).convert("RGB")
        photo = photo.resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
        sheet.paste(photo, (i % SHEET_COLUMNS * SIDE_PX, i // SHEET_COLUMNS * SIDE_PX))
    for quality in QUALITIES:
        if len(address := photo_uri(sheet, quality)) <= MAX_URI_BYTES:
            break
    return address


def embedding_chart(
    embedding: EmbeddingMap, classes: Sequence[str], recipe: str | None, *, narrow: bool = False
) -> Figure:
    """The photos as dots coloured by class, with rings around the mistakes of ``recipe``."""
    figure, (ax,) = new_figure(*(NARROW_INCHES if narrow else WIDE_INCHES))
    x, y = embedding.points.T
    colour = assign_colours(classes)
    ax.scatter(x, y, 22, color=[colour[classes[label]] for label in embedding.labels], alpha=0.75, linewidths=0)
    handles = [
        Line2D([], [], marker="o", linestyle="none", color=own, markersize=6)
        for own in list(colour.values())[:MAX_NAMED]
    ]
    names = list(classes[:MAX_NAMED])
    if recipe in embedding.wrong:
        bad = embedding.wrong[recipe]
        ax.scatter(x[bad], y[bad], 90, facecolors="none", edgecolors=INK, linewidths=1.3)
        handles.append(Line2D([], [], marker="o", linestyle="none", color=INK, markerfacecolor="none", markersize=9))
        names.append(f"mistaken by {recipe}")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    set_titles(ax, f"{len(x):,} validation photos by the features of {embedding.backbone}")
    legend_below(figure, handles, names, 2 if narrow else 5)
    return figure
