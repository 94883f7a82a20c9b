"""The search for a learning rate: the steepest fall over the logarithm of the rate, of a copy, with nothing changed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from every_record import lr_search
from support import Configure, Folders, extract, training_parts, typed_config
from warmstart.errors import UserError
from warmstart.records.lr_find import LRSearch
from warmstart.training.lr_chart import draw_search
from warmstart.training.lr_curve import analyse, smooth
from warmstart.training.lr_finder import RisingRate, find_learning_rate

RATES = np.geomspace(1e-6, 1, 100)


def valley(noise: float = 0.01) -> np.ndarray:
    """A loss that falls by 0.5 around a rate of 1e-3 and explodes around 0.1."""
    x = np.log10(RATES)
    fall, rise = 1 / (1 + np.exp(-4 * (x + 3))), np.exp(np.minimum(4 * (x + 0.8), 20))
    loss: np.ndarray = 1 - 0.5 * fall + rise + np.random.default_rng(0).normal(0, noise, len(x))
    return loss


def test_the_steepest_fall_is_found_over_the_logarithm() -> None:
    curve = analyse(RATES, valley())
    assert curve.steepest is not None and curve.safe is not None
    assert np.log10(curve.steepest) == pytest.approx(-3, abs=0.25)
    assert curve.safe < curve.steepest < curve.lowest < 0.1
    against_rate = RATES[np.gradient(valley(0), RATES)[:80].argmin()]
    assert against_rate < curve.steepest / 2


def test_noise_and_a_rise_are_no_fall() -> None:
    rng = np.random.default_rng(1)
    for loss in (0.7 + rng.normal(0, 0.02, 100), 0.7 + np.linspace(0, 3, 100), np.full(100, 0.7)):
        curve = analyse(RATES, loss)
        assert curve.steepest is None and curve.safe is None


def test_a_straight_line_keeps_its_slope_to_the_ends() -> None:
    x = np.linspace(-6, 0, 50)
    values, slopes, errors = smooth(x, 2 - 0.25 * x, 0.5)
    assert values == pytest.approx(2 - 0.25 * x)
    assert slopes == pytest.approx(-0.25) and errors == pytest.approx(0, abs=1e-9)


def step(search: RisingRate, trainer: Any, loss: float) -> None:
    search.on_train_batch_start(trainer, None, None, 0)
    trainer.global_step += 1
    search.on_train_batch_end(trainer, None, {"loss": torch.tensor(loss)}, None, 0)


def test_rates_rise_with_each_groups_share_until_the_loss_explodes() -> None:
    groups = [{"lr": 9.0}, {"lr": 9.0, "lr_scale": 0.5}]
    trainer = SimpleNamespace(
        optimizers=[SimpleNamespace(param_groups=groups)], global_step=0, should_stop=False, accumulate_grad_batches=1
    )
    search = RisingRate(np.array([0.1, 0.2, 0.4]))
    step(search, trainer, 0.7)
    step(search, trainer, 0.5)
    assert [group["lr"] for group in groups] == [0.2, 0.1] and not trainer.should_stop
    step(search, trainer, float("nan"))
    assert trainer.should_stop and search.stopped and search.losses == pytest.approx([0.7, 0.5])


@pytest.fixture(scope="module")
def features(tiny: Folders, configure: Configure) -> Folders:
    if not tiny.features.exists():
        extract(configure("features"), tiny.images, tiny.features)
    return tiny


def search(folders: Folders, configure: Configure, recipe: str, *overrides: str) -> LRSearch:
    config = configure(recipe, "lr_find.steps=30", *overrides)
    return find_learning_rate(
        typed_config("lr_find", config),
        training_parts(config),
        images_dir=folders.images,
        features_dir=folders.features,
    )


@pytest.mark.parametrize("recipe", ["scratch_batchnorm", "features"])
def test_a_recipe_is_searched_and_nothing_is_written(
    features: Folders, configure: Configure, recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in features.root.rglob("*")}
    found = search(features, configure, recipe, "lr_find.high=0.1")
    assert {path: path.stat().st_mtime_ns for path in features.root.rglob("*")} == before
    assert not list(tmp_path.iterdir())
    assert len(found.rates) == len(found.losses) == len(found.slopes) <= 30
    assert found.rates[0] == pytest.approx(1e-6) and found.configured is not None
    assert found == search(features, configure, recipe, "lr_find.high=0.1")
    found.write(tmp_path / "lr_find.json")
    assert LRSearch.read(tmp_path / "lr_find.json") == found
    assert draw_search(found).width > 600


@pytest.mark.parametrize(
    ("recipe", "override", "message"),
    [
        ("linear_probe", "lr_find.steps=30", "optimizer: torch.optim.LBFGS finds the length of its steps itself"),
        ("scratch", "lr_find.low=2", "lr_find.low is 2 and lr_find.high is 1"),
        ("scratch", "lr_find.steps=3", "lr_find.steps"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_line(
    tiny: Folders, configure: Configure, recipe: str, override: str, message: str
) -> None:
    with pytest.raises(UserError, match=message) as error:
        search(tiny, configure, recipe, override)
    assert "\n" not in str(error.value)


def test_the_search_is_a_run_in_mlflow(tmp_path: Path) -> None:
    from warmstart.tracking.publish import publish_lr_search
    from warmstart.tracking.store import Experiment

    folder = tmp_path / "artifacts" / "critters" / "hand" / "scratch" / "2024" / "lr_find"
    folder.mkdir(parents=True)
    lr_search().write(folder / "lr_find.json")
    draw_search(lr_search()).save(folder / "lr_find.png")
    run_id = publish_lr_search(tmp_path, "critters", folder)
    assert publish_lr_search(tmp_path, "critters", folder) == run_id
    run = Experiment.open(tmp_path, "critters").client.get_run(run_id)
    assert run.data.metrics["lr_find/steepest"] == 1e-4 and run.data.metrics["lr_find/safe"] == 2e-5
    assert run.data.tags["kind"] == "lr_find-scratch"
    assert json.loads((folder / "lr_find.json").read_text())["recipe"] == "scratch"
