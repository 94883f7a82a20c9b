"""A training that is killed after any epoch ends as one that nobody disturbed: early stopping, loader processes, every
option file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability.equal import history, model_differences
from reliability.findings import note, share
from reliability.stand import RECIPES, Stand, tidy
from support import CHECKOUT

# Besides the option files: what changes how a training goes on from one epoch to the next.
KEYS = {
    "scratch": ["trainer.precision=bf16-mixed", "schedule.steps_per_epoch=5", "schedule.batch_size=5", "network.batch_norm=true",
                "network.dropout=0.5", "optimizer.weight_decay=0.01", "loss.ridge=0.1", "seed=11"],
    "features_augmented": ["trainer.precision=bf16-mixed", "head.dropout=0.5", "head.pool=flatten", "backbone.normalize=lesson"],
    "fine_tune": ["optimizer=sgd", "balance=class_weights"],
}  # fmt: skip
FULL_BATCH = {"lbfgs": "linear_probe"}  # which is slow where images pass through a network
GROUPS = ("optimizer", "balance", "augment", "schedule")


def options_of(group: str) -> list[str]:
    """Every option file of a group of conf/."""
    return sorted(path.stem for path in (CHECKOUT / "conf" / group).glob("*.yaml"))


def ends_differently(stand: Stand, place: Path, recipe: str, *options: str, after: int, whole: Path) -> list[str]:
    """What differs after a kill when so many epochs were done and the same training again."""
    images = stand.folded() if "FOLDS" in options else None
    options = tuple(option for option in options if option != "FOLDS")
    first = stand.train(place, recipe, *options, images=images, epochs=after)
    again = stand.train(place, recipe, *options, images=images)
    found = [] if first == -9 else [f"the kill after epoch {after} gave {first}"]
    found += [] if again == 0 else [f"exit status {again}: {stand.nursery.said().strip().splitlines()[-1:]}"]
    found += model_differences(place / "model", whole)
    if not found:
        tidy(place)
    return [f"{recipe} {' '.join(options)}, killed after epoch {after}: {text}" for text in found]


def never_ending(stand: Stand, place: Path, recipe: str, *options: str, whole: Path) -> list[str]:
    """What differs where every process of a training is killed after the epoch that it has added."""
    epochs = len(history(whole / "history.csv"))
    for _ in range(2 * epochs + 2):
        if (status := stand.train(place, recipe, *options, epochs=1)) == 0:
            break
    found = (
        model_differences(place / "model", whole)
        if status == 0
        else [f"still not ended after {2 * epochs + 2} processes"]
    )
    return [f"{recipe} {' '.join(options)}, killed after every epoch: {text}" for text in found]


def test_killed_after_an_epoch_with_patience_and_loader_processes(stand: Stand, tmp_path: Path) -> None:
    options = (
        "schedule.epochs=3",
        "schedule.patience=2",
        "optimizer.lr=2e-3",
        "trainer.workers=1",
        "schedule.batch_size=6",
    )
    assert stand.train(tmp_path / "whole", "scratch_augmented", *options) == 0
    assert not ends_differently(
        stand, tmp_path / "killed", "scratch_augmented", *options, after=2, whole=tmp_path / "whole/model"
    )


@pytest.mark.long
def test_a_kill_after_each_epoch_with_early_stopping(stand: Stand, tmp_path: Path) -> None:
    """7 recipes, patience 1 and 2: a kill after each epoch, and one after every epoch."""
    found, points, configurations, stopped = [], 0, 0, 0
    for recipe, patience in share([(recipe, patience) for recipe in RECIPES for patience in (1, 2)]):
        options = (
            "schedule.epochs=9",
            f"schedule.patience={patience}",
            *([] if recipe == "linear_probe" else ["optimizer.lr=2e-3"]),
        )
        whole = tmp_path / f"{recipe}_{patience}"
        assert stand.train(whole, recipe, *options) == 0, stand.nursery.said()
        epochs = len(history(whole / "model/history.csv"))
        for after in range(1, epochs + 1):
            found += ends_differently(
                stand, whole / f"after_{after}", recipe, *options, after=after, whole=whole / "model"
            )
        found += never_ending(stand, whole / "each", recipe, *options, whole=whole / "model")
        points, configurations, stopped = points + epochs, configurations + 1, stopped + (epochs < 9)
    note(
        "3 killed after each epoch, with early stopping",
        found,
        kill_points=points,
        configurations=configurations,
        stopped_early=stopped,
    )
    assert not found, found


@pytest.mark.long
def test_a_kill_with_loader_processes_and_every_option(stand: Stand, tmp_path: Path) -> None:
    """After the third of five epochs: 0, 1, 2 and 4 loader processes of 3 recipes, every option file, every recipe, and
    three folds.
    """
    workers = [
        (r, f"trainer.workers={n}")
        for r in ("scratch", "scratch_augmented", "features_augmented")
        for n in (0, 1, 2, 4)
    ]
    options = [(FULL_BATCH.get(name, "scratch"), f"{group}={name}") for group in GROUPS for name in options_of(group)]
    options += [(recipe, key) for recipe, keys in KEYS.items() for key in keys]
    options += [(name, "seed=7") for name in options_of("recipe")] + [
        ("scratch", "FOLDS"),
        ("features_augmented", "FOLDS"),
    ]
    found, tried = [], share(workers, 3) + share(options)
    for number, (recipe, option) in enumerate(tried):
        given = ["schedule.epochs=5", option]
        if option.startswith("schedule="):
            given += ["schedule.batch_size=8", "schedule.steps_per_epoch=4"]
        whole = tmp_path / f"whole_{number}"
        folds = stand.folded() if option == "FOLDS" else None
        assert stand.train(whole, recipe, *(word for word in given if word != "FOLDS"), images=folds) == 0, (
            stand.nursery.said()
        )
        found += ends_differently(stand, tmp_path / str(number), recipe, *given, after=3, whole=whole / "model")
        tidy(whole)
    note(
        "4 killed after the third epoch, loader processes and options",
        found,
        workers=len(share(workers, 3)),
        options=len(share(options)),
    )
    assert not found, found
