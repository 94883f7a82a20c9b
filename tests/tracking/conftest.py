"""A store that is cheap to open, and artifact folders as the stages write them: histories of the test's making, and beside them what
`train`, `evaluate` and `compare` really wrote once.
"""

from __future__ import annotations

import base64
import csv
import json
import os
import shutil
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import Folders
from warmstart.files.plain import read_json

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

DATASET = "critters"
TIME = 1_700_000_000.0
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
Real = Callable[[], Folders]
COLUMNS = ("train/loss", "train/acc", "val/loss", "val/acc", "lr", "time/epoch_s", "time/images_per_s")


class FakeRun:
    """One run's folder: ``model/`` grows epoch by epoch, then gets its summary; the other stages' folders beside."""

    def __init__(self, real: Real, folder: Path, recipe: str, kind: str = "dvc", parent: str | None = None) -> None:
        self.real, self.folder, self.recipe = real, folder, recipe
        self.model, self.evaluate, self.interpret = folder / "model", folder / "evaluate", folder / "interpret"
        self.model.mkdir(parents=True)
        self.rows: list[dict[str, float]] = []
        self.key = uuid.uuid4().hex
        family = "scratch" if recipe.startswith("scratch") else "transfer"
        self.run = {
            "run_key": self.key,
            "mlflow_run_id": None,
            "recipe": recipe,
            "family": family,
            "dataset": DATASET,
            "dataset_digest": "ab" * 32,
            "git_commit": "c" * 40,
            "stage": "train",
            "created": TIME,
            "parent": parent,
            "kind": kind,
        }
        write(self.model / "run.json", self.run)
        config = {
            "recipe": {"name": recipe},
            "seed": 3,
            "optimizer": {"name": "RMSprop", "lr": 0.001},
            "data": {"archive": "/abs/x.zip", "root": "here"},
            "network": {"widths": [32, 64], "dropout": None, "long": list(range(9))},
        }
        (self.model / "config.yaml").write_text(yaml.safe_dump(config))

    def epoch(self, count: int = 1) -> FakeRun:
        for _ in range(count):
            epoch = len(self.rows)
            values = {name: round(0.1 * (column + 1) + 0.01 * epoch, 4) for column, name in enumerate(COLUMNS)}
            smooth = {f"smooth/{name}": values[name] for name in COLUMNS[:4]}
            self.rows.append({"epoch": epoch, "time": TIME + 10.0 * (epoch + 1), **values, **smooth})
        aside = self.model / "history.tmp"
        with aside.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)
        os.replace(aside, self.model / "history.csv")
        return self

    def finish(self) -> FakeRun:
        write(self.model / "layers.json", [{"name": "conv", "type": "Conv2d", "parameters": 10, "trainable": 10}])
        (self.model / "layers.txt").write_text("conv  Conv2d  10\n")
        own = {
            "recipe": self.recipe,
            "kept_epoch": 1,
            "kept": self.rows[1],
            "last": self.rows[-1],
            "precision": "bf16-mixed",
        }
        figures = {"parameters": {"total": 10, "trainable": 5}, "seconds": 12.5, "images_per_s": 99.0}
        write(
            self.model / "summary.json", {**read_json(self.real().model("scratch") / "summary.json"), **own, **figures}
        )
        return self

    def evaluated(self, accuracy: float | None = None, **more: Any) -> FakeRun:
        """As a real evaluation is, with another test accuracy where one is given, and with ``more`` in metrics.json."""
        evaluate = self.real().model("scratch").parent / "evaluate"
        metrics = {**read_json(evaluate / "metrics.json"), "checkpoint": None, **more}
        if accuracy is not None:
            metrics["test"]["accuracy"]["value"] = accuracy
        write(self.evaluate / "metrics.json", metrics)
        for name in ("predictions.csv", "probabilities.npy"):
            shutil.copy(evaluate / name, self.evaluate / name)
        (self.interpret / "cam").mkdir(parents=True, exist_ok=True)
        score = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 16}
        scores = {
            "verdict": "these maps may be trusted",
            "trusted": True,
            "n": 32,
            "mosaic_energy": score,
            "evidence_energy": None,
        }
        write(self.interpret / "summary.json", {"scores": scores})
        for picture in ("kernels/kernels.png", "cam/right.png", "cam/wrong.png"):
            (self.interpret / picture).parent.mkdir(exist_ok=True)
            (self.interpret / picture).write_bytes(PNG)
        return self


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


class FakeArtifacts:
    """A checkout with ``artifacts/critters/`` and an empty store."""

    def __init__(self, root: Path, empty_store: Path, real: Real) -> None:
        self.root, self.folder, self.empty_store, self.real = root, root / "artifacts" / DATASET, empty_store, real
        (root / "mlruns").mkdir(parents=True)
        shutil.copy(empty_store, root / "mlruns" / "mlflow.db")

    def with_empty_store(self) -> FakeArtifacts:
        """The same files beside an empty store, in another place: MLflow keeps a database open that was deleted."""
        fresh = FakeArtifacts(self.root.with_name("a fresh checkout"), self.empty_store, self.real)
        shutil.copytree(self.root / "artifacts", fresh.root / "artifacts")
        return fresh

    def recipe(self, name: str, epochs: int = 4) -> FakeRun:
        """A finished, evaluated recipe; one that was there before is replaced, as DVC does."""
        shutil.rmtree(self.folder / "recipes" / name, ignore_errors=True)
        return FakeRun(self.real, self.folder / "recipes" / name, name).epoch(epochs).finish().evaluated()

    def report(self, accuracy: float | None = None) -> None:
        """A real report, with another test accuracy of ``scratch`` where one is given."""
        folder = self.folder / "report"
        shutil.copytree(self.real().root / "report", folder, dirs_exist_ok=True)
        table = read_json(folder / "table.json")
        for row in table["rows"]:
            if accuracy is not None and row["recipe"] == "scratch":
                row["test_accuracy"] = accuracy
        write(folder / "table.json", table)

    def audit(self, near: int) -> None:
        """The audit of the photos, with so many near copies."""
        finding = {"key": "near", "severity": "look", "count": near}
        shortcut = {"key": "shortcut/brightness", "severity": "stop", "count": 100}
        counts = {"candidates": 100, "used": 98, "unused": 0, "left_out": 2}
        write(
            self.folder / "audit" / "audit.json",
            {"counts": counts, "findings": [shortcut, *([finding] if near else [])]},
        )
        (self.folder / "audit" / "index.html").write_text("<html></html>")
        (self.folder / "audit" / "contact").mkdir(exist_ok=True)
        (self.folder / "audit" / "contact" / "cat.jpg").write_bytes(PNG)

    def lesson(self, parts: dict[str, dict[str, Any]]) -> None:
        """Some parts of the lesson, each with a picture and its figures."""
        for part, figures in parts.items():
            write(self.folder / "lesson" / part / f"{part}.json", figures)
            (self.folder / "lesson" / part / "picture.png").write_bytes(PNG)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a new store: made once, as MLflow's migrations take seconds."""
    from warmstart.tracking.store import open_store

    root = tmp_path_factory.mktemp("template")
    open_store(root)
    return root / "mlruns" / "mlflow.db"


@pytest.fixture
def real(request: pytest.FixtureRequest) -> Real:
    """What the stages really wrote, made when it is first asked for."""
    return lambda: request.getfixturevalue("measured")


@pytest.fixture
def checkout(tmp_path: Path, empty_store: Path, real: Real) -> FakeArtifacts:
    """A checkout whose store exists and is empty."""
    return FakeArtifacts(tmp_path / "a checkout", empty_store, real)


@pytest.fixture
def child_environment() -> dict[str, str]:
    """The environment in which a process started by a test finds warmstart."""
    import warmstart

    source = str(Path(warmstart.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([source, *filter(None, [os.environ.get("PYTHONPATH")])])}


@pytest.fixture(autouse=True)
def no_stray_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever wrongly uses MLflow's default store makes it here, and not in the repository."""
    monkeypatch.chdir(tmp_path)


def dump(root: Path, dataset: str = DATASET) -> dict[str, dict[str, Any]]:
    """Everything a person can see of every run, active or deleted, by run id."""
    from mlflow.entities import ViewType

    from warmstart.tracking.store import experiment, open_store

    client = open_store(root)
    runs = {}
    for found in client.search_runs([experiment(client, dataset)], "", ViewType.ALL, 1000):
        run = client.get_run(found.info.run_id)
        folder = Path(run.info.artifact_uri)
        runs[run.info.run_id] = {
            "name": run.info.run_name,
            "status": run.info.status,
            "times": (run.info.start_time, run.info.end_time),
            "stage": run.info.lifecycle_stage,
            "params": run.data.params,
            "tags": run.data.tags,
            "metrics": {
                key: [(m.step, m.value, m.timestamp) for m in client.get_metric_history(run.info.run_id, key)]
                for key in run.data.metrics
            },
            "artifacts": {
                path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_ctime_ns)
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            },
            "datasets": [item.dataset.digest for item in run.inputs.dataset_inputs],
            "models": [item.model_id for item in run.outputs.model_outputs] if run.outputs else [],
        }
    return runs


@pytest.fixture(name="dump")
def dump_fixture() -> Any:
    return dump


@pytest.fixture(name="fake_run")
def fake_run_fixture(real: Real) -> Callable[..., FakeRun]:
    return partial(FakeRun, real)
