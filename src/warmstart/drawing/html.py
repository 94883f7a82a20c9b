"""HTML pages: one file each that needs nothing beside it, all in one style."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from warmstart.text.printable import visible


def templates(folder: Path) -> Environment:
    """The templates of ``folder``; ``{% include "style.css" %}`` gives the common style.

    Everything is escaped whatever the template's name: class names, paths and titles are other people's text.
    """
    return Environment(
        loader=FileSystemLoader([str(folder), str(Path(__file__).parent)]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _visible(value: object) -> object:
    """Show characters that a browser would obey without showing them, such as a change of writing direction."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
