"""The views that compare the recipes: what MLflow is given, when, and where ``warmstart ui`` sends a person."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from warmstart.tracking import saved_view
from warmstart.tracking.pages import pages, write_missing_views
from warmstart.tracking.publish import publish
from warmstart.tracking.run_colours import COLOUR_TAG, SHADES
from warmstart.tracking.saved_view import ALL_TRAININGS, COMPARISON, KIND_TAG, VIEW_TAG, VIEWS
from warmstart.tracking.store import BESIDE, Experiment

TRAINED = {"scratch": "scratch", "fine_tune": "transfer", "features": "transfer"}  # recipe: family


@pytest.fixture
def trained(checkout: Any, run_folder: Any) -> Any:
    """A checkout with recipes, their comparison, an audit, a run by hand and a job of a sweep, published."""
    for recipe, family in TRAINED.items():
        run = checkout.recipe(recipe)
        identity = json.loads((run.model / "run.json").read_text())
        (run.model / "run.json").write_text(json.dumps({**identity, "family": family}))
    run_folder(checkout.folder / "hand" / "scratch" / "1", "scratch", "hand").epoch(2).finish()
    run_folder(checkout.folder / "sweeps" / "s" / "0", "scratch", "sweep").epoch(2).finish()
    checkout.report()
    checkout.audit(near=1)
    put(checkout)
    return checkout


def put(checkout: Any) -> None:
    publish(checkout.root, "critters", checkout.folder)


def tags(checkout: Any) -> dict[str, str]:
    experiment = Experiment.open(checkout.root, "critters")
    return dict(experiment.client.get_experiment(experiment.id).tags)


def state(value: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(json.loads(value)["state"])
    return content


def test_the_view_shows_the_current_trainings_the_best_first(trained: Any) -> None:
    shown = state(tags(trained)[COMPARISON.tag])
    experiment = Experiment.open(trained.root, "critters")
    old = experiment.client.create_run(experiment.id, 0, {"current": "true", "kind": "audit"}, "of an older version")
    direction = "ASC" if shown["orderByAsc"] else "DESC"
    runs = experiment.client.search_runs(
        [experiment.id], shown["searchFilter"], order_by=[f"{shown['orderByKey']} {direction}"]
    )
    assert {run.info.run_name for run in runs} == set(TRAINED) and old.info.run_id not in [r.info.run_id for r in runs]
    accuracies = [run.data.metrics["test/acc"] for run in runs]
    assert accuracies == sorted(accuracies, reverse=True)


def test_all_trainings_are_on_a_page_of_their_own_the_last_first(trained: Any) -> None:
    shown = state(tags(trained)[ALL_TRAININGS.tag])
    experiment = Experiment.open(trained.root, "critters")
    experiment.client.create_run(experiment.id, 0, {"kind": "sweep"}, "the parent of a sweep")
    found = experiment.client.search_runs([experiment.id], shown["searchFilter"])
    assert sorted(run.data.tags["kind"] for run in found) == ["dvc", "dvc", "dvc", "hand", "sweep"]
    assert (shown["orderByKey"], shown["orderByAsc"]) == ("attributes.start_time", False)
    assert len({json.loads(tags(trained)[view.tag])["createdAt"] for view in VIEWS}) == len(VIEWS)


def test_its_charts_and_columns_are_of_what_every_training_logs(trained: Any, dump: Any) -> None:
    shown = state(tags(trained)[COMPARISON.tag])
    charts = [(card["metricKey"], card["type"]) for card in shown["compareRunCharts"]]
    assert charts == [("val/acc", "LINE"), ("val/loss", "LINE"), ("test/acc", "BAR"), ("time/train_s", "BAR")]
    first = shown["compareRunSections"][0]
    assert first["display"] and {card["metricSectionId"] for card in shown["compareRunCharts"]} == {first["uuid"]}
    assert not any(section["display"] for section in shown["compareRunSections"][1:])
    for run in dump(trained.root).values():
        if run["name"] in TRAINED and "current" in run["tags"]:
            logged = {"metrics": run["metrics"], "tags": run["tags"]}
            for column in [*shown["selectedColumns"], *state(tags(trained)[ALL_TRAININGS.tag])["selectedColumns"]]:
                group, name = column.split(".", 1)
                assert name.strip("`") in logged[group]
            for metric, kind in charts:
                assert (len(run["metrics"][metric]) > 1) == (kind == "LINE")


def test_what_is_no_training_is_beside_the_trainings(trained: Any) -> None:
    experiment = Experiment.open(trained.root, "critters")
    names = [
        {run.info.run_name for run in experiment.client.search_runs([one])}
        for one in (experiment.id, experiment.beside().id)
    ]
    assert names == [set(TRAINED), {"comparison", "audit"}]
    for found in experiment.client.search_experiments(filter_string="name LIKE 'critters%'"):
        assert found.tags[KIND_TAG] == "custom_model_development"


def test_publishing_again_writes_no_tag(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow.tracking.client import MlflowClient

    def write(*words: Any) -> None:
        raise AssertionError(words)

    for name in ("set_experiment_tag", "set_tag"):
        monkeypatch.setattr(MlflowClient, name, write)
    put(trained)


def test_a_view_of_an_older_version_is_replaced_and_that_of_a_person_is_kept(trained: Any) -> None:
    experiment, made = Experiment.open(trained.root, "critters"), tags(trained)[COMPARISON.tag]
    older = json.dumps({**json.loads(made), "state": "{}"})
    experiment.client.set_experiment_tag(experiment.id, COMPARISON.tag, older)
    put(trained)
    assert tags(trained)[COMPARISON.tag] == made
    # As MLflow writes it: its own keys only.
    mine = json.dumps({"name": "mine", "createdAt": 1, "updatedAt": 2, "state": "{}"})
    for key, value in {COMPARISON.tag: mine, KIND_TAG: "genai_development"}.items():
        experiment.client.set_experiment_tag(experiment.id, key, value)
    put(trained)
    assert tags(trained).items() >= {COMPARISON.tag: mine, KIND_TAG: "genai_development"}.items()


def test_another_version_of_mlflow_gets_no_view_and_nobody_is_sent_to_one(
    trained: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for another in ("3.18.0", "3.1.7", "2.22.0"):
        monkeypatch.setattr(saved_view, "version", lambda _, another=another: another)
        assert pages(trained.root) == []
        fresh = trained.with_empty_store()
        put(fresh)
        assert not [tag for tag in tags(fresh) if tag.startswith(VIEW_TAG)]
        shutil.rmtree(fresh.root)


def test_the_colours_tell_the_families_apart_and_one_that_a_person_chose_stays(trained: Any) -> None:
    experiment = Experiment.open(trained.root, "critters")
    runs = experiment.client.search_runs([experiment.id], saved_view.CURRENT_TRAININGS)
    colours = {run.info.run_name: run.data.tags[COLOUR_TAG] for run in runs}
    assert len(set(colours.values())) == len(TRAINED)
    assert all(colours[recipe] in SHADES[family] for recipe, family in TRAINED.items())
    (mine,) = [run.info.run_id for run in runs if run.info.run_name == "scratch"]
    experiment.client.set_tag(mine, COLOUR_TAG, "#123456")
    put(trained)
    assert experiment.client.get_run(mine).data.tags[COLOUR_TAG] == "#123456"


def test_the_dataset_that_was_trained_last_is_opened(trained: Any) -> None:
    assert [page.dataset for page in pages(trained.root)] == ["critters"]
    other = Experiment.open(trained.root, "photos")
    assert len(pages(trained.root)) == 1, "an experiment without a run is none to look at"
    other.client.create_run(other.id, 2_000_000_000_000, {"kind": "hand"}, "by hand")
    write_missing_views(trained.root)
    by_hand, compared = pages(trained.root)
    assert (by_hand.dataset, compared.dataset) == ("photos", "critters")
    assert f"/experiments/{other.id}/" in by_hand.path
    assert by_hand.path.endswith(f"={ALL_TRAININGS.key}"), "the comparison would be empty"
    assert compared.path.endswith(f"viewStateShareKey={COMPARISON.key}")
    assert not any(page.dataset.endswith(BESIDE) for page in pages(trained.root))


def test_a_store_of_an_older_version_gets_its_view_when_it_is_opened(trained: Any, tmp_path: Path) -> None:
    experiment, made = Experiment.open(trained.root, "critters"), tags(trained)[COMPARISON.tag]
    experiment.client.delete_experiment_tag(experiment.id, COMPARISON.tag)
    (page,) = pages(trained.root)
    assert "viewStateShareKey" not in page.path, "MLflow would show an error"
    write_missing_views(trained.root)
    assert tags(trained)[COMPARISON.tag] == made and "viewStateShareKey" in pages(trained.root)[0].path
    write_missing_views(tmp_path)
    (trained.root / "mlruns/mlflow.db").write_bytes(b"no database")
    write_missing_views(trained.root)
    assert pages(trained.root) == [] == pages(tmp_path)
