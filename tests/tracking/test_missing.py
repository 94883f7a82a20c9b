"""``warmstart ui`` after mlruns was deleted: what the files hold is published again, and nothing else is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from warmstart.cli.checkout import Checkout
from warmstart.cli.ui import publish_missing
from warmstart.errors import UserError
from warmstart.tracking.missing import missing
from warmstart.tracking.publish import publish
from warmstart.tracking.store import get_experiment_id, open_store


def finished(checkout: Any, recipe: str) -> Any:
    run = checkout.recipe(recipe)
    run.finish()
    return run


def shown(root: Path, dataset: str) -> set[str]:
    client = open_store(root)
    return {str(run.info.run_name) for run in client.search_runs([get_experiment_id(client, dataset)])}


def test_deleted_runs_files_are_published_again_and_it_is_said(
    checkout: Any, empty_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = checkout.root
    finished(checkout, "scratch")
    shutil.rmtree(root / "mlruns")
    monkeypatch.setattr("warmstart.tracking.store.create_database", lambda place: shutil.copy(empty_store, place))
    assert missing(root) == ["critters"]
    publish_missing(Checkout(root))
    said = capsys.readouterr().out
    assert "artifacts/critters" in said and "mlruns" in said
    assert shown(root, "critters") == {"scratch"} and missing(root) == []
    publish_missing(Checkout(root))
    assert not capsys.readouterr().out
    finished(checkout, "linear_probe")
    assert missing(root) == ["critters"], "one run of several counts too"
    publish_missing(Checkout(root))
    assert "MLflow lacks runs of artifacts/critters: publishing them" in capsys.readouterr().out, (
        "nobody has deleted mlruns"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [("run.json", '{"run_key": "a"}'), ("summary.json", "{}"), ("config.yaml", "[1"), ("run.json", "")],
)
def test_a_run_that_publishing_leaves_out_is_not_missed_each_time(
    checkout: Any, capsys: pytest.CaptureFixture[str], name: str, content: str
) -> None:
    finished(checkout, "scratch")
    (finished(checkout, "linear_probe").model / name).write_text(content)
    publish_missing(Checkout(checkout.root))
    assert "left out recipes/linear_probe" in capsys.readouterr().out
    assert missing(checkout.root) == []
    publish_missing(Checkout(checkout.root))
    assert not capsys.readouterr().out


def test_where_nothing_was_trained_there_are_no_runs_yet(tmp_path: Path) -> None:
    (tmp_path / "artifacts/photos/recipes/scratch/model").mkdir(parents=True)
    (tmp_path / "artifacts/photos/recipes/scratch/model/run.json").write_text('{"run_key": "a"}')
    with pytest.raises(UserError, match="no runs to look at yet"):
        publish_missing(Checkout(tmp_path))
    assert not (tmp_path / "mlruns").exists()


def test_a_run_that_a_person_deleted_in_mlflow_stays_deleted(checkout: Any) -> None:
    run = finished(checkout, "scratch")
    client = open_store(checkout.root)
    client.delete_run(publish(checkout.root, "critters", checkout.folder).runs["recipes/scratch/model"])
    assert missing(checkout.root) == [] and run.key
    (checkout.root / "mlruns/mlflow.db").write_bytes(b"no database")
    assert missing(checkout.root) == [], "MLflow says what is wrong with it"
