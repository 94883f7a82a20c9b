"""Which recipe is recommended: the cheapest of those that cannot be told apart from the best."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finished_recipes import write, write_images, write_recipe
from warmstart.comparison.compare import gather

RECIPES = ["linear_probe", "scratch", "scratch_augmented", "fine_tune"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_images(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("wrong", "seconds", "recommended"),
    [
        (
            {"scratch": 12, "features": 1, "fine_tune": 0},
            {"features": 30.0, "fine_tune": 900.0},
            "features",
        ),  # a tie: the cheaper
        (
            {"scratch": 12, "features": 9, "fine_tune": 0},
            {"features": 30.0, "fine_tune": 900.0},
            "fine_tune",
        ),  # clearly better
        (
            {"scratch": 1, "features": 1, "fine_tune": 0},
            {"scratch": 10.0, "features": 30.0},
            "scratch",
        ),  # whatever its family
        (
            {"scratch": 0, "features": 0, "fine_tune": 12},
            {"scratch": 50.0, "features": 20.0},
            "features",
        ),  # the best on validation is beaten
    ],
)
def test_the_cheapest_that_cannot_be_told_apart_from_the_best_is_recommended(
    root: Path, wrong: dict[str, int], seconds: dict[str, float], recommended: str
) -> None:
    for recipe, number in wrong.items():
        family = "scratch" if recipe == "scratch" else "transfer"
        val = 0.95 if recipe == "fine_tune" else 0.9
        write_recipe(root, recipe, family, wrong=number, val=val, seconds=seconds.get(recipe, 75.0))
    verdict = gather(root, list(wrong)).to_dict()["verdict"]
    assert verdict["recommended"] == recommended and f"use {recommended}" in verdict["advice"]


def test_what_a_recipe_costs_includes_the_one_it_starts_from(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=1, seconds=50.0)
    write_recipe(root, "features_augmented", "transfer", wrong=8, seconds=45.0)
    folder = write_recipe(root, "fine_tune", "transfer", wrong=0, val=0.95, seconds=20.0)
    summary = json.loads((folder / "model" / "summary.json").read_text())
    write(folder / "model" / "summary.json", {**summary, "starts_from": {"recipe": "features_augmented"}})
    advice = gather(root, ["scratch", "features_augmented", "fine_tune"]).advice
    assert (
        advice.recipe == "scratch"
        and "65 s to train instead of 50 s" in advice.sentence
        and "2.5 points better" in advice.sentence
    )


def test_of_recipes_no_better_than_guessing_none_is_recommended_without_a_warning(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=19)
    write_recipe(root, "fine_tune", "transfer", wrong=18)
    assert "collect more photos" in gather(root, ["scratch", "fine_tune"]).advice.sentence
    assert "train the other recipes" in gather(root, RECIPES).advice.sentence


def test_a_recipe_that_may_be_guessing_is_not_recommended_for_its_price(root: Path) -> None:
    """On few images it cannot be told apart from the best; but the best is better than guessing, and it is not."""
    write_recipe(root, "scratch", "scratch", wrong=17, seconds=1.0)
    write_recipe(root, "fine_tune", "transfer", wrong=12, val=0.95)
    comparison = gather(root, ["scratch", "fine_tune"])
    assert not comparison.pairs["fine_tune"].beyond_noise and comparison.advice.recipe == "fine_tune"


def test_advice_says_where_recipes_are_still_to_come(root: Path) -> None:
    write_recipe(root, "linear_probe", "transfer", wrong=3)
    assert "use linear_probe" in (alone := gather(root, RECIPES).advice.sentence) and "has finished" in alone
    write_recipe(root, "scratch", "scratch", wrong=15)
    assert (
        "not finished" in gather(root, RECIPES).advice.sentence
        and "finished" not in gather(root, ["linear_probe", "scratch"]).advice.sentence
    )
