"""What a part of the lesson's page holds."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_LINES = 16


@dataclass(frozen=True)
class Number:
    """A figure beside the published one. Both as text; ``published`` is a dash where the lesson gives none."""

    what: str
    published: str
    ours: str
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture's file, and a sentence on what it shows."""

    path: Path
    caption: str


@dataclass(frozen=True)
class Source:
    """Lines of source: where they stand, and the lines."""

    where: str
    lines: str


@dataclass(frozen=True)
class Section:
    """One part of the lesson. text: paragraphs. command: what makes its pictures and figures, as typed at the checkout."""

    key: str
    title: str
    text: list[str]
    command: str
    numbers: list[Number] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


def source_of(thing: Callable[..., Any] | type) -> Source:
    """The source of a function, without its docstring and from its module's file. Raises ValueError where it is no handful of lines."""
    lines, first = inspect.getsourcelines(thing)
    text = textwrap.dedent("".join(lines))
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    kept = text.splitlines()
    if ast.get_docstring(node) is not None:
        documentation = node.body[0]
        kept[documentation.lineno - 1 : documentation.end_lineno] = []
    if len(kept) > MOST_LINES:
        raise ValueError(f"{thing.__qualname__} has {len(kept)} lines; the page shows a handful")
    path = Path(inspect.getfile(thing))
    place = "/".join(path.parts[path.parts.index("warmstart") :]) if "warmstart" in path.parts else path.name
    return Source(f"src/{place}, line {first}", "\n".join(kept).rstrip())
