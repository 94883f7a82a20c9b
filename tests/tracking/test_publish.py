"""Publishing: everything that the files tell, and nothing twice."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from warmstart.files.plain import read_json
from warmstart.tracking.publish import publish, publish_lesson

EPOCHS = [1, 2, 3, 4]


def by_name(runs: dict[str, dict[str, Any]], current: bool = True) -> dict[str, dict[str, Any]]:
    return {run["name"]: run for run in runs.values() if (run["tags"].get("current") == "true") is current}


def put(checkout: Any) -> Any:
    return publish(checkout.root, "critters", checkout.folder)


@pytest.fixture
def three(checkout: Any) -> Any:
    for name in ("scratch", "features"):
        checkout.recipe(name)
    checkout.report()
    return checkout


def test_a_run_shows_what_its_files_tell(three: Any, dump: Any) -> None:
    put(three)
    runs = by_name(dump(three.root))
    assert set(runs) == {"scratch", "features", "comparison"}
    run = runs["scratch"]
    assert run["status"] == "FINISHED"
    assert run["times"] == (1_700_000_000_000, 1_700_000_040_000)
    assert run["params"] == {
        "recipe.name": "scratch",
        "seed": "3",
        "optimizer._target_": "torch.optim.RMSprop",
        "optimizer.lr": "0.001",
        "network.widths": "32, 64",
    }
    assert [(step, stamp) for step, _, stamp in run["metrics"]["val/acc"]] == [
        (epoch, 1_700_000_000_000 + 10_000 * epoch) for epoch in EPOCHS
    ]
    assert run["metrics"]["val/acc"][2][1] == pytest.approx(0.42)
    single = {key: points[0][1] for key, points in run["metrics"].items() if len(points) == 1}
    metrics = read_json(three.folder / "recipes" / "scratch" / "evaluate" / "metrics.json")
    for group, block in (("test", metrics["test"]), ("test_as_trained", metrics["as_trained"]["test"])):
        for name, measure in (("acc", "accuracy"), ("loss", "loss"), ("ece", "ece"), ("auroc", "auroc")):
            figure = [single[f"{group}/{name}{end}"] for end in ("", "_low", "_high")]
            assert figure == [block["metrics"][measure][key] for key in ("value", "low", "high")]
    assert (single["packaged/temperature"], single["packaged/threshold"]) == (
        metrics["temperature"],
        metrics["threshold"],
    )
    assert single["kept/epoch"] == 2
    assert single["kept/val_acc"] == pytest.approx(0.41)
    assert single["last/val_acc"] == pytest.approx(0.43)
    assert single["last/gap"] == pytest.approx(-0.2)
    assert (single["parameters/total"], single["parameters/trainable"], single["time/train_s"]) == (10, 5, 12.5)
    assert {key: value for key, value in single.items() if key.startswith("cam/")} == {
        "cam/mosaic_energy": 0.25,
        "cam/mosaic_energy_low": 0.15,
        "cam/mosaic_energy_high": 0.35,
    }
    expected = {"recipe": "scratch", "family": "scratch", "dataset": "critters", "dataset.digest": "ab" * 32}
    expected |= {"stage": "train", "kind": "dvc", "precision": "bf16-mixed", "mlflow.source.git.commit": "d" * 40}
    expected |= {"cam.verdict": "these maps may be trusted"}
    assert expected.items() <= run["tags"].items()
    assert run["datasets"] == [("ab" * 32)[:36]]
    assert set(run["artifacts"]) == {
        "config/config.yaml",
        "network/layers.txt",
        "network/layers.json",
        "training/history.csv",
        "training/summary.json",
        "curves/scratch.png",
        "evaluate/metrics.json",
        "evaluate/predictions.csv",
        "evaluate/speed.json",
        "interpret/summary.json",
        "interpret/kernels/kernels.png",
        "interpret/cam/right.png",
        "interpret/cam/wrong.png",
    }


def test_recipes_share_metric_names_and_steps(three: Any, dump: Any) -> None:
    put(three)
    runs = by_name(dump(three.root))
    steps = [
        {key: [step for step, _, _ in points] for key, points in runs[name]["metrics"].items()}
        for name in ("scratch", "features")
    ]
    assert steps[0] == steps[1]
    assert steps[0]["smooth/val/loss"] == EPOCHS


def test_publishing_twice_makes_no_difference(three: Any, dump: Any, run_folder: Any) -> None:
    run_folder(three.folder / "hand" / "scratch" / "1", "scratch", "hand").epoch(2)
    put(three)
    before = dump(three.root)
    put(three)
    assert dump(three.root) == before
    assert len(before) == 4


def test_a_deleted_store_is_rebuilt_from_the_files(three: Any, dump: Any) -> None:
    put(three)
    before = by_name(dump(three.root))
    fresh = three.with_empty_store()
    put(fresh)
    after = by_name(dump(fresh.root))
    assert {run["tags"]["warmstart.run_key"] for run in after.values()} == {
        run["tags"]["warmstart.run_key"] for run in before.values()
    }
    for part in ("params", "metrics", "tags", "status", "datasets", "times"):
        for name in ("scratch", "features"):
            assert after[name][part] == before[name][part], (name, part)
    values = [
        {key: [(s, v) for s, v, _ in points] for key, points in runs["comparison"]["metrics"].items()}
        for runs in (before, after)
    ]
    assert values[0] == values[1]


def test_a_retrained_recipe_keeps_its_old_run_without_the_tag(three: Any, dump: Any) -> None:
    first = put(three).runs["recipes/scratch/model"]
    three.recipe("scratch")
    second = put(three).runs["recipes/scratch/model"]
    runs = dump(three.root)
    assert first != second
    assert "current" not in runs[first]["tags"]
    assert runs[second]["tags"]["current"] == "true"
    assert runs[first]["status"] == "FINISHED"
    current = [run["name"] for run in runs.values() if run["tags"].get("current") == "true"]
    assert sorted(current) == ["comparison", "features", "scratch"]


def test_a_restored_older_training_becomes_current_again(three: Any, dump: Any) -> None:
    first = put(three).runs["recipes/scratch/model"]
    shutil.copytree(three.folder / "recipes" / "scratch", three.root / "cache")
    three.recipe("scratch")
    second = put(three).runs["recipes/scratch/model"]
    shutil.rmtree(three.folder / "recipes" / "scratch")
    shutil.copytree(three.root / "cache", three.folder / "recipes" / "scratch")
    assert put(three).runs["recipes/scratch/model"] == first
    runs = dump(three.root)
    assert runs[first]["tags"]["current"] == "true"
    assert "current" not in runs[second]["tags"]


def test_hand_and_sweep_runs_never_become_current(three: Any, dump: Any, run_folder: Any) -> None:
    recipe = put(three).runs["recipes/scratch/model"]
    run_folder(three.folder / "hand" / "scratch" / "1", "scratch", "hand").epoch(2).finish()
    run_folder(three.folder / "sweeps" / "s" / "0", "scratch", "sweep", parent="gone").epoch(2).finish()
    report = put(three)
    runs = dump(three.root)
    assert set(report.runs) >= {"hand/scratch/1/model", "sweeps/s/0/model"}
    holders = [run_id for run_id, run in runs.items() if run["name"] == "scratch" and "current" in run["tags"]]
    assert holders == [recipe]


def test_a_new_table_makes_a_new_comparison_run(three: Any, dump: Any) -> None:
    first = put(three).runs["report"]
    assert put(three).runs["report"] == first
    three.report(accuracy=0.95)
    second = put(three).runs["report"]
    runs = dump(three.root)
    assert first != second
    assert "current" not in runs[first]["tags"]
    assert [point[1] for point in runs[second]["metrics"]["table/scratch_test_accuracy"]] == [0.95]
    for row in read_json(three.folder / "report" / "table.json")["rows"]:
        for column in ("test_accuracy", "test_accuracy_as_trained_low", "val_accuracy_kept"):
            shown = runs[second]["metrics"].get(f"table/{row['recipe']}_{column}")
            assert (shown[0][1] if shown else None) == row[column], (row["recipe"], column)
    assert "table/majority class_test_accuracy" in runs[second]["metrics"]
    assert "report/index.html" in runs[second]["artifacts"]


def test_changed_files_replace_the_old_ones(three: Any, dump: Any) -> None:
    run_id = put(three).runs["recipes/scratch/model"]
    interpret = three.folder / "recipes" / "scratch" / "interpret"
    (interpret / "cam" / "wrong.png").unlink()
    (interpret / "filters.png").write_bytes(b"png")
    put(three)
    files = dump(three.root)[run_id]["artifacts"]
    assert "interpret/filters.png" in files
    assert "interpret/cam/wrong.png" not in files


def test_what_was_uploaded_stays_when_its_file_is_gone(three: Any, dump: Any) -> None:
    run_id = put(three).runs["recipes/scratch/model"]
    (three.folder / "report" / "curves" / "scratch.png").unlink()
    put(three)
    assert "curves/scratch.png" in dump(three.root)[run_id]["artifacts"]


def test_a_new_evaluation_of_the_same_run_adds_a_step(three: Any, dump: Any) -> None:
    run_id = put(three).runs["recipes/scratch/model"]
    metrics = three.folder / "recipes" / "scratch" / "evaluate" / "metrics.json"
    content = json.loads(metrics.read_text())
    accuracy = content["test"]["metrics"]["accuracy"]
    before, accuracy["value"] = accuracy["value"], 0.91
    metrics.write_text(json.dumps(content))
    put(three)
    put(three)
    points = dump(three.root)[run_id]["metrics"]["test/acc"]
    assert [(step, value) for step, value, _ in points] == [(0, before), (1, 0.91)]


def test_the_evaluation_of_another_training_is_left_out(checkout: Any, dump: Any, run_folder: Any) -> None:
    run = (
        run_folder(checkout.folder / "recipes" / "scratch", "scratch").epoch(2).finish().evaluated(checkpoint="another")
    )
    shutil.rmtree(run.interpret)
    put(checkout)
    (shown,) = dump(checkout.root).values()
    assert "test/acc" not in shown["metrics"]
    assert not [name for name in shown["artifacts"] if name.startswith("evaluate")]


def test_a_broken_run_is_named_and_the_others_are_published(three: Any) -> None:
    (three.folder / "recipes" / "features" / "model" / "run.json").write_text('{"format": 1}')
    report = put(three)
    assert "recipes/scratch/model" in report.runs
    assert "run_key" in report.skipped["recipes/features/model"]


def test_a_changed_parameter_is_a_warning(three: Any, dump: Any, caplog: pytest.LogCaptureFixture) -> None:
    run_id = put(three).runs["recipes/scratch/model"]
    config = three.folder / "recipes" / "scratch" / "model" / "config.yaml"
    config.write_text(config.read_text().replace("seed: 3", "seed: 4"))
    put(three)
    assert dump(three.root)[run_id]["params"]["seed"] == "3"
    assert "seed" in caplog.text


def test_a_run_deleted_in_the_ui_is_made_anew(three: Any, dump: Any) -> None:
    from warmstart.tracking.store import open_store

    first = put(three).runs["recipes/scratch/model"]
    open_store(three.root).delete_run(first)
    second = put(three).runs["recipes/scratch/model"]
    runs = dump(three.root)
    assert (runs[first]["stage"], runs[second]["stage"]) == ("deleted", "active")
    assert "current" not in runs[first]["tags"]
    assert runs[second]["tags"]["current"] == "true"


def test_the_lesson_is_one_run_whatever_part_is_made_anew(three: Any, dump: Any) -> None:
    three.lesson({"convolution": {"digit_border": 2, "name": "a digit"}})
    put(three)
    three.lesson({"augmentation": {"difference": 0.25}, "convolution": {"digit_border": 3}})
    (three.folder / "lesson" / "index.html").write_text("<html></html>")
    assert publish_lesson(three.root, "critters", three.folder) == put(three).runs["lesson"]
    (run,) = [run for run in dump(three.root).values() if run["name"] == "lesson"]
    assert run["tags"]["current"] == "true" and run["status"] == "FINISHED"
    assert {key: points[-1][1] for key, points in run["metrics"].items()} == {
        "lesson/convolution/digit_border": 3,
        "lesson/augmentation/difference": 0.25,
    }
    assert {"lesson/convolution/picture.png", "lesson/augmentation/picture.png", "page/index.html"} <= set(
        run["artifacts"]
    )


def test_the_audit_is_one_run_whatever_it_finds(three: Any, dump: Any) -> None:
    three.audit(near=4)
    first = put(three).runs["audit"]
    three.audit(near=0)
    assert put(three).runs["audit"] == first
    (run,) = [run for run in dump(three.root).values() if run["name"] == "audit"]
    assert run["tags"]["current"] == "true" and run["status"] == "FINISHED"
    figures = {key: [point[1] for point in points] for key, points in run["metrics"].items()}
    assert figures["audit/near"] == [4, 0]
    assert (figures["audit/used"], figures["audit/unreadable"], figures["audit/shortcuts"]) == ([98], [0], [1])
    assert (figures["audit/stop"], figures["audit/look"]) == ([1], [1, 0])
    assert {"audit/audit.json", "audit/index.html", "audit/contact/cat.jpg"} <= set(run["artifacts"])


def test_the_steps_of_a_scheduled_training_are_logged_once(three: Any, dump: Any) -> None:
    from warmstart.records.steps import StepRow

    rows = [StepRow(step, 1 + (step > 2), 0.1 * step, 50.0) for step in range(1, 5)]
    StepRow.write_rows(three.folder / "recipes/scratch/model/steps.csv", rows)
    put(three)
    put(three)
    runs = by_name(dump(three.root))
    points = runs["scratch"]["metrics"]["step/lr"]
    assert [(step, value) for step, value, _ in points] == [(row.step, row.lr) for row in rows]
    assert [stamp for *_, stamp in points] == [1_700_000_000_000 + 10_000 * row.epoch for row in rows]
    assert "step/lr" not in runs["features"]["metrics"]
