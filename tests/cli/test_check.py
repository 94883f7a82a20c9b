"""``warmstart check`` tells what is in the photos and what training will take, and stops at nothing that it can tell."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from _preview import preview
from photos import save_photo
from warmstart.cli import check
from warmstart.cli.checkout import Checkout
from warmstart.cli.cost import Costs, expected
from warmstart.cli.look import Looked
from warmstart.cli.option import choose_option
from warmstart.cli.recipes import by_cost, usual_recipes
from warmstart.cli.settings import Settings
from warmstart.cli.source import find_source
from warmstart.cli.speed import Speed, busy, measure_extraction, measure_speeds
from warmstart.files import read_json

Warm = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network timed."""
    monkeypatch.setattr(check, "measure_speeds", lambda configs, classes: dict.fromkeys(configs, Speed(0.01, 0.003)))
    monkeypatch.setattr(check, "measure_extraction", lambda config, classes: 0.003)


def test_photos_are_counted_judged_and_given_a_time(checkout: Checkout, photos: Path, warm: Warm) -> None:
    before = set(checkout.root.rglob("*"))
    (photos / "cat/broken.jpg").write_bytes(b"x")
    shutil.copy(photos / "cat/0.jpg", photos / "cat/copy.jpg")
    code, out, _ = warm("check", photos, "--size", 48, "--set", "schedule=quick")
    assert code == 0
    assert "22 photos in 2 classes: cat 10 and dog 10" in out
    assert "ready to be trained on: 12 photos for training, 4 for validation and 4 for testing" in out
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
    assert code == 0 and "7 photos for training" in out


def test_what_is_no_set_of_photos_is_an_error(checkout: Checkout, warm: Warm, tmp_path: Path) -> None:
    save_photo(tmp_path / "one/cat/0.jpg", 0)
    code, _, err = warm("check", tmp_path / "one", "--size", 48)
    assert code == 1 and err.count("error:") == 1 and "2 to 1000" in err.replace(",", "")
    assert not (checkout.dataset("one") / "check").exists()


def test_data_that_are_drawn_or_embedded_are_checked_too(checkout: Checkout, warm: Warm) -> None:
    settings = [f"data.{split}=8" for split in ("train", "val", "test")]
    code, out, _ = warm("check", "critters", "--size", 48, "--set", *settings)
    assert code == 0 and "8 photos for training" in out


def test_more_work_takes_longer(checkout: Checkout) -> None:
    option = choose_option(checkout, find_source("critters", checkout), None, Settings())
    recipes = by_cost(checkout, usual_recipes(checkout, option))

    def costs(speed: float, counts: tuple[int, int, int], folds: int = 1, *overrides: str) -> Costs:
        configs = preview(["data=critters", *overrides])
        speeds = {recipe.name: Speed(speed * (1.4 if recipe.augmented else 1.0), speed / 3) for recipe in recipes if not recipe.on_features}
        return expected(recipes, configs, Looked([], [], counts, folds, 2.0), speeds, speed / 3)

    base = costs(0.01, (600, 200, 200), 1, "schedule=own")
    assert list(base.recipes) == [recipe.name for recipe in recipes]
    assert base.first < min(base.recipes["scratch"], base.recipes["fine_tune"]) < base.total
    assert base.recipes["scratch"] < base.recipes["scratch_augmented"] and base.recipes["features"] < base.recipes["scratch"]
    assert costs(0.02, (600, 200, 200), 1, "schedule=own").total > 1.5 * base.total
    assert costs(0.01, (600, 200, 200), 5, "schedule=own").total > 3 * base.total
    assert costs(0.01, (60_000, 200, 200), 1, "schedule=own").disk > base.disk + 59_000 * 96 * 96 * 3
    # The whole schedule counts, of each recipe.
    assert costs(0.01, (600, 200, 200), 1, "schedule=quick").total < base.total
    one = costs(0.01, (600, 200, 200), 1, "schedule=own", "schedule.epochs=1")
    assert all(one.recipes[name] < base.recipes[name] for name in ("scratch", "scratch_augmented", "features_augmented", "fine_tune"))
    assert one.recipes["scratch"] - costs(0.01, (600, 200, 200), 1, "schedule=own", "schedule.epochs=2").recipes["scratch"] < 0
    steps = costs(0.01, (600, 200, 200), 1, "schedule=own", "schedule.steps_per_epoch=1", "schedule.batch_size=16")
    assert steps.recipes["scratch"] < base.recipes["scratch"]
    assert base.patience["fine_tune"] == 8 and not costs(0.01, (600, 200, 200), 1, "schedule=quick").patience


def test_the_speed_of_each_network_is_measured_once() -> None:
    configs = preview(["data=critters", "data.size=48", "recipes=[linear_probe,scratch,scratch_augmented]"])
    speeds = measure_speeds(configs, 2, seconds=0.02)
    assert set(speeds) == {"scratch", "scratch_augmented"}, "what is trained on features sees no image"
    assert all(speed.step > 0 and speed.forward > 0 for speed in speeds.values())
    assert measure_extraction(configs["linear_probe"], 2, seconds=0.02) > 0


@pytest.mark.parametrize(("load", "cores", "said"), [(9.0, 2, "load 9.0 on 2 cores"), (0.2, 2, ""), (3.0, 16, "")])
def test_a_busy_machine_is_said_so(monkeypatch: pytest.MonkeyPatch, load: float, cores: int, said: str) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert said in busy() and bool(busy()) == bool(said)
