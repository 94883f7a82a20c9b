"""One entry in the registry, and a metric stands everywhere."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finished_recipes import write_images, write_recipe
from support import CHECKOUT
from warmstart.cli.report import metric_lines
from warmstart.comparison.compare import compare
from warmstart.config.schema import Evaluate
from warmstart.evaluation.metric_registry import METRICS, Metric
from warmstart.evaluation.metrics import split_metrics
from warmstart.evaluation.predictions import classify
from warmstart.records.comparison import ComparisonTable
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.records.metrics import UndefinedMetric
from warmstart.tracking.final_metrics import evaluation_metrics


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The report of recipes that were evaluated with one more entry in the registry."""
    worst = Metric(
        "worst recall", "%", True, lambda images: (images.counts[2] / images.counts[0]).min(axis=1),
        "lowest recall of a class <&>", needs_every_class=True,
    )  # fmt: skip
    monkeypatch.setitem(METRICS, "worst_recall", worst)
    write_images(tmp_path)
    for name, family, wrong in (("scratch", "scratch", 12), ("fine_tune", "transfer", 4)):
        place = write_recipe(tmp_path, name, family, wrong=wrong) / "evaluate" / "metrics.json"
        labels = np.arange(40) % 2
        scores = np.where(np.arange(40) < wrong, 1 - labels, labels) * 0.8 + 0.1
        test = split_metrics(
            classify(np.stack([1 - scores, scores], 1)), labels, ["cat", "dog"], Evaluate(bootstrap=50)
        )
        replace(EvaluationMetrics.read(place), test=test).write(place)
    compare(tmp_path, ["scratch", "fine_tune"], tmp_path / "report")
    return tmp_path


def test_one_entry_is_enough(root: Path) -> None:
    place = root / "recipes" / "fine_tune" / "evaluate" / "metrics.json"
    written = json.loads(place.read_text())["test"]["metrics"]["worst_recall"]
    assert written["value"] == pytest.approx(0.9) and written["low"] < 0.9 <= written["high"]
    logged = evaluation_metrics(EvaluationMetrics.read(place))
    assert [logged[f"test/worst_recall{end}"] for end in ("", "_low", "_high")] == list(written.values())
    page = (root / "report" / "index.html").read_text()
    assert "worst recall" in page and "lowest recall of a class &lt;&amp;&gt;" in page and "90.0<small>[" in page
    printed = metric_lines(ComparisonTable.read(root / "report" / "table.json"))
    assert any("worst recall" in line and "90.0 % [" in line for line in printed)
    shown = json.loads((root / "report" / "metrics" / "fine_tune.json").read_text())
    assert shown["worst_recall"] == written["value"] and shown["n"] == 40
    with (root / "report" / "metrics.csv").open(newline="") as stream:
        lines = [line for line in csv.DictReader(stream) if line["metric"] == "worst_recall"]
        lines = [line for line in lines if line["as_trained"] == "False"]
    assert [(line["recipe"], float(line["value"])) for line in lines] == [("scratch", 0.7), ("fine_tune", 0.9)]


def test_dvc_shows_a_row_a_recipe_and_a_column_a_metric(root: Path) -> None:
    from dvc.repo import Repo

    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(CHECKOUT / name, root / name)
    shutil.copytree(root / "report", root / "artifacts" / "critters" / "report")
    with Repo.init(str(root), no_scm=True) as repo:
        shown = repo.metrics.show()[""]["data"]
    rows = {Path(file).stem: result["data"] for file, result in shown.items()}
    assert set(rows) == {"scratch", "fine_tune"}
    assert all(set(row) == {"n", *METRICS} for row in rows.values())
    assert rows["fine_tune"]["worst_recall"] == pytest.approx(0.9)


def test_what_dvc_shows_is_numbers_without_a_version(root: Path) -> None:
    shown = json.loads((root / "report" / "metrics" / "scratch.json").read_text())
    assert set(shown) == {"n", *METRICS} and all(isinstance(value, (int, float)) for value in shown.values())


def test_an_undefined_metric_is_a_dash_with_its_reason(root: Path) -> None:
    place = root / "recipes" / "fine_tune" / "evaluate" / "metrics.json"
    record = EvaluationMetrics.read(place)
    missing = {**record.test.metrics, "auroc": UndefinedMetric("there is no image of <cat>")}
    replace(record, test=replace(record.test, metrics=missing)).write(place)
    compare(root, ["scratch", "fine_tune"], root / "report")
    assert "there is no image of &lt;cat&gt;" in (root / "report" / "index.html").read_text()
    table = ComparisonTable.read(root / "report" / "table.json")
    table = replace(table, verdict=replace(table.verdict, recommended="fine_tune"))
    assert any("AUROC" in line and "there is no image of <cat>" in line for line in metric_lines(table))
    assert "auroc" not in json.loads((root / "report" / "metrics" / "fine_tune.json").read_text())
