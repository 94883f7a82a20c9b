"""`dvc repro` runs exactly what an edit concerns, on a checkout of its own, with no network and no git identity."""

from __future__ import annotations

import pytest

from repro_checkout import RECIPES, Checkout
from warmstart.records.learning_curve import LearningCurve


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = Checkout(tmp_path_factory.mktemp("repro"))
    (made.root / "artifacts").mkdir()  # or the first composition does not keep what it has found right
    per_recipe = {f"{stage}@{recipe}" for stage in ("train", "evaluate", "interpret") for recipe in RECIPES}
    assert made.repro() == {"compose", "prepare", "audit", "feature_extract", "compare", "publish"} | per_recipe
    made.without_preloading()
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


def test_a_learning_curve_trains_no_recipe_again_and_goes_with_its_line(checkout: Checkout) -> None:
    checkout.edit("params.yaml", "learning_curve: []", "learning_curve: [linear_probe]")
    checkout.edit("params.yaml", "    shares: null", "    shares: [0.25, 0.5, 1.0]")
    assert checkout.repro() == {"compose", "learning_curve@linear_probe", "compare", "publish"}
    report = checkout.root / "artifacts/critters/report"
    assert len(LearningCurve.read(report / "learning_curve.json").recipes[0].sizes) == 3
    assert checkout.repro() == set()
    checkout.edit("params.yaml", "    shares: [0.25, 0.5, 1.0]", "    shares: null")
    checkout.edit("params.yaml", "learning_curve: [linear_probe]", "learning_curve: []")
    assert checkout.repro() == {"compose", "compare", "publish"}
    assert not (report / "learning_curve.json").exists()


def test_code_of_ingest_and_audit_reruns_these_alone_where_the_bytes_are_the_same(checkout: Checkout) -> None:
    for module in (
        "ingest/prepare.py",
        "ingest/splitting/split.py",
        "ingest/fetching/download.py",
        "audit/checks/files.py",
    ):
        checkout.edit(f"src/warmstart/{module}", "import annotations\n", "import annotations\n\n_EDITED = 1\n")
    assert checkout.repro() == {"prepare", "audit"}


def test_code_of_the_packaged_model_reruns_no_training(checkout: Checkout) -> None:
    words = ("import annotations\n", "import annotations\n\n_EDITED = 1\n")
    checkout.edit("src/warmstart/serving/package.py", *words)
    checkout.command("dvc", "repro", "list_inputs")
    status = checkout.command("dvc", "status")
    assert "evaluate@scratch:" in status and "publish:" in status
    assert not {"train@scratch:", "train@linear_probe:", "prepare:", "feature_extract:"} & set(status.split())
    checkout.edit("src/warmstart/serving/package.py", *reversed(words))


def test_a_comment_or_an_unused_option_runs_the_composition_only(checkout: Checkout) -> None:
    checkout.edit("conf/recipe/scratch.yaml", "# The small network", "# The tiny network")
    checkout.edit("conf/optimizer/sgd.yaml", "momentum: 0.9", "momentum: 0.8")
    assert checkout.repro() == {"compose"}


def test_one_recipes_value_runs_that_recipe_and_what_hangs_on_it(checkout: Checkout) -> None:
    value = "\nloss:\n  label_smoothing: 0.1\n"
    checkout.edit("conf/recipe/scratch.yaml", "  phase: scratch\n", f"  phase: scratch\n{value}")
    ran = checkout.repro("train@linear_probe", "train@scratch")
    assert ran == {"compose", "train@scratch"}
    status = checkout.command("dvc", "status")
    assert "evaluate@scratch" in status
    assert "evaluate@linear_probe" not in status


def test_a_title_and_a_number_of_processes_train_nothing(checkout: Checkout) -> None:
    checkout.command("git", "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "--allow-empty", "-m", "x")
    checkout.edit("conf/recipe/linear_probe.yaml", "  title: ", "  title: now ")
    checkout.edit("params.yaml", "  schedule:\n", "  trainer:\n    workers: 1\n  schedule:\n")
    assert checkout.repro("train@linear_probe") == {"compose"}


def test_code_that_can_change_a_stage_runs_it(checkout: Checkout) -> None:
    checkout.edit("src/warmstart/dataset/sampler.py", "Yields the batches", "Gives the batches")
    checkout.edit("src/warmstart/models/convnet.py", '"""', '"""Now. ')
    assert checkout.repro("train@linear_probe", "list_inputs") == set(), "words are no code"
    for module in (
        "training/history.py",
        "models/convnet.py",
        "comparison/report/report_page.py",
        "tracking/sync_run.py",
        "ingest/sources/pets.py",
    ):
        checkout.edit(f"src/warmstart/{module}", "import annotations\n", "import annotations\n\n_EDITED = 1\n")
    checkout.command("dvc", "repro", "list_inputs")
    status = checkout.command("dvc", "status")
    assert {"train@scratch:", "train@linear_probe:", "compare:", "publish:"} <= set(status.split())
    assert not {"prepare:", "audit:", "feature_extract:"} & set(status.split())
    assert (
        "evaluate@scratch:" in status and "evaluate@linear_probe:" not in status
    )  # whose network is no convolutional one of ours


def test_code_that_changes_while_stages_run_is_not_filed_as_what_it_was(checkout: Checkout) -> None:
    checkout.edit("src/warmstart/training/history.py", "_EDITED = 1", "_EDITED = 2")  # after the listing was made
    with pytest.raises(AssertionError, match=r"error: src/warmstart/training/history\.py was changed"):
        checkout.command("dvc", "repro", "-f", "--single-item", "train@scratch")


def test_a_store_that_was_deleted_is_published_again(checkout: Checkout) -> None:
    import shutil

    shutil.rmtree(checkout.root / "mlruns")
    assert checkout.repro("--single-item", "publish") == {"publish"}
    assert (checkout.root / "mlruns/mlflow.db").exists()
    assert checkout.repro("--single-item", "publish") == set()


def test_leftovers_and_strangers_among_the_recipes_are_not_seen(checkout: Checkout) -> None:
    checkout.repro("--single-item", "compare")
    recipes = checkout.root / "artifacts/critters/recipes"
    (recipes / "scratch/.model.123.aside").mkdir()
    (recipes / "scratch/.model.123.aside/model.ckpt").write_bytes(b"half")
    for stray in (
        recipes / "notes.txt",
        recipes / "scratch/notes.txt",
        recipes / "scratch/evaluate/.metrics.json.9.aside",
    ):
        stray.write_text("a note")
    assert checkout.repro("--single-item", "compare") == set()
