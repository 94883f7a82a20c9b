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
    assert (advice.recipe, advice.best) == ("scratch", "fine_tune")
    assert advice.cost is not None and advice.best_cost is not None
    assert (advice.cost.seconds, advice.best_cost.seconds, advice.best_cost.images_seen) == (50.0, 65.0, 240)
    assert advice.paired is not None and advice.paired.difference.value == pytest.approx(0.025)


def test_what_may_be_chance_after_the_correction_is_not_clearly_worse(root: Path) -> None:
    """features is told apart from fine_tune by a test of their own, but not as one pair of ten."""
    for name, wrong in {"scratch": 20, "scratch_augmented": 19, "features": 6, "fine_tune": 0, "best": 1}.items():
        family = "scratch" if name.startswith("scratch") else "transfer"
        write_recipe(root, name, family, wrong=wrong, val=1 - wrong / 40, seconds={"features": 5.0}.get(name, 75.0))
    comparison = build_comparison(root, ["scratch", "scratch_augmented", "features", "fine_tune", "best"])
    assert comparison.pairwise.between("fine_tune", "features").paired.beyond_noise
    assert comparison.advice.recipe == "features" and "10 comparisons" in comparison.verdict_record().advice


def test_what_the_verdict_found_worse_is_not_recommended_for_its_price(root: Path) -> None:
    """The verdict's own test is not corrected, so the advice follows it where the corrected one is not sure."""
    for name, wrong in {"scratch": 6, "scratch_augmented": 20, "fine_tune": 0, "best": 1}.items():
        family = "scratch" if name.startswith("scratch") else "transfer"
        write_recipe(root, name, family, wrong=wrong, val=1 - wrong / 40, seconds={"scratch": 5.0}.get(name, 75.0))
    comparison = build_comparison(root, ["scratch", "scratch_augmented", "fine_tune", "best"])
    assert comparison.verdict.named == ("fine_tune", "scratch") and comparison.verdict.paired is not None
    assert comparison.verdict.paired.beyond_noise and not comparison.pairwise.between("fine_tune", "scratch").clear
    assert comparison.advice.recipe == "fine_tune"


def test_on_a_tie_of_the_families_the_cost_decides(root: Path) -> None:
    write_recipe(root, "scratch", "scratch", wrong=2, seconds=5.0)
    write_recipe(root, "fine_tune", "transfer", wrong=1, val=0.95, seconds=80.0)
    comparison = build_comparison(root, ["scratch", "fine_tune"])
    sentence = comparison.verdict_record().advice
    assert comparison.advice.tie and comparison.advice.recipe == "scratch"
    assert "the cost decides" in sentence and "80 s" in sentence and "5 s" in sentence
    write_recipe(root, "fine_tune", "transfer", wrong=0, val=0.95, seconds=1.0)
    write_recipe(root, "scratch", "scratch", wrong=12, seconds=5.0)
    comparison = build_comparison(root, ["scratch", "fine_tune"])
    assert not comparison.advice.tie and "1 s" in comparison.verdict_record().advice


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
    assert not comparison.pairwise.pairs[0].clear and comparison.advice.recipe == "fine_tune"


def test_advice_says_where_recipes_are_still_to_come(root: Path) -> None:
    write_recipe(root, "linear_probe", "transfer", wrong=3)
    alone = build_comparison(root, RECIPES).advice
    assert (alone.recipe, alone.reason, alone.complete) == ("linear_probe", Reason.SINGLE_RECIPE, False)
    write_recipe(root, "scratch", "scratch", wrong=15)
    assert not build_comparison(root, RECIPES).advice.complete
    assert build_comparison(root, ["linear_probe", "scratch"]).advice.complete
