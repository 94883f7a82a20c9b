"""What an earlier run has set is said in the first line, and can be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from warmstart.cli import check
from warmstart.cli.checkout import Checkout
from warmstart.errors import UserError

Warm = Callable[..., tuple[int, str, str]]


def first_line(text: str) -> str:
    return text.splitlines()[0]


@pytest.fixture
def smoked(checkout: Checkout, photos: Path, commands: list[str], warm: Warm) -> Path:
    """Photos that a smoke run was made with."""
    out = warm("run", photos, "--quick", "--folds", 5, "--set", "schedule.epochs=1", "schedule=quick")[1]
    assert "remembered in" not in out, "what is said now is not remembered"
    return photos


@pytest.mark.parametrize("words", [["run", "--quick"], ["run", "--dry-run"], ["check"]])
def test_what_is_remembered_is_the_first_line(
    smoked: Path, warm: Warm, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(data: Any, folder: Path) -> None:
        raise UserError("not now")

    monkeypatch.setattr(check, "check_photos", refuse)
    line = first_line(warm(words[0], smoked, *words[1:])[1])
    assert line.startswith("remembered in conf/data/") and line.endswith("; --fresh forgets them")
    assert {"schedule=quick", "folds=5", "schedule.epochs=1"} == set(line.split(": ")[1].split(";")[0].split(", "))


def test_what_is_said_anew_is_not_remembered(smoked: Path, warm: Warm) -> None:
    line = first_line(warm("run", smoked, "--dry-run", "--folds", 4, "--set", "schedule=own")[1])
    assert "schedule.epochs=1; --fresh forgets it" in line and "folds" not in line and "schedule=" not in line


def test_fresh_forgets_them_and_only_them(checkout: Checkout, smoked: Path, warm: Warm) -> None:
    place = checkout.option("my_photos")
    before = place.read_bytes()
    code, out, _ = warm("run", smoked, "--dry-run", "--fresh", "--size", 64)
    assert (
        code == 0
        and "remembered in" not in out
        and "size: 64" in out
        and "epochs" not in out
        and place.read_bytes() == before
    )
    for word in (smoked, "my_photos"):  # by the folder, and by the option's name
        place.write_bytes(before)
        code, out, _ = warm("run", word, "--quick", "--fresh")
        assert code == 0 and "remembered in" not in out
        content = yaml.safe_load(place.read_text())
        assert content == {"defaults": ["image_folder", "_self_"], "data": {"name": "my_photos", "folder": str(smoked)}}


def test_an_archive_stays_one_that_is_read_whole(
    checkout: Checkout, commands: list[str], warm: Warm, tmp_path: Path
) -> None:
    (tmp_path / "animals.zip").write_bytes(b"")
    warm("run", "animals.zip", "--quick", "--size", 64)
    assert (
        first_line(warm("run", "animals.zip", "--dry-run")[1])
        == "remembered in conf/data/animals.yaml: size=64; --fresh forgets it"
    )
    for word in ("animals.zip", "animals"):
        warm("run", word, "--quick", "--fresh")
        content = yaml.safe_load(checkout.option("animals").read_text())
        data = content["data"]
        assert data["archive"] == str(tmp_path / "animals.zip") and data["train"] is None and "size" not in data
        assert {"override /schedule": "own"} in content["defaults"]


def test_a_file_written_by_hand_stays(checkout: Checkout, photos: Path, commands: list[str], warm: Warm) -> None:
    text = f"# @package _global_\ndefaults: [image_folder, _self_]\ndata: {{name: my_photos, folder: '{photos}', size: 64}}\n"
    checkout.option("my_photos").write_text(text)
    code, out, _ = warm("run", photos, "--quick", "--fresh")
    assert code == 0 and "remembered in" not in out and checkout.option("my_photos").read_text() == text


def test_comments_and_order_of_a_kept_file_stay_where_nothing_changes(
    checkout: Checkout, smoked: Path, warm: Warm
) -> None:
    place = checkout.option("my_photos")
    place.write_text(place.read_text() + "# mine\n")
    warm("run", smoked, "--quick")
    assert place.read_text().endswith("# mine\n")


def test_a_recipe_that_is_added_is_explained(photos: Path, commands: list[str], warm: Warm) -> None:
    out = warm("run", photos, "--dry-run", "--only", "linear_probe,fine_tune")[1]
    assert "features_augmented is run too, because fine_tune starts from it" in out
    assert "is run too" not in warm("run", photos, "--dry-run", "--only", "features_augmented,fine_tune")[1]
    assert "is run too" not in warm("run", photos, "--dry-run")[1]
