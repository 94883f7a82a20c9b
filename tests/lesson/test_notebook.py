"""The notebook: every cell runs in order in a process of its own, and it is kept without its outputs."""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "lesson.ipynb"


def cells_of(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def run(path: Path, shown: Path) -> None:
    """Execute the code cells as Jupyter would, and save the picture that a cell displays as ``shown/<cell id>.png``."""
    space: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells_of(path), 1):
        if cell["cell_type"] != "code":
            continue
        name = f"cell {number} ({cell['id']})"
        body = ast.parse("".join(cell["source"]))
        last = body.body.pop() if isinstance(body.body[-1], ast.Expr) else None
        try:
            exec(compile(body, name, "exec"), space)
            value = eval(compile(ast.Expression(last.value), name, "eval"), space) if last else None
        except Exception as error:
            raise RuntimeError(f"{name} fails") from error
        if hasattr(value, "_repr_png_"):
            (shown / f"{cell['id']}.png").write_bytes(value._repr_png_())


def test_every_cell_runs_and_its_pictures_show_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from support import python

    shown, temporary = tmp_path / "shown", tmp_path / "temporary"
    shown.mkdir()
    temporary.mkdir()
    monkeypatch.delenv("PYTHONPATH", raising=False)
    before = _files(NOTEBOOK.parent)
    done = python(__file__, str(NOTEBOOK), str(shown), cwd=NOTEBOOK.parent, WARMSTART_QUICK="1", TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr[-3000:]
    assert _files(NOTEBOOK.parent) == before
    assert not list(temporary.glob("warmstart-notebook-*")), "the temporary folder outlives the kernel"
    made = {path.stem: Image.open(io.BytesIO(path.read_bytes())) for path in shown.glob("*.png")}
    expected = {
        cell["id"]
        for cell in cells_of(NOTEBOOK)
        if "".join(cell["source"]).splitlines()[-1].startswith(("draw_", "picture", "Image.open", "stack_vertically("))
    }
    assert set(made) == expected
    assert len(made) > 20
    blank = [name for name, picture in made.items() if len(picture.convert("L").getcolors(256) or []) < 16]
    assert not blank


def test_no_outputs_are_kept_and_cells_have_names() -> None:
    cells = cells_of(NOTEBOOK)
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        assert re.fullmatch(r"[a-z-]{1,64}", cell["id"])  # what nbformat allows, and one can say
    assert len({cell["id"] for cell in cells}) == len(cells)
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5)  # from 4.5 on cells have ids


def test_cells_are_short_and_introduced() -> None:
    before = "none"
    for cell in cells_of(NOTEBOOK):
        if cell["cell_type"] == "code":
            assert len(cell["source"]) <= 16, cell["id"]
            assert before == "markdown", f"{cell['id']}: nothing says what to look at"
        before = cell["cell_type"]


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if ".ipynb_checkpoints" not in path.parts}


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
