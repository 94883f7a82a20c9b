"""What `train`, `evaluate`, `compare` and `audit` really wrote, looked up by name in MLflow."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from record_builders import evaluation_metrics as evaluation
from record_builders import split_metrics
from scans import clean_rows, left_out, write_images, write_scan
from support import Folders
from warmstart.audit.findings import PHOTO_FAULTS
from warmstart.audit.write_audit import write_audit
from warmstart.evaluation.metric_registry import METRICS
from warmstart.files.plain import read_json
from warmstart.records.evaluation import AsTrained
from warmstart.records.metrics import UndefinedMetric
from warmstart.tracking.final_metrics import evaluation_metrics
from warmstart.tracking.publish import publish
from warmstart.tracking.saved_view import CHARTS, GROUPS, VIEWS

RECIPE = "scratch_augmented"
BOUNDS = {"": "value", "_low": "low", "_high": "high"}


@pytest.fixture(scope="module")
def published(
    tmp_path_factory: pytest.TempPathFactory, empty_store: Path, measured: Folders, dump: Callable[..., Any]
) -> tuple[Path, dict[str, dict[str, float]]]:
    """The artifacts of a dataset, and the last value of every metric that MLflow has of each of its runs, by name."""
    root = tmp_path_factory.mktemp("published")
    artifacts = root / "artifacts" / "critters"
    (root / "mlruns").mkdir()
    shutil.copy(empty_store, root / "mlruns" / "mlflow.db")
    shutil.copytree(measured.model(RECIPE).parent, artifacts / "recipes" / RECIPE)
    shutil.copytree(measured.root / "report", artifacts / "report")
    rows = clean_rows(100)
    left_out(rows[0], "empty file")
    near = [{"a": "cat/0033.jpg", "b": "cat/0034.jpg", "distance": 2, "mirrored": True}]
    write_scan(root / "scan", rows, dataset="critters", near=near)
    write_images(root / "images", rows)
    write_audit(root / "scan", root / "images", artifacts / "audit", dataset="critters")
    report = publish(root, "critters", artifacts)
    assert not report.skipped and report.models == [f"recipes/{RECIPE}/model"]
    runs = dump(root).values()
    return artifacts, {run["name"]: {key: points[-1][1] for key, points in run["metrics"].items()} for run in runs}


def test_of_a_training(published: Any) -> None:
    artifacts, runs = published
    summary, metrics = read_json(artifacts / "recipes" / RECIPE / "model" / "summary.json"), runs["scratch"]
    assert metrics["kept/epoch"] == summary["kept_epoch"]
    for name in ("val_acc", "val_loss"):
        assert metrics[f"kept/{name}"] == summary["kept"][name.replace("_", "/")]
        assert metrics[f"last/{name}"] == summary["last"][name.replace("_", "/")]
    assert metrics["last/gap"] == summary["last"]["train/acc"] - summary["last"]["val/acc"]
    assert metrics["parameters/total"] == summary["parameters"]["total"]
    assert metrics["parameters/trainable"] == summary["parameters"]["trainable"]
    assert metrics["time/train_s"] == summary["seconds"]
    assert metrics["time/mean_images_per_s"] == summary["images_per_s"]
    assert metrics["cost/images_seen"] == summary["images_seen"] == summary["epochs"] * summary["n"]["train"]
    assert {"train/loss", "train/acc", "val/loss", "val/acc", "smooth/val/loss", "lr", "time/epoch_s"} <= set(metrics)


def test_of_an_evaluation_as_packaged_and_as_trained(published: Any) -> None:
    artifacts, runs = published
    evaluation, metrics = read_json(artifacts / "recipes" / RECIPE / "evaluate" / "metrics.json"), runs["scratch"]
    for group, block in (("test", evaluation["test"]), ("test_as_trained", evaluation["as_trained"]["test"])):
        assert set(block["metrics"]) == set(METRICS)
        for key, metric in METRICS.items():
            for suffix, bound in BOUNDS.items():
                name = f"{group}/{metric.log_name or key}{suffix}"
                assert metrics[name] == block["metrics"][key][bound], name
    speed = read_json(artifacts / "recipes" / RECIPE / "evaluate" / "speed.json")
    for end, key in (("", "per_image"), ("_low", "fastest"), ("_high", "slowest")):
        assert metrics[f"cost/predict_ms{end}"] == pytest.approx(1000 * speed[f"seconds_{key}"])
    assert 0 < metrics["cost/predict_ms_low"] <= metrics["cost/predict_ms"] <= metrics["cost/predict_ms_high"]
    assert metrics["cost/package_mb"] > 0
    assert metrics["test/n"] == evaluation["test"]["n"]
    assert metrics["packaged/temperature"] == evaluation["temperature"]
    assert metrics["packaged/threshold"] == evaluation["threshold"] > 0.55
    assert metrics["test/acc"] > metrics["test_as_trained/acc"] == 0.5


def test_the_views_draw_and_list_what_a_training_logs(published: Any) -> None:
    _, runs = published
    columns = {name for view in VIEWS for name in view.columns if name.startswith("metrics.")}
    assert {name.partition("`")[2].strip("`") for name in columns} | {chart.metric for chart in CHARTS} <= set(
        runs["scratch"]
    )
    groups = {name.rpartition("/")[0] or "Model metrics" for name in runs["scratch"]}
    assert set(GROUPS) - {"cam"} <= groups, "a group without a metric is an empty line on the page"


def test_of_a_comparison(published: Any) -> None:
    artifacts, runs = published
    rows, metrics = read_json(artifacts / "report" / "table.json")["rows"], runs["comparison"]
    columns = ("test_accuracy", "test_accuracy_as_trained", "val_accuracy_kept", "val_accuracy_last")
    expected = {
        f"table/{row['recipe']}_{column}{suffix}": row[f"{column}{suffix}"]
        for row in rows
        for column in columns
        for suffix in BOUNDS
        if row.get(f"{column}{suffix}") is not None
    }
    for row in [row for row in rows if row["family"]]:
        costs = {name: row[name] for name in ("images_seen", "parameters", "trainable")}
        costs |= {"train_s": row["total_seconds"], "predict_ms": 1000 * row["predict_seconds"]}
        costs["package_mb"] = row["package_bytes"] / 1e6
        expected |= {f"cost/{row['recipe']}_{name}": value for name, value in costs.items()}
    assert metrics == expected and f"table/{RECIPE}_test_accuracy" in metrics
    assert "table/majority class_test_accuracy" in metrics


def test_of_an_audit(published: Any) -> None:
    artifacts, runs = published
    report, metrics = read_json(artifacts / "audit" / "audit.json"), runs["audit"]
    found = {finding["key"]: finding["count"] for finding in report["findings"]}
    assert metrics["audit/near"] == found["near"] == 2 and metrics["audit/unreadable"] == found["unreadable"] == 1
    faults = {f"audit/{key}": found.get(key, 0) for key in PHOTO_FAULTS}
    counts = {f"audit/{key}": value for key, value in report["counts"].items()}
    severities = [finding["severity"] for finding in report["findings"]]
    others = {f"audit/{severity}": severities.count(severity) for severity in ("stop", "look", "fine")}
    assert metrics == {**counts, **faults, **others, "audit/shortcuts": 0}


def test_what_is_undefined_is_not_logged() -> None:
    test = split_metrics(auroc=UndefinedMetric("there is no image of cat"))
    metrics = evaluation_metrics(evaluation(test=test, as_trained=AsTrained(test), threshold=None))
    assert "test/acc" in metrics and not [name for name in metrics if "auroc" in name or "threshold" in name]
