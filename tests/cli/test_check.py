"""``warmstart check`` tells what is in the photos and what training will take, and stops at nothing that it can tell."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photos import save_photo
from support import compose_config
from warmstart.cli import check
from warmstart.cli.checkout import Checkout
from warmstart.cli.cost import expected, measure_speed
from warmstart.cli.look import Looked
from warmstart.cli.option import choose_option
from warmstart.cli.recipes import by_cost, usual_recipes
from warmstart.cli.settings import Settings
from warmstart.cli.source import find_source
from warmstart.files import read_json

Warm = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration composed in this process, and no network timed."""
    monkeypatch.setattr(check, "resolve", lambda checkout, overrides: compose_config(*overrides))
    monkeypatch.setattr(check, "measure_speed", lambda data: 100.0)


def test_photos_are_counted_judged_and_given_a_time(checkout: Checkout, photos: Path, warm: Warm) -> None:
    before = set(checkout.root.rglob("*"))
    (photos / "cat/broken.jpg").write_bytes(b"x")
    shutil.copy(photos / "cat/0.jpg", photos / "cat/copy.jpg")
    code, out, _ = warm("check", photos, "--size", 48, "--set", "schedule=quick")
    assert code == 0
    assert "22 photos in 2 classes: cat 10 and dog 10" in out
    assert "ready to be trained on: 12 to train on, 4 to choose by, 4 to test on" in out
    assert "to the quick answer" in out and "fine_tune" in out and "are free" in out
    assert f"next: warmstart run '{photos}' --size 48 --set schedule=quick" in out
    folder = checkout.dataset("my_photos") / "check"
    assert (folder / "audit/index.html").exists() and "check/audit/index.html" in out
    assert len(read_json(folder / "scan/scan.json")["exact"]) == 1
    written = set(checkout.root.rglob("*")) - before - {checkout.root / "artifacts", folder.parent, folder}
    assert written and all(path.is_relative_to(folder) for path in written)
    assert not list(folder.rglob("*.npy"))


def test_a_class_that_is_too_small_is_told_with_all_the_rest(checkout: Checkout, photos: Path, warm: Warm) -> None:
    save_photo(photos / "owl/0.jpg", 7777)
    code, out, _ = warm("check", photos, "--size", 48)
    assert code == 1 and "not ready to be trained on:" in out and "'owl'" in out
    assert "owl 1" in out and (checkout.dataset("my_photos") / "check/audit/index.html").exists()


def test_a_split_that_leaks_is_told_with_what_to_do(checkout: Checkout, photos: Path, warm: Warm, tmp_path: Path) -> None:
    root = tmp_path / "ready"
    for seed, part in ((100, "train"), (200, "val"), (300, "test")):
        for label, name in enumerate(("cat", "dog")):
            for index in range(4):
                save_photo(root / part / name / f"{index}.jpg", seed + 10 * label + index)
    shutil.copy(root / "train/cat/0.jpg", root / "test/cat/leak.jpg")
    code, out, _ = warm("check", root, "--size", 48)
    assert code == 1 and "train/cat/0.jpg and test/cat/leak.jpg" in out and "--set data.on_leak=drop" in out
    code, out, _ = warm("check", root, "--size", 48, "--set", "data.on_leak=drop")
    assert code == 0 and "7 to train on" in out


def test_what_is_no_set_of_photos_is_an_error(checkout: Checkout, warm: Warm, tmp_path: Path) -> None:
    save_photo(tmp_path / "one/cat/0.jpg", 0)
    code, _, err = warm("check", tmp_path / "one", "--size", 48)
    assert code == 1 and err.count("error:") == 1 and "2 to 1000" in err.replace(",", "")
    assert not (checkout.dataset("one") / "check").exists()


def test_data_that_are_drawn_or_embedded_are_checked_too(checkout: Checkout, warm: Warm) -> None:
    settings = [f"data.{split}=8" for split in ("train", "val", "test")]
    code, out, _ = warm("check", "critters", "--size", 48, "--set", *settings)
    assert code == 0 and "8 to train on" in out


def test_more_work_takes_longer(checkout: Checkout) -> None:
    option = choose_option(checkout, find_source("critters", checkout), None, Settings())
    recipes = by_cost(checkout, usual_recipes(checkout, option))

    def costs(speed: float, counts: tuple[int, int, int], folds: int = 1, *overrides: str) -> Any:
        return expected(recipes, compose_config("data=critters", "schedule=own", *overrides), Looked([], [], counts, folds, 2.0), speed)

    base = costs(100, (600, 200, 200))
    assert list(base.recipes) == [recipe.name for recipe in recipes]
    assert base.first < min(base.recipes["scratch"], base.recipes["fine_tune"]) < base.total
    assert base.recipes["scratch"] < base.recipes["scratch_augmented"] and base.recipes["features"] < base.recipes["scratch"]
    assert costs(50, (600, 200, 200)).total > 1.5 * base.total
    assert costs(100, (600, 200, 200), 5).total > 3 * base.total
    assert costs(100, (600, 200, 200), 1, "schedule=quick").total < base.total
    assert costs(100, (60_000, 200, 200)).disk > base.disk + 59_000 * 96 * 96 * 3


def test_the_speed_of_this_machine_is_measured() -> None:
    assert measure_speed({"size": 48, "channels": 3}, seconds=0.05) > 0
