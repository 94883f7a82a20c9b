"""The walls of the house: who may import whom, and how large an entry point may grow."""

from __future__ import annotations

import ast
from pathlib import Path

from support import CHECKOUT

SOURCE = CHECKOUT / "src/warmstart"


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_the_core_knows_nothing_of_hydra_and_dvc() -> None:
    for path in SOURCE.rglob("*.py"):
        assert not imported(path) & {"hydra", "omegaconf", "dvc"}, path


def test_mlflow_is_imported_in_tracking_only() -> None:
    for path in SOURCE.rglob("*.py"):
        if "tracking" not in path.parts:
            assert "mlflow" not in imported(path), path


def test_entry_points_are_thin() -> None:
    for path in (CHECKOUT / "pipelines").glob("[!_]*.py"):
        assert len(path.read_text().splitlines()) <= 40, path


def test_composing_preparing_and_auditing_need_no_torch() -> None:
    for path in [path for room in ("config", "data", "audit", "statistics") for path in (SOURCE / room).rglob("*.py")]:
        assert "torch" not in imported(path), path
