"""A store that is cheap to open, and artifact folders made of records, as the stages write them."""

from __future__ import annotations

import base64
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from data_builders import audit_report, finding_record
from every_record import interpretation_summary, layer_table
from record_builders import (
    TIME,
    comparison_table,
    evaluation_metrics,
    prediction_row,
    prediction_speed,
    run_identity,
    training_summary,
)
from warmstart.files.digest import sha256_file
from warmstart.records.audit import PhotoCounts
from warmstart.records.history import EpochMetrics
from warmstart.records.lesson import LessonFigures
from warmstart.records.predictions import PredictionRow
from warmstart.records.run_identity import RunIdentity
from warmstart.records.training_summary import ParameterCounts, TrainingSummary

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

DATASET = "critters"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CONFIG = {
    "recipe": {"name": "scratch"},
    "seed": 3,
    "optimizer": {"_target_": "torch.optim.RMSprop", "lr": 0.001},
    "data": {"archive": "/abs/x.zip", "root": "here"},
    "network": {"widths": [32, 64], "dropout": None, "long": list(range(9))},
}


class RunFolder:
    """One run's folder: ``model/`` grows epoch by epoch, then gets its summary; the other stages' folders beside."""

    def __init__(self, folder: Path, recipe: str, kind: str = "dvc", parent: str | None = None) -> None:
        self.folder, self.recipe = folder, recipe
        self.model, self.evaluate, self.interpret = folder / "model", folder / "evaluate", folder / "interpret"
        self.model.mkdir(parents=True)
        self.rows: list[EpochMetrics] = []
        self.key = uuid.uuid4().hex
        identity: RunIdentity = run_identity(run_key=self.key, recipe=recipe, kind=kind, parent=parent)
        identity.write(self.model / "run.json")
        config = {**CONFIG, "recipe": {"name": recipe}}
        (self.model / "config.yaml").write_text(yaml.safe_dump(config))

    def epoch(self, count: int = 1) -> RunFolder:
        for _ in range(count):
            n = len(self.rows)
            curves = [round(base + 0.01 * n, 4) for base in (0.1, 0.2, 0.3, 0.4)]
            row = EpochMetrics(n + 1, TIME + 10.0 * (n + 1), *curves, 1e-4, 1.0, 40.0, *curves)
            self.rows.append(row)
        EpochMetrics.write_rows(self.model / "history.csv", self.rows)
        return self

    def finish(self, **changes: Any) -> RunFolder:
        layer_table().write(self.model / "layers.json")
        (self.model / "layers.txt").write_text("conv  Conv2d  10\n")
        (self.model / "model.ckpt").write_bytes(self.key.encode())
        summary: TrainingSummary = training_summary(
            recipe=self.recipe,
            kept_epoch=2,
            kept=self.rows[1],
            last=self.rows[-1],
            parameters=ParameterCounts(10, 5),
            **{"seconds": 12.5, "precision": "bf16-mixed", **changes},
        )
        summary.write(self.model / "summary.json")
        return self

    def evaluated(self, accuracy: float = 0.9, **changes: Any) -> RunFolder:
        """As evaluated and interpreted. changes: fields of metrics.json, and builder options."""
        checkpoint = sha256_file(self.model / "model.ckpt")
        metrics = evaluation_metrics(accuracy, **{"trained": 0.8, "checkpoint": checkpoint, **changes})
        metrics.write(self.evaluate / "metrics.json")
        prediction_speed().write(self.evaluate / "speed.json")
        PredictionRow.write_rows(self.evaluate / "predictions.csv", [prediction_row()])
        (self.evaluate / "probabilities.npy").write_bytes(b"numbers")
        interpretation_summary(checkpoint=checkpoint).write(self.interpret / "summary.json")
        for picture in ("kernels/kernels.png", "cam/right.png", "cam/wrong.png"):
            (self.interpret / picture).parent.mkdir(exist_ok=True)
            (self.interpret / picture).write_bytes(PNG)
        return self


class Checkout:
    """A checkout with ``artifacts/critters/`` and an empty store."""

    def __init__(self, root: Path, empty_store: Path) -> None:
        self.root, self.folder, self.empty_store = root, root / "artifacts" / DATASET, empty_store
        (root / "mlruns").mkdir(parents=True)
        shutil.copy(empty_store, root / "mlruns" / "mlflow.db")

    def with_empty_store(self) -> Checkout:
        """The same files beside an empty store, in another place: MLflow keeps a database open that was deleted."""
        fresh = Checkout(self.root.with_name("a fresh checkout"), self.empty_store)
        shutil.copytree(self.root / "artifacts", fresh.root / "artifacts")
        return fresh

    def recipe(self, name: str, epochs: int = 4) -> RunFolder:
        """A finished, evaluated recipe; one that was there before is replaced, as DVC does."""
        shutil.rmtree(self.folder / "recipes" / name, ignore_errors=True)
        return RunFolder(self.folder / "recipes" / name, name).epoch(epochs).finish().evaluated()

    def report(self, accuracy: float = 0.8) -> None:
        """The comparison. accuracy: of ``scratch`` on the test images."""
        folder, table = self.folder / "report", comparison_table(("scratch", "features"))
        rows = [replace(row, test_accuracy=accuracy) if row.recipe == "scratch" else row for row in table.rows]
        replace(table, rows=rows).write(folder / "table.json")
        (folder / "curves").mkdir(exist_ok=True)
        (folder / "curves" / "scratch.png").write_bytes(PNG)
        (folder / "index.html").write_text("<html></html>")

    def audit(self, near: int) -> None:
        """The audit of the photos, with so many near copies."""
        found = [finding_record(key="shortcut/brightness", severity="stop", count=100)]
        found += [finding_record(key="near", severity="look", count=near)] if near else []
        report = audit_report(*found, counts=PhotoCounts(100, 98, 0, 2, 0))
        report.write(self.folder / "audit" / "audit.json")
        (self.folder / "audit" / "index.html").write_text("<html></html>")
        (self.folder / "audit" / "contact").mkdir(exist_ok=True)
        (self.folder / "audit" / "contact" / "cat.jpg").write_bytes(PNG)

    def lesson(self, parts: Mapping[str, dict[str, Any]]) -> None:
        """Some parts of the lesson, each with a picture and its numbers."""
        for part, numbers in parts.items():
            LessonFigures(numbers).write(self.folder / "lesson" / part / f"{part}.json")
            (self.folder / "lesson" / part / "picture.png").write_bytes(PNG)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a new store: made once, as MLflow's migrations take seconds."""
    from warmstart.tracking.store import open_store

    root = tmp_path_factory.mktemp("template")
    open_store(root)
    return root / "mlruns" / "mlflow.db"


@pytest.fixture
def checkout(tmp_path: Path, empty_store: Path) -> Checkout:
    """A checkout whose store exists and is empty."""
    return Checkout(tmp_path / "a checkout", empty_store)


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
    """Everything a person can see of every run of both experiments, active or deleted, by run id."""
    from mlflow.entities import ViewType

    from warmstart.tracking.store import BESIDE, open_store

    client = open_store(root)
    runs = {}
    experiments = filter(None, map(client.get_experiment_by_name, (dataset, dataset + BESIDE)))
    for found in client.search_runs([found.experiment_id for found in experiments], "", ViewType.ALL, 1000):
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


@pytest.fixture(scope="session", name="dump")
def dump_fixture() -> Any:
    return dump


@pytest.fixture(name="run_folder")
def run_folder_fixture() -> Callable[..., RunFolder]:
    return RunFolder
