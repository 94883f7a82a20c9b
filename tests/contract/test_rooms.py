"""The rooms of the house: who may import whom, and how large an entry point may grow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from support import CHECKOUT

SOURCE = CHECKOUT / "src/warmstart"
# From the ground up: a room imports rooms before it only. ``errors`` and ``__init__`` stand in no room.
ORDER = (
    "text",
    "files",
    "runtime",
    "config",
    "records",
    "drawing",
    "statistics",
    "decoding",
    "dataset",
    "ingest",
    "audit",
    "inputs",
    "models",
    "serving",
    "features",
    "training",
    "evaluation",
    "comparison",
    "active_learning",
    "interpretation",
    "tracking",
    "lesson",
    "cli",
)
# Rooms whose stages start without torch.
WITHOUT_TORCH = ("text", "files", "config", "records", "drawing", "statistics", "decoding", "ingest", "audit", "inputs")


def modules() -> dict[str, Path]:
    """Every module of the package, by its dotted name."""
    return {
        ".".join(("warmstart", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in SOURCE.rglob("*.py")
    }


def imported(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, wherever in it, but for what only the type checker sees."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    checked = {
        id(inside)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inside in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in checked:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (SOURCE / parts[1]).is_dir() else None


def own(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of the package that a file imports; packages are none, since importing one runs nothing."""
    return {name for name in imported(path) if name in known and known[name].name != "__init__.py"}


def test_every_room_has_its_place() -> None:
    assert sorted(ORDER) == sorted(folder.parent.name for folder in SOURCE.glob("*/__init__.py"))


def test_a_room_imports_those_below_it_only() -> None:
    known = modules()
    wrong = [
        f"{name} imports {other}"
        for name, path in known.items()
        for other in own(path, known)
        if room(name) and room(other) and ORDER.index(str(room(other))) > ORDER.index(str(room(name)))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_files_import_each_other_in_a_circle() -> None:
    known = modules()
    needs = {name: own(path, known) - {name} for name, path in known.items()}
    while free := {name for name, others in needs.items() if not others & needs.keys()}:
        needs = {name: others for name, others in needs.items() if name not in free}
    assert not needs, needs


def test_the_core_knows_nothing_of_hydra_and_dvc() -> None:
    for path in modules().values():
        assert not {name.partition(".")[0] for name in imported(path)} & {"hydra", "omegaconf", "dvc"}, path


def test_mlflow_is_imported_in_tracking_only() -> None:
    for name, path in modules().items():
        assert room(name) == "tracking" or not any(other.split(".")[0] == "mlflow" for other in imported(path)), path


def test_entry_points_are_thin() -> None:
    for path in (CHECKOUT / "pipelines").glob("[!_]*.py"):
        assert len(path.read_text().splitlines()) <= 40, path


def test_composing_preparing_and_auditing_need_no_torch() -> None:
    for name, path in modules().items():
        if room(name) in WITHOUT_TORCH:
            assert not {other.split(".")[0] for other in imported(path)} & {"torch", "torchvision"}, path


def test_bokeh_is_imported_by_the_report_only() -> None:
    """No other stage, and no command, is to pay for its import."""
    importing = {name for name, path in modules().items() if any(n.split(".")[0] == "bokeh" for n in imported(path))}
    assert importing and all(name.startswith("warmstart.comparison.report.") for name in importing)
