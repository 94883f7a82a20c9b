"""A training that is killed at random moments by KILL, TERM or INT, and given again until it ends, ends as one that
nobody disturbed.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from reliability.equal import history
from reliability.findings import chance, note, share
from reliability.killing import run_killed, run_whole, tracked_faults
from reliability.stand import RECIPES, Stand, tidy

EPOCHS = {"linear_probe": 8}  # others 25


def test_a_killed_training(stand: Stand, tmp_path: Path) -> None:
    options = ("schedule.epochs=12", "schedule.patience=2", "optimizer.lr=3e-3")
    whole = run_whole(stand, tmp_path / "whole", "scratch", *options)
    told = run_killed(stand, whole, tmp_path / "killed", "scratch", *options, kills=1, draws=chance("one"))
    assert not told.faults


@pytest.mark.long
@pytest.mark.parametrize("patience", [None, 1, 2])
def test_trainings_killed_at_random(stand: Stand, tmp_path: Path, patience: int | None) -> None:
    """Without early stopping 6 runs of 7 recipes, 28 of the 42 tracked by MLflow; with a patience of 1 and of 2, 3 runs
    of each.
    """
    faults, statuses, kills, tracked = [], Counter[str](), 0, 0
    store = tmp_path / "store"
    if patience is None:
        from warmstart.tracking.store import open_store

        open_store(store)
    tries = share([(recipe, number) for number in range(6 if patience is None else 3) for recipe in RECIPES], 2)
    wholes = {}
    for recipe, number in tries:
        options = [f"schedule.epochs={EPOCHS.get(recipe, 25)}"]
        options += [f"schedule.patience={patience}"] if patience else []
        if recipe not in wholes:
            wholes[recipe] = run_whole(stand, tmp_path / f"whole_{recipe}", recipe, *options)
        whole = wholes[recipe]
        place = tmp_path / f"{recipe}_{number}"
        track = patience is None and number % 3 > 0
        if track:
            shutil.copytree(store, place)
        more = ["tracking=mlflow"] if track else []
        told = run_killed(stand, whole, place, recipe, *options, *more, kills=4, draws=chance(recipe, number, patience))
        if track and (place / "model/history.csv").exists():
            told.faults += tracked_faults(place, len(history(place / "model/history.csv")))
        faults += told.faults
        statuses += told.statuses
        kills, tracked = kills + told.kills, tracked + track
        if not told.faults:
            tidy(place)
    note(
        f"1 killed at random, patience {patience}",
        faults,
        kills=kills,
        runs=len(tries),
        tracked=tracked,
        ended=dict(statuses),
    )
    assert not faults, faults
