"""The lines of source code that the lesson's page shows."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_LINES = 16


@dataclass(frozen=True)
class SourceLines:
    """Where some lines are in the checkout, and the lines."""

    where: str
    lines: str


def source_of(function: Callable[..., Any]) -> SourceLines:
    """The source of a function without its docstring. Raises ValueError for more than 16 lines."""
    lines, first = inspect.getsourcelines(function)
    text = textwrap.dedent("".join(lines))
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    shown = text.splitlines()
    if ast.get_docstring(node) is not None:
        docstring = node.body[0]
        shown[docstring.lineno - 1 : docstring.end_lineno] = []
    if len(shown) > MAX_LINES:
        raise ValueError(f"{function.__qualname__} has {len(shown)} lines; the page shows a handful")
    path = Path(inspect.getfile(function))
    place = "/".join(path.parts[path.parts.index("warmstart") :]) if "warmstart" in path.parts else path.name
    return SourceLines(f"src/{place}, line {first}", "\n".join(shown).rstrip())
