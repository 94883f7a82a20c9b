"""The mark "unsure": the same through every door, absent where a package has no limit."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import mlflow
import pytest

from photos import save_photo
from warmstart.errors import UserError
from warmstart.serving.package import load_package
from warmstart.serving.packaged import PackagedModel
from warmstart.serving.predict_files import predict_files


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(8):
        save_photo(folder / f"{seed}.png", seed)
    return sorted(folder.iterdir())


def with_limit(package: Path, folder: Path, **changes: Any) -> Path:
    """A copy of a package whose limit is changed; without a limit for ``unsure=None``, as an earlier version wrote it."""
    shutil.copytree(package, folder)
    spec = json.loads((folder / "model.json").read_text())
    if "unsure" in changes:
        spec.pop("unsure")
    else:
        spec["unsure"] |= changes
    (folder / "model.json").write_text(json.dumps(spec))
    return folder


def middle(package: Path, photos: list[Path]) -> float:
    """A limit that marks about half of the photos."""
    sure = sorted(answer["probability"] for answer in PackagedModel.load(package).predict(photos))
    assert sure[3] < sure[4]
    return (sure[3] + sure[4]) / 2


def asked(package: Path, photos: list[Path], file: Path, **options: Any) -> list[dict[str, Any]]:
    predict_files(package, photos, output=file, **options)
    text = file.read_text()
    return json.loads(text) if file.suffix == ".json" else list(csv.DictReader(text.splitlines()))


def test_every_door_marks_the_same_photos(
    packaged: Path, logged: Path, photos: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limit = middle(packaged, photos)
    package = with_limit(packaged, tmp_path / "package", limit=limit)
    answers = PackagedModel.load(package).predict(photos)
    marks = [answer["unsure"] for answer in answers]
    assert marks == [answer["probability"] < limit for answer in answers] and sum(marks) == 4
    assert [one["unsure"] for one in asked(package, photos, tmp_path / "a.json")] == marks
    assert [one["unsure"] == "true" for one in asked(package, photos, tmp_path / "a.csv")] == marks
    capsys.readouterr()
    predict_files(package, photos)
    said = capsys.readouterr()
    assert ["unsure" in line for line in said.out.splitlines()] == [True, *marks] and "4 of 8" in said.err
    served = tmp_path / "logged"
    shutil.copytree(logged, served)
    (inside,) = served.rglob("model.json")
    shutil.copy(package / "model.json", inside)
    assert [answer["unsure"] for answer in mlflow.pyfunc.load_model(str(served)).predict(photos)] == marks


def test_a_package_of_an_earlier_version_answers_without_the_mark(
    packaged: Path, photos: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = with_limit(packaged, tmp_path / "old", unsure=None)
    assert load_package(old).unsure is None
    new = PackagedModel.load(packaged).predict(photos)
    for answer, with_mark in zip(PackagedModel.load(old).predict(photos), new, strict=True):
        assert {**answer, "unsure": with_mark["unsure"]} == with_mark and "unsure" not in answer
    assert all(
        "unsure" not in one for suffix in ("json", "csv") for one in asked(old, photos, tmp_path / f"a.{suffix}")
    )
    predict_files(old, photos)
    said = capsys.readouterr()
    assert "unsure" not in said.out + said.err


def test_where_there_is_no_limit_nothing_is_marked_and_the_reason_is_said(
    packaged: Path, photos: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = with_limit(packaged, tmp_path / "package", limit=None, none="the reason")
    assert all("unsure" not in one for one in PackagedModel.load(package).predict(photos))
    predict_files(package, photos)
    said = capsys.readouterr()
    assert "unsure" not in said.out and "the reason" in said.err


def test_a_limit_that_is_no_probability_is_refused(packaged: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"model\.json"):
        load_package(with_limit(packaged, tmp_path / "package", limit=7.0))


@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_answers_are_sorted_by_uncertainty_or_name(
    packaged: Path, photos: list[Path], tmp_path: Path, suffix: str
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no photo")
    given = [broken, *reversed(photos)]
    sure = {str(photo): PackagedModel.load(packaged).predict([photo])[0]["probability"] for photo in photos}
    found = [one["path"] for one in asked(packaged, given, tmp_path / f"a.{suffix}", order="uncertainty")]
    assert found == [*sorted(sure, key=sure.__getitem__), str(broken)]
    found = [one["path"] for one in asked(packaged, given, tmp_path / f"a.{suffix}", order="name")]
    assert found == sorted(map(str, given))
    assert [one["path"] for one in asked(packaged, given, tmp_path / f"a.{suffix}")] == list(map(str, given))
