"""`dvc repro` runs exactly what an edit concerns, on a checkout of its own, with no network and no git identity."""

from __future__ import annotations

import pytest

from repro_checkout import RECIPES, Checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = Checkout(tmp_path_factory.mktemp("repro"))
    per_recipe = {f"{stage}@{recipe}" for stage in ("train", "evaluate", "interpret") for recipe in RECIPES}
    assert made.repro() == {"compose", "prepare", "audit", "feature_extract", "compare", "publish"} | per_recipe
    return made


def test_the_whole_job_reaches_for_no_network(checkout: Checkout) -> None:
    assert not checkout.blocked.exists(), checkout.blocked.read_text()
    assert (checkout.root / "artifacts/critters/report/index.html").exists()
    assert (checkout.root / "mlruns/mlflow.db").exists()


def test_the_cache_holds_what_the_outputs_hold_once(checkout: Checkout) -> None:
    for name in ("images/train.npy", "recipes/scratch/model/model.ckpt"):
        assert (checkout.root / "artifacts/critters" / name).stat().st_nlink == 2


def test_again_nothing_runs(checkout: Checkout) -> None:
    assert checkout.repro() == set()


def test_a_comment_or_an_unused_option_runs_the_composition_only(checkout: Checkout) -> None:
    checkout.edit("conf/recipe/scratch.yaml", "# The small network", "# The tiny network")
    checkout.edit("conf/optimizer/sgd.yaml", "momentum: 0.9", "momentum: 0.8")
    assert checkout.repro() == {"compose"}


def test_one_recipes_value_runs_that_recipe_and_what_hangs_on_it(checkout: Checkout) -> None:
    checkout.edit("conf/recipe/scratch.yaml", "  phase: scratch\n", "  phase: scratch\n\noptimizer:\n  lr: 3e-4\n")
    ran = checkout.repro("train@linear_probe", "train@scratch")
    assert ran == {"compose", "train@scratch"}
    status = checkout.command("dvc", "status")
    assert "evaluate@scratch" in status
    assert "evaluate@linear_probe" not in status


def test_code_that_can_change_a_stage_runs_it(checkout: Checkout) -> None:
    checkout.edit("src/warmstart/loading/sampler.py", "Yields the batches", "Gives the batches")
    checkout.edit("src/warmstart/report/page.py", '"""', '"""Now. ')
    checkout.edit("src/warmstart/tracking/level.py", '"""', '"""Now. ')
    status = checkout.command("dvc", "status")
    assert {"train@scratch:", "train@linear_probe:", "feature_extract:", "compare:", "publish:"} <= set(status.split())
    assert "prepare:" not in status
    for name in ("evaluate", "interpret"):  # evaluation depends on the kept network, which has not changed yet
        assert f"{name}@linear_probe:" not in status
