"""``warmstart predict``: classes and probabilities of photo files, a bad file told and passed by, folders
of any size.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from photos import save_photo
from report_table import write_table
from support import python
from warmstart.cli.checkout import Checkout
from warmstart.files.plain import read_json, write_json
from warmstart.models.checkpoint import load_model
from warmstart.models.image_model import ImageModel
from warmstart.runtime.devices import DevicePlan
from warmstart.serving.find_photos import SkippedFiles, find_photos
from warmstart.serving.package import load_package, save_package
from warmstart.serving.predict_photos import Prediction, predict_photos
from warmstart.serving.prediction_writers import TableWriter

Warm = Callable[..., tuple[int, str, str]]
CPU = DevicePlan("cpu", "32-true")


@pytest.fixture(scope="module")
def model(scratch: Path) -> ImageModel:
    model = load_model(scratch / "model.ckpt")
    model.threshold, model.temperature = 0.5, 2.0
    return model


@pytest.fixture
def package(checkout: Checkout, model: ImageModel) -> Path:
    folder = checkout.dataset("critters") / "recipes/scratch/evaluate/package"
    folder.parent.mkdir(parents=True)
    save_package(model, folder)
    return folder


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Three photos, one broken file, one file of another kind, and a link that leads back."""
    folder = tmp_path / "new"
    for index, name in enumerate(("b/2.png", "a.jpg", "b/1.JPG")):
        save_photo(folder / name, index)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    (folder / "notes.txt").write_text("")
    (folder / "b/back").symlink_to(folder, target_is_directory=True)
    return folder


def test_probabilities_are_those_of_the_packaged_model(package: Path, mixed: Path, warm: Warm, tmp_path: Path) -> None:
    code, out, err = warm("predict", "scratch", mixed, "--format", "csv")
    rows = list(csv.DictReader(out.splitlines()))
    assert code == 0
    assert [Path(row["path"]).name for row in rows] == ["a.jpg", "1.JPG", "2.png", "broken.jpg"]
    model = load_package(package)
    for row in rows[:3]:
        image = torch.from_numpy(model.preprocessing.read(row["path"])[None].copy())
        expected = model.predict_proba(image)[0].tolist()
        assert [float(row[f"p_{name}"]) for name in model.classes] == pytest.approx(expected, abs=2e-6)
        assert row["predicted"] == model.classes[expected[1] > 0.5] and not row["error"]
    assert rows[3]["error"] == "not an image" and not rows[3]["predicted"] and not rows[3]["p_cat"]
    assert "broken.jpg: not an image" in err and "1 file that is no photo was passed over (.txt)" in err


def test_the_other_formats_say_the_same(package: Path, mixed: Path, warm: Warm, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    code, out, _ = warm(
        "predict", "scratch", mixed / "b/1.JPG", mixed / "broken.jpg", mixed / "a.jpg", "--output", file
    )
    said = json.loads(file.read_text())
    assert code == 0 and "2 photos in" in out and "1 could not be read" in out
    assert [list(item) for item in said] == [
        ["path", "predicted", "probabilities"],
        ["path", "error"],
        ["path", "predicted", "probabilities"],
    ]
    assert sum(said[0]["probabilities"].values()) == pytest.approx(1, abs=2e-6)
    _, out, _ = warm("predict", "scratch", mixed / "a.jpg", mixed / "broken.jpg")
    assert said[2]["predicted"] in out and f"{said[2]['probabilities']['cat']:.3f}" in out and "not an image" in out


def test_the_class_of_two_follows_the_threshold(model: ImageModel, mixed: Path) -> None:
    model.threshold = 0.999999
    try:
        answers = list(predict_photos(model, [mixed / "a.jpg"], CPU))
    finally:
        model.threshold = 0.5
    assert answers[0].predicted == "cat"


def test_a_threshold_that_may_surprise_is_told(checkout: Checkout, package: Path, mixed: Path, warm: Warm) -> None:
    assert "above" not in warm("predict", "scratch", mixed / "a.jpg")[2]
    spec = read_json(package / "model.json")
    write_json(package / "model.json", {**spec, "threshold": 0.31})
    _, _, err = warm("predict", "scratch", mixed / "a.jpg")
    assert "dog where its probability is above 0.310" in err


def test_a_folder_of_any_size_is_read_a_batch_at_a_time(model: ImageModel, tmp_path: Path) -> None:
    save_photo(tmp_path / "a.jpg", 0)
    asked = 0

    def endless() -> Iterator[Path]:
        nonlocal asked
        while True:
            asked += 1
            yield tmp_path / "a.jpg"

    answers = predict_photos(model, endless(), CPU, batch_size=4)
    for _ in range(20):
        next(answers)
    assert asked <= 28


def test_photos_are_found_in_order_and_once(mixed: Path) -> None:
    passed = SkippedFiles()
    found = [path.relative_to(mixed).as_posix() for path in find_photos([mixed], passed)]
    assert (
        found == ["a.jpg", "b/1.JPG", "b/2.png", "broken.jpg"] and passed.suffixes == {".txt": 1} and not passed.hidden
    )


def test_of_many_classes_the_table_shows_the_most_probable(tmp_path: Path) -> None:
    import io

    stream = io.StringIO()
    classes = [f"class_{index}" for index in range(8)]
    TableWriter(stream, classes).add(Prediction("a.jpg", "class_7", np.arange(8) / 28))
    line = stream.getvalue().splitlines()[1]
    assert "class_7 0.250, class_6 0.214" in line and line.count("class_") == 6


def test_nothing_read_is_a_failure(package: Path, mixed: Path, warm: Warm, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    code, _, err = warm("predict", "scratch", mixed / "broken.jpg", "--output", file)
    assert code == 1 and "could be read" in err
    (tmp_path / "empty").mkdir()
    code, _, err = warm("predict", "scratch", tmp_path / "empty")
    assert code == 1 and "there are no photos in" in err
    code, _, err = warm("predict", "scratch", tmp_path / "nowhere")
    assert code == 1 and "does not exist" in err
    code, _, err = warm("predict", "scratch", mixed / "a.jpg", "--output", tmp_path / "no/such/folder.csv")
    assert code == 1 and "--output" in err


def test_an_unknown_recipe_names_those_that_have_finished(
    checkout: Checkout, package: Path, mixed: Path, warm: Warm
) -> None:
    code, _, err = warm("predict", "fine_tune", mixed)
    assert code == 1 and "fine_tune has not finished on critters; those that have finished are scratch" in err
    write_table(checkout, "critters", ["linear_probe", "scratch"])
    code, _, err = warm("predict", "best", mixed / "a.jpg")
    assert code == 0 and "best: scratch" in err


def test_what_there_is_not_is_said_with_the_near_name(
    checkout: Checkout, package: Path, mixed: Path, warm: Warm
) -> None:
    for words, said in (
        (["scrach"], "there is no recipe scrach; did you mean scratch?"),
        (["bes"], "did you mean best?"),
        (["best", "--name", "critter"], "there is no dataset critter; did you mean critters?"),
        (["best", "--name", "digits"], "no recipe has finished on digits yet; recipes have finished on critters"),
        (["best", "--name", "birds"], "there is no dataset birds; recipes have finished on critters"),
    ):
        code, out, err = warm("predict", words[0], mixed, *words[1:])
        assert code == 1 and not out and said in err and len(err.splitlines()) == 1


def test_where_nothing_has_finished_the_remedy_is_said(checkout: Checkout, mixed: Path, warm: Warm) -> None:
    code, _, err = warm("predict", "best", mixed)
    assert code == 1 and "no recipe has finished on critters yet" in err and "warmstart run" in err


def test_a_place_that_is_not_there_keeps_no_other_from_being_answered(
    package: Path, mixed: Path, warm: Warm, tmp_path: Path
) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere")
    code, out, err = warm(
        "predict", "scratch", tmp_path / "typo.jpg", tmp_path / "gone.jpg", mixed / "a.jpg", "--format", "csv"
    )
    rows = list(csv.DictReader(out.splitlines()))
    assert code == 0 and [bool(row["predicted"]) for row in rows] == [False, False, True]
    assert "typo.jpg: " in err and "gone.jpg: a link that leads nowhere" in err


def test_names_with_a_tilde_are_files_here(
    package: Path, warm: Warm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_photo(tmp_path / "~tmp1.jpg", 1)
    for name in ("~tmp1.jpg", "./~tmp1.jpg"):
        code, _, err = warm("predict", "scratch", name, "--output", "~out.csv")
        assert code == 0 and not err and len((tmp_path / "~out.csv").read_text().splitlines()) == 2


def test_the_stage_by_hand_is_the_same_code(package: Path, mixed: Path, warm: Warm, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = python("pipelines/predict.py", "recipe=scratch", f"model_dir={package}", f"image={mixed}", f"out_dir={out}")
    assert done.returncode == 0, done.stderr
    _, said, _ = warm("predict", "scratch", mixed, "--format", "csv")
    assert (out / "predictions.csv").read_text() == said
    assert "image is not set" in python("pipelines/predict.py", "recipe=scratch").stderr


def test_answers_are_sorted_and_shown_on_a_page_on_request(
    package: Path, mixed: Path, warm: Warm, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    words = ("predict", "scratch", mixed, "--format", "json", "--sort", "uncertainty", "--page", page)
    code, out, err = warm(*words)
    said = json.loads(out)
    sure = [one["probabilities"][one["predicted"]] for one in said[:-1]]
    assert code == 0 and len(sure) == 3 and sure == sorted(sure) and "error" in said[-1]
    assert page.read_text().count("<figure") == 3 and "broken.jpg" in page.read_text() and str(page) in err
