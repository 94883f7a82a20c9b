"""What counts as code: an edit of words changes no digest, an edit of anything that Python runs does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from warmstart.errors import UserError
from warmstart.inputs.code import Code, syntax
from warmstart.inputs.libraries import library_versions

SOURCE = '''"""A module."""

import os  # the system


class Thing:
    """A thing."""

    size = 3

    def text(self, x):
        """Docstring,
        of two lines."""
        # a comment
        return f"{x!r:>{self.size}} # no comment" + """first

        # third line of a text
        """


def empty():
    """Nothing."""
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A module."""', '"""Another word."""'),
        ("  # the system", ""),
        ("of two lines", "of two\n\n        or three lines"),
        ("# a comment", "# another\n\n        # and one more"),
        ('"""Nothing."""', '"""Something."""'),
        ("\n\n\nclass", "\n\nclass"),
        ("(self, x)", "(\n        self,\n        x,\n    )"),
    ],
)
def test_words_are_no_code(old: str, new: str) -> None:
    assert old in SOURCE
    assert syntax(ast.parse(SOURCE.replace(old, new))) == syntax(ast.parse(SOURCE))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size = 3", "size = 4"),
        ("# no comment", "# a comment"),
        ("# third line", "# 3rd line"),
        ("first\n\n", "first\n\n\n"),  # an empty line of a text is part of it
        ("return f", "return 1 or f"),
        ("import os", "import sys"),
        ("def empty", "def full"),
    ],
)
def test_all_else_is_code(old: str, new: str) -> None:
    assert old in SOURCE
    assert syntax(ast.parse(SOURCE.replace(old, new))) != syntax(ast.parse(SOURCE))


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / "src/warmstart" / name.replace("__", "/").replace("_dot_", ".")
        path = path if path.suffix else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "pipelines").mkdir(exist_ok=True)
    (root / "pipelines/stage.py").write_text("def work():\n    from warmstart.room.a import x\n")
    return root


def test_what_is_reached_is_found_through_imports_templates_and_names(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        room__a='import numpy\nfrom warmstart.room import b\nTEMPLATE = "page.html.jinja"\n',
        room__b="from importlib import import_module\nimport_module('torch')\nimport os, rich, not_there\n",
        room__c="raise NotImplementedError\n",
        other__page_dot_html_dot_jinja="{% include 'never.css' %}",
        room__page_dot_html_dot_jinja='{% include "style.css" %}',
        drawing__style_dot_css="b {}",
    )
    code = Code(root, tmp_path / "kept")
    reached = code.reached(["pipelines/stage.py"])
    package = "src/warmstart"
    expected = ["room/a.py", "room/b.py", "room/page.html.jinja", "drawing/style.css"]
    assert set(reached) == {"pipelines/stage.py", *(f"{package}/{name}" for name in expected)}
    assert code.libraries(reached) == ["not_there", "numpy", "rich", "torch"]
    assert set(library_versions(code.libraries(reached))) == {"numpy", "torch"}
    assert set(code.reached(["pipelines/stage.py"], [f"{package}/room/b"])) == set(reached) - {f"{package}/room/b.py"}

    code.save()
    again = Code(root, tmp_path / "kept")
    assert again.reached(["pipelines/stage.py"]) == reached
    (tmp_path / "kept").write_text("{damaged")
    assert Code(root, tmp_path / "kept").reached(["pipelines/stage.py"]) == reached
    write(tmp_path, room__b="x = 1\n")
    assert Code(root, tmp_path / "kept").reached(["pipelines/stage.py"]) != reached
    write(tmp_path, room__b="from .c import x\n")
    with pytest.raises(UserError, match=r"room/b\.py, line 1"):
        Code(root).reached(["pipelines/stage.py"])
    write(tmp_path, room__b="x = \n")
    with pytest.raises(UserError, match=r"room/b\.py is no valid Python"):
        Code(root).reached(["pipelines/stage.py"])
