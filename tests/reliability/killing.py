"""Commands that are killed at random moments and given again."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reliability.equal import model_differences
from reliability.stand import Stand

SIGNALS = ("KILL", "TERM", "INT")
TRUE = {"KILL": (-9,), "TERM": (-15, 143), "INT": (-2, 130)}  # exit statuses that say what has happened


@dataclass
class Whole:
    """An uninterrupted run. first, seconds: when its first epoch was done, and it itself, from its start on."""

    folder: Path
    first: float
    seconds: float


@dataclass
class Killed:
    """What became of a run. kills: how many; failures: attempts that nobody killed and that failed; statuses: exit
    statuses by signal.
    """

    kills: int = 0
    failures: int = 0
    faults: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


def run_whole(stand: Stand, place: Path, recipe: str, *options: str) -> Whole:
    """Train without a disturbance."""
    job = stand.nursery.start(**stand.command(place, recipe, *options))
    status = job.wait()
    seconds = time.monotonic() - job.started
    assert status == 0, stand.nursery.said()
    return Whole(place / "model", 0.5 * seconds, seconds)


def run_killed(
    stand: Stand, whole: Whole, place: Path, recipe: str, *options: str, kills: int, draws: random.Random
) -> Killed:
    """Train, killed so often at random moments, until it ends; then compare."""
    told = Killed()
    command = stand.command(place, recipe, *options)
    while told.failures < 2:
        job = stand.nursery.start(**command)
        if told.kills < kills:
            name = draws.choice(SIGNALS)
            status = job.end_after(draws.uniform(0.1, 0.95) * whole.seconds * (1 if told.kills == 0 else 0.8), name)
            if status != 0 or not (place / "model/run.json").exists():
                told.kills += 1
                told.statuses[f"{name} {status}"] += 1
                if status not in TRUE[name]:
                    told.faults.append(f"{recipe}: {name} ended with exit status {status}")
                continue
        else:
            status = job.wait()
        if status == 0:
            told.faults += [
                f"{recipe} {' '.join(options)}: {text}" for text in model_differences(place / "model", whole.folder)
            ]
            return told
        told.failures += 1
    told.faults.append(f"{recipe}: never got over: {stand.nursery.said().strip().splitlines()[-1:]}")
    return told


def tracked_faults(place: Path, epochs: int) -> list[str]:
    """What MLflow has wrong of the one run in the store of ``place``: its status, and every epoch logged once."""
    from warmstart.tracking.store import open_store

    client = open_store(place)
    runs: list[Any] = client.search_runs([item.experiment_id for item in client.search_experiments()])
    if len(runs) != 1 or runs[0].info.status != "FINISHED":
        return [f"{place.name}: MLflow has the runs {[run.info.status for run in runs]}"]
    steps = sorted(item.step for item in client.get_metric_history(runs[0].info.run_id, "val/loss"))
    return [] if steps == list(range(1, epochs + 1)) else [f"{place.name}: MLflow has the steps {steps} of {epochs}"]
