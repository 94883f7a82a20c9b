"""No helper module can be forgotten in dvc.yaml: what a stage imports, directly or not, is among its dependencies."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from support import CHECKOUT

STAGES = {name: item.get("do", item) for name, item in yaml.safe_load((CHECKOUT / "dvc.yaml").read_text())["stages"].items()}
# The plumbing of every entry point: it decides where things are, and cannot change a result.
PLUMBING = {f"pipelines/_{name}.py" for name in ("app", "compose", "door", "help", "panel", "sweep", "watch")}
PLUMBING |= {f"src/warmstart/{name}.py" for name in ("__init__", "console", "digest", "errors", "files", "lean", "memory", "progress", "provenance")}
PLUMBING_ROOMS = ("src/warmstart/config/",)
# Watching a training is no input of it.
TRACKING = "src/warmstart/tracking/"
ENTRIES = {"train": ["train", "fine_tune"]}


def module_file(name: str) -> Path | None:
    for base in (CHECKOUT / "src", CHECKOUT / "pipelines"):
        for candidate in (base / (name.replace(".", "/") + ".py"), base / name.replace(".", "/") / "__init__.py"):
            if candidate.exists():
                return candidate
    return None


def imports(path: Path) -> set[Path]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found |= {file for name in names if (file := module_file(name))}
    return found


def reached(entry: Path) -> set[str]:
    seen, waiting = {entry}, [entry]
    while waiting:
        for path in imports(waiting.pop()) - seen:
            seen.add(path)
            if TRACKING not in path.as_posix() or entry.stem == "publish":
                waiting.append(path)
    return {path.relative_to(CHECKOUT).as_posix() for path in seen}


@pytest.mark.parametrize("stage", [name for name in STAGES if name != "compose"])
def test_every_module_that_a_stage_reaches_is_watched(stage: str) -> None:
    watched = [dependency for dependency in STAGES[stage]["deps"] if not dependency.startswith("artifacts")]
    for entry in ENTRIES.get(stage, [stage]):
        for module in reached(CHECKOUT / f"pipelines/{entry}.py"):
            if module in PLUMBING or module.startswith(PLUMBING_ROOMS) or (module.startswith(TRACKING) and stage != "publish"):
                continue
            assert any(module == w or module.startswith(w + "/") for w in watched), (
                f"{stage} imports {module}, which dvc.yaml does not list"
            )


def test_composition_watches_all_it_imports() -> None:
    watched = STAGES["compose"]["deps"]
    for module in reached(CHECKOUT / "pipelines/compose.py"):
        if module not in PLUMBING and not module.startswith(TRACKING):
            assert any(module == w or module.startswith(w + "/") for w in watched), module


@pytest.mark.parametrize("stage", ["prepare", "feature_extract", "train", "evaluate", "interpret"])
def test_views_are_no_inputs_of_work(stage: str) -> None:
    assert not [d for d in STAGES[stage]["deps"] if "tracking" in d or "report" in d]


def test_every_watched_file_exists() -> None:
    for stage, item in STAGES.items():
        for dependency in item["deps"]:
            if not dependency.startswith("artifacts"):
                assert (CHECKOUT / dependency).exists(), f"{stage}: {dependency}"
