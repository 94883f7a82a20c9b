"""Accuracy and loss of all recipes by epoch, to be zoomed and switched."""

from __future__ import annotations

from collections.abc import Sequence

from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    DataRange1d,
    LogTicker,
    NumeralTickFormatter,
)
from bokeh.plotting import figure

from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.report.interactive import add_hover, new_plot
from warmstart.drawing.chart import PALETTE

PLACES = ("curves-accuracy", "curves-loss")  # ids of elements of the page
PARTS = {"val": "validation", "train": "training"}
STYLES = {"val": ("solid", 2.2, 6), "train": ("dotted", 1.8, 4)}  # of lines, their width and that of dots, in pixels
KEPT_PX = 11


def interactive_curves(finished: Sequence[FinishedRecipe]) -> dict[str, figure]:
    """Two figures by place, accuracy and loss, that share their epochs.

    A line's tags are the recipe, ``validation`` or ``training``, and the number of its colour; the page's script
    switches and colours them by these. The loss is on a logarithmic axis where none is 0.
    """
    epochs = DataRange1d(only_visible=True, range_padding=0.04)
    positive = all(epoch.train_loss > 0 and epoch.val_loss > 0 for one in finished for epoch in one.history.epochs)
    accuracy, loss = (
        new_plot("epoch", label, x_range=epochs, y_range=DataRange1d(only_visible=True), y_axis_type=scale)
        for label, scale in (("accuracy", "linear"), ("loss, nats", "log" if positive else "linear"))
    )
    accuracy.yaxis[0].formatter = NumeralTickFormatter(format="0.[0] %")
    if positive:
        loss.yaxis[0].ticker = LogTicker(mantissas=[1, 2, 5], num_minor_ticks=0)
    loss.yaxis[0].formatter = NumeralTickFormatter(format="0.[00000]")
    for plot, key, form in ((accuracy, "acc", "{0.0 %}"), (loss, "loss", "{0.0000}")):
        plot.xaxis[0].ticker = BasicTicker(min_interval=1, num_minor_ticks=0)
        dots = []
        for number, recipe in enumerate(finished):
            dots += [_draw(plot, recipe, f"{part}_{key}", name, number) for part, name in PARTS.items()]
        tooltips = [("", "@recipe, @part"), ("epoch", "@epoch"), ("accuracy" if key == "acc" else "loss", f"@y{form}")]
        add_hover(plot, tooltips, dots)
    return dict(zip(PLACES, (accuracy, loss), strict=True))


def _draw(plot: figure, recipe: FinishedRecipe, column: str, part: str, number: int) -> object:
    """A line with a dot at each epoch, a larger one at the kept epoch of the validation; returns the dots."""
    epochs, colour = recipe.history.epochs, PALETTE[number % len(PALETTE)]
    dash, width, dot = STYLES[column.partition("_")[0]]
    if number >= len(PALETTE) and part == "validation":  # the colours come again
        dash = "dashed"
    sizes = [KEPT_PX if part == "validation" and e.epoch == recipe.summary.kept_epoch else dot for e in epochs]
    source = ColumnDataSource(
        {
            "epoch": [epoch.epoch for epoch in epochs],
            "y": [getattr(epoch, column) for epoch in epochs],
            "size": sizes,
            "recipe": [recipe.name] * len(epochs),
            "part": [part] * len(epochs),
        }
    )
    tags = [recipe.name, part, number]
    line = plot.line("epoch", "y", source=source, line_color=colour, line_dash=dash, line_width=width)
    dots = plot.scatter("epoch", "y", source=source, size="size", fill_color=colour, line_color=None)
    for renderer in (line, dots):
        renderer.tags = tags
        renderer.nonselection_glyph = renderer.muted_glyph = None
        renderer.visible = part == "validation"  # as the page's switches are when it is opened
    return dots
