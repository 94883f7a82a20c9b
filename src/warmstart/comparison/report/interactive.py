"""Charts that one can zoom and switch: Bokeh's figures and its script, inside the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.models import HoverTool
from bokeh.plotting import figure
from bokeh.resources import Resources
from markupsafe import Markup

from warmstart.text.printable import visible

TOOLS = "pan,box_zoom,wheel_zoom,reset"


def new_plot(x: str, y: str, height: int = 340, **options: Any) -> figure:
    """An empty figure, as wide as its place on the page. x, y: what the axes say. height: in pixels. options: of
    `bokeh.plotting.figure`.

    Its background is left to the page, and the wheel to scrolling until a reader asks for zooming.
    """
    plot = figure(
        x_axis_label=x,
        y_axis_label=y,
        height=height,
        sizing_mode="stretch_width",
        tools=TOOLS,
        toolbar_location="above",
        active_scroll=None,
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        **options,
    )
    plot.toolbar.logo = None
    return plot


def add_hover(plot: figure, tooltips: str | list[tuple[str, str]], renderers: list[Any]) -> None:
    """Show ``tooltips`` of the nearest dot under the mouse or the finger. Bokeh escapes what comes from data."""
    plot.add_tools(HoverTool(tooltips=tooltips, renderers=renderers, mode="mouse", point_policy="snap_to_data"))


def library_script() -> Markup:
    """Bokeh's script with its licence, as a browser runs it."""
    return Markup("\n".join(Resources(mode="inline", components=["bokeh"], log_level="error").js_raw))


def figures_json(plots: Mapping[str, figure]) -> Markup:
    """The figures as JSON for `Bokeh.embed.embed_items`, safe inside a script element: {document, roots}.

    plots: by the id of the element that each is put into. Bokeh numbers its objects through a process; here they are
    numbered from 1, so that the same figures give the same text.
    """
    document = Document()
    for plot in plots.values():
        document.add_root(plot)
    numbers: dict[str, str] = {}
    content = _renumbered(json.loads(serialize_json(document.to_json())), numbers)
    roots = {numbers[plot.id]: place for place, plot in plots.items()}
    text = json.dumps({"document": content, "roots": roots}, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e"))


def _renumbered(node: Any, numbers: dict[str, str]) -> Any:
    """A copy with the ids of Bokeh's objects in order of appearance, and with escapes for what a page would obey and
    not show. numbers: filled in, old → new.
    """
    if isinstance(node, str):
        return visible(node)
    if isinstance(node, list):
        return [_renumbered(one, numbers) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        key: numbers.setdefault(value, f"w{len(numbers) + 1}")
        if key == "id" and isinstance(value, str)
        else _renumbered(value, numbers)
        for key, value in node.items()
    }
