"""What the lesson's command runs first: only what is missing, or was made of an earlier training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from _lesson import Step, digit_steps, photo_steps, run_steps
from finished_recipes import write
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file

DATA: dict[str, Any] = {"name": "critters", "size": 96, "archive": None}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A dataset with the recipes that the lesson shows."""
    root = tmp_path / "artifacts" / "critters"
    for recipe in ("scratch", "scratch_batchnorm", "fine_tune"):
        (root / "recipes" / recipe / "model").mkdir(parents=True)
        (root / "recipes" / recipe / "model" / "model.ckpt").write_text(recipe)
    write(root / "prepared.json", {"name": "critters", "size": 64, "archive": None, "seed": 3})
    return root


def test_each_step_is_the_command_of_one_page_with_the_data_options_of_the_images(root: Path) -> None:
    steps = list(photo_steps(root, DATA, [], 0))
    assert [step.command[0] for step in steps] == [
        *(
            f"pipelines/{name}.py"
            for name in ("convolution", "augmentation", "batch_norm", "interpret", "interpret", "patterns")
        )
    ]
    assert all(step.command[1:3] == ["data=critters", "data.size=64"] for step in steps)
    assert not any(step.done for step in steps)


def test_pages_of_an_earlier_training_are_made_anew(root: Path) -> None:
    step = next(step for step in photo_steps(root, DATA, [], 0) if "recipe=scratch" in step.command)
    assert step.checkpoint is not None
    write(step.makes, {"checkpoint": sha256_file(step.checkpoint)})
    assert step.done
    step.checkpoint.write_text("trained again")
    assert not step.done


def test_full_pages_of_the_pipeline_are_not_made_twice(root: Path) -> None:
    (root / "recipes" / "scratch" / "interpret" / "activations").mkdir(parents=True)
    assert not any("recipe=scratch" in step.command for step in photo_steps(root, DATA, [], 0))


def test_a_recipe_that_the_lesson_needs_is_named(root: Path) -> None:
    (root / "recipes" / "fine_tune" / "model" / "model.ckpt").unlink()
    with pytest.raises(UserError, match=r"fine_tune is not trained on critters.*dvc repro"):
        list(photo_steps(root, DATA, [], 0))


def test_digits_are_trained_unless_some_have_finished(tmp_path: Path) -> None:
    recipes = [step.command[2] for step in digit_steps(tmp_path) if step.command[0] == "pipelines/train.py"]
    assert recipes == ["recipe=dense", "recipe=convnet", "recipe=convnet_no_pooling"]
    write(tmp_path / "mnist" / "recipes" / "convnet" / "evaluate" / "metrics.json", {})
    assert list(digit_steps(tmp_path)) == []


def test_what_is_there_is_not_run_and_a_failure_stops(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("open('made', 'a').write('x')")
    (tmp_path / "bad.py").write_text("raise SystemExit(3)")
    good = Step([str(tmp_path / "good.py")], tmp_path / "made")
    run_steps(iter([good, good]), tmp_path)
    assert (tmp_path / "made").read_text() == "x"
    with pytest.raises(UserError, match=r"stops at: python .*bad\.py"):
        run_steps(iter([Step([str(tmp_path / "bad.py")], tmp_path / "never"), good]), tmp_path)


def test_data_options_of_the_command_line_are_passed_on(root: Path) -> None:
    made = {**DATA, "size": 64}
    steps = list(photo_steps(root, made, ["data.size=64"], 0))
    assert all(step.command[1:3] == ["data=critters", "data.size=64"] for step in steps)
