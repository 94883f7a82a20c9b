"""The best job of a sweep becomes a recipe that is trained like the job, or one line says why it cannot."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import _checked_parts
import _promotion
import _recipes
from support import CHECKOUT, compose_config
from warmstart.config.params import read_params
from warmstart.errors import UserError
from warmstart.records.sweep import SweepJob

SETTINGS = ("optimizer=adam", "optimizer.weight_decay=0.01", "network.dropout=0.5")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what a promotion reads and writes."""
    shutil.copytree(CHECKOUT / "conf", tmp_path / "conf")
    shutil.copy(CHECKOUT / "params.yaml", tmp_path)
    for module in (_promotion, _recipes):
        monkeypatch.setattr(module, "CHECKOUT", tmp_path)
    monkeypatch.setattr(_checked_parts, "CHECKED", tmp_path / ".parts")
    return tmp_path


@pytest.fixture
def sweep(checkout: Path) -> Callable[..., Path]:
    """Writes the folder of a sweep. jobs: overrides and validation accuracy, or why it failed."""

    def write(*jobs: tuple[tuple[str, ...], Any]) -> Path:
        folder = checkout / "artifacts/critters/sweeps/then"
        for number, (overrides, result) in enumerate(jobs):
            job = folder / str(number)
            (job / "model").mkdir(parents=True)
            failed = isinstance(result, str)
            SweepJob(number, list(overrides), None if failed else result, result if failed else None).write(
                job / "job.json"
            )
            if not failed:
                (job / "model/config.yaml").write_text(yaml.safe_dump(compose_config(*overrides)))
        return folder

    return write


def test_the_best_becomes_a_recipe_with_its_settings_and_a_line_in_params(checkout: Path, sweep: Any) -> None:
    folder = sweep(
        (("recipe=scratch", "seed=3", "optimizer=sgd"), 0.6),
        (("recipe=scratch", "seed=3", *SETTINGS, "trainer=cpu", "callbacks.pruning.startup_trials=2"), 0.875),
        (("recipe=scratch", "optimizer=x"), "no"),
    )
    config = folder / "1/model/config.yaml"  # as a search writes it
    callbacks = {"pruning": {"_target_": "warmstart.training.pruning.Pruning"}}
    content = yaml.safe_load(config.read_text())
    config.write_text(yaml.safe_dump({**content, "callbacks": {**content["callbacks"], **callbacks}}))
    before = read_params(checkout / "params.yaml")
    assert _promotion.promote(folder, "mine", None)[0] == "mine"
    text = (checkout / "conf/recipe/mine.yaml").read_text()
    assert "then" in text and "87.5 %" in text and "seed" not in text and "trainer" not in text
    after = read_params(checkout / "params.yaml")
    assert after.recipes == {**before.recipes, "mine": {"stage": "train", "from": "images"}}
    assert "# DVC's control panel" in (checkout / "params.yaml").read_text()
    composed = _recipes.compose_params(after, checkout)["mine"]
    assert composed["optimizer"] == {
        "_target_": "torch.optim.Adam",
        "lr": 1e-3,
        "eps": 1e-7,
        "weight_decay": 0.01,
    }
    assert composed["network"]["dropout"] == 0.5 and composed["recipe"]["family"] == "scratch"


def test_a_fine_tuned_recipe_keeps_what_it_starts_from(checkout: Path, sweep: Any) -> None:
    _promotion.promote(sweep((("recipe=fine_tune", "optimizer.lr=1e-5", "recipe.unfreeze=[bn2]"), 0.5)), None, None)
    assert yaml.safe_load((checkout / "conf/recipe/fine_tune_tuned.yaml").read_text())["recipe"]["unfreeze"] == ["bn2"]
    item = read_params(checkout / "params.yaml").recipes["fine_tune_tuned"]
    assert item == {"stage": "fine_tune", "from": "recipes/features_augmented/model"}


@pytest.mark.parametrize(
    ("jobs", "name", "recipe", "named"),
    [
        ([], None, None, ["sweeps"]),
        ([(("recipe=scratch",), "no")], None, None, ["none of its 1 jobs"]),
        ([(("recipe=scratch", "optimizer.lr=1e-2"), 0.5)], "features", None, ["features", "--name"]),
        ([(("recipe=scratch", "optimizer.lr=1e-2"), 0.5)], "a/b", None, ["--name", "a/b"]),
        ([(("recipe=scratch",), 0.5), (("recipe=features",), 0.6)], None, None, ["--recipe: features, scratch"]),
        ([(("recipe=scratch", "seed=1"), 0.5)], None, "scrach", ["did you mean scratch?"]),
        ([(("recipe=scratch", "data.size=64"), 0.5)], None, None, ["data.size=64", "set:"]),
        ([(("data=digits", "optimizer.lr=1e-2"), 0.5)], None, None, ["digits", "choose.py data=digits"]),
        ([(("recipe=scratch", "seed=1"), 0.5)], None, None, ["scratch as it stands"]),
        ([(("schedule=lesson", "recipe=scratch"), 0.5)], None, None, ["schedule=lesson", "params.yaml"]),
        ([(("debug=fast", "optimizer.lr=1e-2"), 0.5)], None, None, ["debug=fast"]),
    ],
)
def test_what_cannot_be_a_recipe_is_refused_in_a_line(
    checkout: Path, sweep: Any, jobs: list[Any], name: str | None, recipe: str | None, named: list[str]
) -> None:
    before = {path: path.read_bytes() for path in checkout.rglob("*.yaml") if "sweeps" not in path.parts}
    with pytest.raises(UserError) as raised:
        _promotion.promote(sweep(*jobs) if jobs else checkout / "none", name, recipe)
    assert all(word in str(raised.value) for word in named) and "\n" not in str(raised.value)
    assert before == {path: path.read_bytes() for path in checkout.rglob("*.yaml") if "sweeps" not in path.parts}


def test_a_recipe_that_would_be_trained_otherwise_is_refused(checkout: Path, sweep: Any) -> None:
    params = checkout / "params.yaml"
    params.write_text(params.read_text().replace("    epochs: null", "    epochs: 3"))
    with pytest.raises(UserError, match=r"schedule\.epochs"):
        _promotion.promote(sweep((("recipe=scratch", "optimizer.lr=1e-2"), 0.5)), "mine", None)
    assert not (checkout / "conf/recipe/mine.yaml").exists()


def test_a_schedule_that_params_yaml_has_chosen_too_is_none_of_the_recipe(checkout: Path, sweep: Any) -> None:
    params = checkout / "params.yaml"
    params.write_text(params.read_text().replace("schedule: null", "schedule: lesson"))
    folder = sweep((("data=critters", "recipe=scratch", "schedule=lesson", "schedule.epochs=2"), 0.5))
    _promotion.promote(folder, "mine", None)
    composed = _recipes.compose_params(read_params(checkout / "params.yaml"), checkout)["mine"]
    assert composed["schedule"]["steps_per_epoch"] == 100 and composed["schedule"]["epochs"] == 2
