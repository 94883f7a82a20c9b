"""A trained and evaluated model, as a package and as MLflow has it after publishing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import Folders


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, packaged: Path, tiny: Folders, scratch: Path) -> Path:
    """A checkout's folder with ``artifacts/critters`` (the recipe scratch) and ``mlruns``, published."""
    from warmstart.tracking.publish import publish

    root = tmp_path_factory.mktemp("published")
    recipe = root / "artifacts/critters/recipes/scratch"
    shutil.copytree(scratch, recipe / "model")
    shutil.copytree(packaged.parent, recipe / "evaluate")
    report = publish(root, "critters", root / "artifacts/critters")
    assert report.models == ["recipes/scratch/model"] and not report.skipped
    return root


@pytest.fixture(scope="session")
def logged(published: Path) -> Path:
    """The folder of the logged model."""
    (found,) = published.glob("mlruns/artifacts/critters/models/*/artifacts")
    return found


@pytest.fixture(scope="session")
def pyfunc(logged: Path) -> Iterator[Any]:
    """The logged model, loaded by MLflow."""
    import mlflow

    yield mlflow.pyfunc.load_model(str(logged))
