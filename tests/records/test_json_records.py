from __future__ import annotations

import json
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import pytest

from data_builders import prepared_images
from every_record import every_record, interpretation_summary
from record_builders import evaluation_metrics, training_summary
from warmstart.errors import UserError
from warmstart.records.base import Record
from warmstart.records.interpretation import MapScores
from warmstart.records.pages import ActivationsPage
from warmstart.records.training_state import FoldCount

EVERY = every_record()
REMEDIES = {
    "images/meta.json": "dvc repro prepare",
    "recipes/scratch/model/summary.json": "dvc repro train@scratch",
    "recipes/scratch/evaluate/metrics.json": "dvc repro evaluate@scratch",
    "report/table.json": "dvc repro compare",
}
OPEN = {"prepared.json", "lesson/batch_norm/batch_norm.json"}  # whose keys are not all fixed


def refused(record: Record, path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    with pytest.raises(UserError) as error:
        type(record).read(path)
    message = str(error.value)
    assert str(path) in message and "\n" not in message
    return message


@pytest.fixture(params=EVERY)
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_what_is_written_is_read_again(place: str, tmp_path: Path) -> None:
    record = EVERY[place]
    record.write(tmp_path / "file.json")
    assert type(record).read(tmp_path / "file.json") == record
    content = json.loads((tmp_path / "file.json").read_text())
    assert next(iter(content)) == "format" and content == {"format": record.FORMAT, **json_of(record)}


def json_of(record: Record) -> Any:
    return json.loads(json.dumps(record.to_dict()))


def test_a_file_of_another_version_is_refused_and_named(place: str, tmp_path: Path) -> None:
    record, content = EVERY[place], json_of(EVERY[place])
    for version in ({}, {"format": record.FORMAT + 1}, {"format": str(record.FORMAT)}, {"format": True}):
        message = refused(record, tmp_path / place, json.dumps({**version, **content}))
        assert "another version" in message and REMEDIES.get(place, "") in message


def test_a_damaged_file_is_refused_and_named(place: str, tmp_path: Path) -> None:
    record = EVERY[place]
    whole = json.dumps({"format": record.FORMAT, **json_of(record)})
    for text in ("", whole[: len(whole) // 2], "[]", "null", whole.replace("{", "", 1)):
        assert REMEDIES.get(place, "") in refused(record, tmp_path / place, text)
    with pytest.raises(UserError, match="does not exist"):
        type(record).read(tmp_path / "nowhere" / place)


def test_each_missing_key_is_named(place: str, tmp_path: Path) -> None:
    record, content = EVERY[place], {"format": EVERY[place].FORMAT, **json_of(EVERY[place])}
    fixed = set() if place in OPEN else {field.name for field in fields(record) if field.default is MISSING}
    for key in fixed:
        message = refused(record, tmp_path / place, json.dumps({k: v for k, v in content.items() if k != key}))
        assert repr(key) in message


def test_each_value_of_another_type_is_named(place: str, tmp_path: Path) -> None:
    record, content = EVERY[place], {"format": EVERY[place].FORMAT, **json_of(EVERY[place])}
    for key in set() if place in OPEN else set(content) - {"format"}:
        assert key in refused(record, tmp_path / place, json.dumps({**content, key: [[["x"]]]}))


def test_unknown_keys_are_refused_also_deep_inside(tmp_path: Path) -> None:
    for place, record in EVERY.items():
        if place not in OPEN:
            assert "'surprise'" in refused(
                record, tmp_path / place, json.dumps({"format": record.FORMAT, **json_of(record), "surprise": 1})
            )
    metrics = evaluation_metrics(folds=2)
    content = {"format": metrics.FORMAT, **json_of(metrics)}
    content["fold_accuracy"][1]["accuracy"]["surprise"] = 1
    assert "fold_accuracy.1.accuracy.surprise" in refused(metrics, tmp_path / "metrics.json", json.dumps(content))


@pytest.mark.parametrize("value", ['"3"', "3.0", "true", "NaN", "null"])
def test_a_number_of_another_kind_is_refused(value: str, tmp_path: Path) -> None:
    refused(FoldCount(3), tmp_path / "folds.json", f'{{"format": 1, "folds": {value}}}')


def test_numbers_that_are_not_finite_are_never_written_or_read(tmp_path: Path) -> None:
    metrics = evaluation_metrics()
    with pytest.raises(ValueError):
        replace(metrics, temperature=float("nan")).write(tmp_path / "metrics.json")
    assert not (tmp_path / "metrics.json").exists()
    text = json.dumps({"format": metrics.FORMAT, **json_of(metrics), "temperature": float("inf")})
    assert "'temperature'" in refused(metrics, tmp_path / "metrics.json", text)


def test_a_wrong_type_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        prepared_images(size="16").write(tmp_path / "meta.json")
    assert not (tmp_path / "meta.json").exists()


def test_floats_come_back_exactly(tmp_path: Path) -> None:
    summary = training_summary(seconds=0.1 + 0.2, images_per_s=1e-300)
    summary.write(tmp_path / "summary.json")
    read = type(summary).read(tmp_path / "summary.json")
    assert (read.seconds, read.images_per_s) == (0.1 + 0.2, 1e-300)


def test_what_there_is_only_with_folds_is_absent_without() -> None:
    assert not {"folds", "mean"} & set(training_summary().to_dict())
    assert not {"folds", "fold_accuracy"} & set(evaluation_metrics().to_dict())
    assert list(training_summary(folds=2).to_dict())[-7:] == [
        "folds",
        "mean",
        "images_seen",
        "phase",
        "network",
        "precision",
        "device",
    ]


def test_scores_of_maps_stand_beside_their_verdict_in_the_file() -> None:
    summary = interpretation_summary()
    assert isinstance(summary.scores, MapScores)
    assert list(summary.to_dict()["scores"]) == ["verdict", "trusted", "n", "mosaic_energy", "evidence_energy"]
    bare = replace(summary, method=None, layer=None, where=None, side=None, why_coarse=None, scores=None)
    assert not {"where", "side", "same_answers", "why_coarse", "scores"} & set(bare.to_dict())


def test_a_network_without_a_convolution_has_a_note_alone() -> None:
    assert ActivationsPage(note="none", layers=[]).to_dict() == {"note": "none", "layers": []}
