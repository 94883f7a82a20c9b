"""The same seed gives the same bits, however the work is spread; another seed gives others."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability.equal import model_differences, tensor_differences
from reliability.findings import note, share
from reliability.stand import RECIPES, Stand

WAYS = {"one thread": ("", 1), "two threads": ("", 2), "bf16": ("trainer.precision=bf16-mixed", 1)}
ON_IMAGES = [recipe for recipe in RECIPES if recipe not in ("linear_probe", "features")]


def train(stand: Stand, place: Path, recipe: str, *options: str, threads: int = 1) -> Path:
    given = ["schedule.epochs=2", *filter(None, options)]
    assert stand.train(place, recipe, *given, threads=threads) == 0, stand.nursery.said()
    return place / "model"


def test_the_same_seed_and_loader_processes_give_the_same_bits(stand: Stand, tmp_path: Path) -> None:
    first = train(stand, tmp_path / "first", "scratch_augmented")
    assert not model_differences(train(stand, tmp_path / "workers", "scratch_augmented", "trainer.workers=2"), first)
    other = train(stand, tmp_path / "other", "scratch_augmented", "seed=8")
    assert tensor_differences(other / "model.ckpt", first / "model.ckpt")


@pytest.mark.long
def test_seeds_of_all_recipes(stand: Stand, tmp_path: Path) -> None:
    """7 recipes × 3 ways, twice each; 1 and 2 loader processes as none; another seed."""
    found, twice, workers, others = [], 0, 0, 0
    for recipe in share(list(RECIPES)):
        for way, (option, threads) in WAYS.items():
            first, again = (
                train(stand, tmp_path / f"{recipe}_{way}_{n}", recipe, option, threads=threads) for n in (1, 2)
            )
            found += [f"{recipe}, {way}: {text}" for text in model_differences(again, first)]
            twice += 1
        whole = tmp_path / f"{recipe}_one thread_1/model"
        for number in (1, 2) if recipe in ON_IMAGES else ():
            other = train(stand, tmp_path / f"{recipe}_workers_{number}", recipe, f"trainer.workers={number}")
            found += [f"{recipe}, {number} loader processes: {text}" for text in model_differences(other, whole)]
            workers += 1
        other = train(stand, tmp_path / f"{recipe}_seed", recipe, "seed=8")
        if not tensor_differences(other / "model.ckpt", whole / "model.ckpt"):
            found.append(f"{recipe}: another seed gives the same weights")
        others += 1
    note("13 the same seed twice", found, pairs=twice, with_loader_processes=workers, other_seeds=others)
    assert not found, found
