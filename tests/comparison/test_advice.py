"""Which recipe is recommended: the cheapest of those that cannot be told apart from the best."""

from __future__ import annotations

from pathlib import Path

import pytest

from finished_recipes import write_images, write_recipe
from record_builders import start_checkpoint
from warmstart.comparison.advice import Action, Reason
from warmstart.comparison.compare import build_comparison

RECIPES = ["linear_probe", "scratch", "scratch_augmented", "fine_tune"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_images(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("wrong", "seconds", "recommended", "reason"),
    [
        (
            {"scratch": 12, "features": 1, "fine_tune": 0},
            {"features": 30.0, "fine_tune": 900.0},
            "features",
            Reason.CHEAPER,
        ),  # a tie: the cheaper
        (
            {"scratch": 12, "features": 9, "fine_tune": 0},
            {"features": 30.0, "fine_tune": 900.0},
            "fine_tune",
            Reason.NONE_AS_GOOD,
        ),  # clearly better
        (
            {"scratch": 1, "features": 1, "fine_tune": 0},
            {"scratch": 10.0, "features": 30.0},
            "scratch",
            Reason.CHEAPER,
        ),  # whatever its family
        (
            {"scratch": 0, "features": 0, "fine_tune": 12},
            {"scratch": 50.0, "features": 20.0},
            "features",
            Reason.CHEAPER,
        ),  # the best on validation is beaten
    ],
)
def test_the_cheapest_that_cannot_be_told_apart_from_the_best_is_recommended(
    root: Path, wrong: dict[str, int], seconds: dict[str, float], recommended: str, reason: Reason
) -> None:
    for recipe, number in wrong.items():
        family = "scratch" if recipe == "scratch" else "transfer"
        val = 0.95 if recipe == "fine_tune" else 0.9
        write_recipe(root, recipe, family, wrong=number, val=val, seconds=seconds.get(recipe, 75.0))
    comparison = build_comparison(root, list(wrong))
    verdict = comparison.verdict_record()
    assert (comparison.advice.recipe, comparison.advice.action) == (recommended, Action.USE)
    assert comparison.advice.reason is reason
    assert verdict.recommended == recommended and f"use {recommended}" in verdict.advice


def test_what_a_recipe_costs_includes_the_one_it_starts_from(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=1, seconds=50.0)
    write_recipe(root, "features_augmented", "transfer", wrong=8, seconds=45.0)
    write_recipe(root, "fine_tune", "transfer", wrong=0, val=0.95, seconds=20.0, starts_from=start_checkpoint())
    advice = build_comparison(root, ["scratch", "features_augmented", "fine_tune"]).advice
    assert (advice.recipe, advice.seconds, advice.best, advice.best_seconds) == ("scratch", 50.0, "fine_tune", 65.0)
    assert advice.paired is not None and advice.paired.difference.value == pytest.approx(0.025)


def test_of_recipes_no_better_than_guessing_none_is_recommended_without_a_warning(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=19)
    write_recipe(root, "fine_tune", "transfer", wrong=18)
    assert build_comparison(root, ["scratch", "fine_tune"]).advice.action is Action.COLLECT_PHOTOS
    assert build_comparison(root, RECIPES).advice.action is Action.TRAIN_OTHERS


def test_a_recipe_that_may_be_guessing_is_not_recommended_for_its_price(root: Path) -> None:
    """On few images it cannot be told apart from the best; but the best is better than guessing, and it is not."""
    write_recipe(root, "scratch", "scratch", wrong=17, seconds=1.0)
    write_recipe(root, "fine_tune", "transfer", wrong=12, val=0.95)
    comparison = build_comparison(root, ["scratch", "fine_tune"])
    assert not comparison.pairs["fine_tune"].beyond_noise and comparison.advice.recipe == "fine_tune"


def test_advice_says_where_recipes_are_still_to_come(root: Path) -> None:
    write_recipe(root, "linear_probe", "transfer", wrong=3)
    alone = build_comparison(root, RECIPES).advice
    assert (alone.recipe, alone.reason, alone.complete) == ("linear_probe", Reason.SINGLE_RECIPE, False)
    write_recipe(root, "scratch", "scratch", wrong=15)
    assert not build_comparison(root, RECIPES).advice.complete
    assert build_comparison(root, ["linear_probe", "scratch"]).advice.complete
