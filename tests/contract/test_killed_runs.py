"""Real trainings that are interrupted or ended: the status of the process, of the runs in MLflow, and how the same
command goes on.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from repro_checkout import Checkout
from signalled import NUMBERS, Ended, python_hit
from support import CHECKOUT, TINY, Folders

ENDLESS = "schedule.epochs=100000"


@pytest.fixture
def checkout(tiny: Folders, tmp_path: Path) -> Path:
    for name in ("conf", "pipelines", "src"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(tiny.root, tmp_path / "artifacts/critters", ignore=shutil.ignore_patterns("recipes", ".resume"))
    return tmp_path


def hit(checkout: Path, numbers: Sequence[int], at: str, *words: str, **options: Any) -> Ended:
    ended = python_hit([str(checkout / "pipelines/train.py"), *words, *TINY], numbers, at=at, cwd=checkout, **options)
    assert ended.status == 128 + numbers[0], ended.said
    assert (
        "the same command goes on" in ended.said and "Traceback" not in ended.said and "Received" not in ended.said
    ), ended.said
    return ended


def statuses(checkout: Path) -> list[tuple[str, str]]:
    """Of every run its name and status, by start."""
    from warmstart.tracking.store import get_experiment_id, open_store

    client = open_store(checkout)
    runs = client.search_runs([get_experiment_id(client, "critters")], order_by=["attributes.start_time ASC"])
    return [(run.info.run_name.split()[0], run.info.status) for run in runs]


def test_a_sweep_that_is_ended_in_its_second_training(checkout: Path) -> None:
    ended = hit(checkout, [signal.SIGTERM], "epoch 2/", "-m", "recipe=scratch", "schedule.epochs=1,100000,2")
    assert statuses(checkout) == [("sweep", "KILLED"), ("scratch", "FINISHED"), ("scratch", "KILLED")]
    assert "job 1" in ended.said and "job 2" not in ended.said and "1 jobs finished" in ended.said


@pytest.mark.long
def test_a_training_by_hand_that_is_interrupted_twice_goes_on(checkout: Path) -> None:
    words = ("recipe=scratch", ENDLESS, "tracking=none", "trainer.workers=1")
    hit(checkout, [signal.SIGINT, signal.SIGINT], "epoch 2/", *words)
    assert not [path for path in (checkout / "artifacts/critters/hand").rglob("*") if path.is_file()]
    assert "going on from" in hit(checkout, [signal.SIGINT], "epoch 3/", *words).said


@pytest.mark.long
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("at", ["training scratch", "epoch 1/", "epoch 9/"])
@pytest.mark.parametrize("recipe", ["scratch_batchnorm", "features_augmented"])
def test_a_training_by_hand_at_any_moment(checkout: Path, recipe: str, at: str, number: int) -> None:
    hit(checkout, [number], at, f"recipe={recipe}", ENDLESS, after=0.1)
    assert statuses(checkout) == [(recipe, "KILLED")]


@pytest.mark.long
@pytest.mark.parametrize(("at", "after"), [("$ dvc repro", 0.0), ("$ dvc repro", 5.0), ("epochs", 1.0)])
@pytest.mark.parametrize("number", NUMBERS)
def test_warmstart_run_at_any_moment(tmp_path: Path, number: int, at: str, after: float) -> None:
    checkout = Checkout(tmp_path)
    settings = [word for key in ("train=48", "val=16", "test=16") for word in ("--set", f"data.{key}")]
    words = [
        "-m",
        "warmstart",
        "run",
        "critters",
        "--quick",
        "--only",
        "scratch",
        "--size",
        "48",
        *settings,
        "--set",
        ENDLESS,
    ]
    environment = {**checkout.environment, "PYTHONPATH": str(checkout.root / "src"), "PYTHONUNBUFFERED": "1"}
    ended = python_hit(words, [number], at=at, after=after, cwd=checkout.root, environment=environment)
    assert (
        ended.status == 128 + number and "the same command goes on" in ended.said and "Traceback" not in ended.said
    ), ended.said
