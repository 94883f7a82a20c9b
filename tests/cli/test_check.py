"""``warmstart check`` tells what is in the photos and what training will take, and stops at nothing that it
can tell.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from _recipes import compose_recipes
from photos import save_photo
from support import CHECKOUT
from warmstart.cli import check
from warmstart.cli.checkout import Checkout
from warmstart.cli.costs import Costs, estimate_costs
from warmstart.cli.photo_check import PhotoCheck
from warmstart.cli.recipes import by_cost, on_features
from warmstart.cli.speed import Speed, load_note, measure_extraction, measure_speeds
from warmstart.config.stages import RecipeConfig, recipe_configs
from warmstart.files.plain import read_json

Warm = Callable[..., tuple[int, str, str]]


def composed(*words: str) -> dict[str, RecipeConfig]:
    """Recipe → its configuration."""
    return recipe_configs(compose_recipes(words, CHECKOUT)[1])


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


def test_a_split_that_leaks_is_told_with_what_to_do(
    checkout: Checkout, photos: Path, warm: Warm, tmp_path: Path
) -> None:
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
    own = composed("data=critters", "schedule=own", "recipes=[linear_probe,features,scratch,scratch_augmented]")
    recipes = by_cost(own)

    def costs(
        seconds: float,
        counts: tuple[int, int, int],
        folds: int = 1,
        configs: dict[str, RecipeConfig] = own,
        **schedule: Any,
    ) -> Costs:
        configs = recipe_configs(
            {name: {**c.plain, "schedule": {**c.plain["schedule"], **schedule}} for name, c in configs.items()}
        )
        speeds = {
            recipe.name: Speed(seconds * (1.4 if "augmented" in recipe.name else 1.0), seconds / 3)
            for recipe in recipes
            if not on_features(recipe)
        }
        return estimate_costs(recipes, configs, PhotoCheck([], [], counts, folds, 2.0), speeds, seconds / 3)

    base = costs(0.01, (600, 200, 200))
    assert list(base.recipes) == [recipe.name for recipe in recipes]
    assert base.first < base.recipes["scratch"] < base.recipes["scratch_augmented"] < base.total
    assert base.recipes["features"] < base.recipes["scratch"]
    assert costs(0.02, (600, 200, 200)).total > 1.5 * base.total
    assert costs(0.01, (600, 200, 200), 5).total > 3 * base.total
    seeded = composed("data=critters", "schedule=own", "seeds=5", f"recipes=[{','.join(own)}]")
    assert costs(0.01, (600, 200, 200), 1, seeded) == costs(0.01, (600, 200, 200), 5)
    assert costs(0.01, (60_000, 200, 200)).disk > base.disk + 59_000 * 96 * 96 * 3
    # The schedule as it was resolved, of each recipe.
    one = composed("data=critters", "schedule=own", "schedule.epochs=1", f"recipes=[{','.join(own)}]")
    smoke, two, few = (
        costs(0.01, (600, 200, 200), 1, one),
        costs(0.01, (600, 200, 200), epochs=2),
        costs(0.01, (600, 200, 200), steps_per_epoch=1),
    )
    for name in ("scratch", "scratch_augmented"):
        assert smoke.recipes[name] < two.recipes[name] < base.recipes[name] and few.recipes[name] < base.recipes[name]
    assert base.patience["scratch"] == 8 and not smoke.patience, "one epoch cannot stop early"


def test_the_speed_of_each_network_is_measured_once() -> None:
    configs = composed("data=critters", "data.size=48", "recipes=[linear_probe,scratch,scratch_augmented]")
    speeds = measure_speeds(configs, 2)
    assert set(speeds) == {"scratch", "scratch_augmented"}, "what is trained on features sees no image"
    assert all(speed.step > 0 and speed.forward > 0 for speed in speeds.values())
    assert measure_extraction(configs["linear_probe"], 2) > 0


@pytest.mark.parametrize(("load", "cores", "said"), [(9.0, 2, "load 9.0 on 2 cores"), (0.2, 2, ""), (3.0, 16, "")])
def test_a_busy_machine_is_said_so(monkeypatch: pytest.MonkeyPatch, load: float, cores: int, said: str) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert said in load_note() and bool(load_note()) == bool(said)
