"""A person's mistake is one message that names it, before any work, and never a stack trace."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from _command_line import prepare_command_line
from reliability.nursery import Nursery
from support import CHECKOUT


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["train.py", "optimizer.lrr=1"], "lrr"),
        (["train.py", "recipe=scrach"], "scrach"),
        (["train.py", "optimizer.lr=fast"], "fast"),
        (["prepare.py", "data=image_folder", "data.folder=/nowhere/at/all"], "/nowhere/at/all"),
        (["prepare.py", "data=cats_vs_dogs", "data.archive=none.zip"], "none.zip"),
        (["train.py", "data.size=97"], "dvc repro prepare"),
    ],
)
def test_mistakes_are_named(forked: Nursery, arguments: list[str], named: str) -> None:
    done = forked.python(f"pipelines/{arguments[0]}", *arguments[1:])
    assert done.returncode != 0
    assert named in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("conf", "pipelines", "src"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "params.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("data: critters ", "data: criters ", "criters"),
        ("schedule: null", "shedule: quick", "schedule"),
        ("    lr: null", "    lrr: 0.1", "lrr"),
        (
            "fine_tune: {stage: fine_tune, from: recipes/features_augmented/model}",
            "fine_tune: {stage: train, from: images}",
            "fine_tune",
        ),
        ("    archive: null", "    archive: x.zip", "archive"),
        ("experiment: null", "experiment: lesson", "set data to that"),
        ("  optimizer:\n    lr: null", "  debug: {batches: 1}", "set.debug is for stages that are run by hand"),
        ("  optimizer:\n    lr: null", "  out_dir: x", "set.out_dir is for stages that are run by hand"),
        ("  features_augmented: {stage: train, from: images}\n", "", "features_augmented"),
    ],
)
def test_mistakes_in_params_yaml_are_named(forked: Nursery, checkout: Path, old: str, new: str, named: str) -> None:
    panel = (checkout / "params.yaml").read_text()
    assert old in panel
    (checkout / "params.yaml").write_text(panel.replace(old, new, 1))
    done = forked.python("pipelines/compose.py", cwd=checkout, fresh=True)
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout / "artifacts").exists()


def test_relative_paths_are_taken_from_where_the_person_stands(forked: Nursery, tmp_path: Path) -> None:
    done = forked.python(
        str(CHECKOUT / "pipelines/prepare.py"), "data=image_folder", "data.folder=photos", cwd=tmp_path
    )
    assert str(tmp_path / "photos") in done.stderr


def test_digits_are_chosen_composed_and_extract_no_features(forked: Nursery, checkout: Path) -> None:
    (checkout / "params.yaml").write_text(
        (checkout / "params.yaml").read_text().replace("data: critters ", "data: digits ", 1)
    )
    refused = forked.python("pipelines/compose.py", cwd=checkout, fresh=True)
    assert refused.returncode == 1 and "python pipelines/choose.py data=digits" in refused.stderr
    chosen = forked.python("pipelines/choose.py", "data=digits", cwd=checkout, fresh=True)
    assert "dense, convnet, convnet_no_pooling on digits" in chosen.stderr and "dvc repro" in chosen.stderr
    assert forked.python("pipelines/compose.py", cwd=checkout, fresh=True).returncode == 0
    words = ("-cp", "artifacts/digits/conf", "-cn", "feature_extract")
    done = forked.python("pipelines/feature_extract.py", *words, cwd=checkout, fresh=True)
    assert done.returncode == 0, done.stderr
    assert "nothing to extract" in done.stderr
    assert [path.name for path in (checkout / "artifacts/digits/feature_cache").iterdir()] == ["none"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("recipe=scratch --cfg job", "hydra.job.name=train seed=2 recipe=scratch --cfg job"),
        ("--cfg job recipe=scratch", "--cfg job hydra.job.name=train seed=2 recipe=scratch"),
        ("recipe=a,b -m", "hydra.job.name=train seed=2 recipe=a,b -m"),
        ("-m seed=3 recipe=a,b", "-m hydra.job.name=train seed=3 recipe=a,b"),
        ("-m", "-m hydra.job.name=train seed=2"),
    ],
)
def test_what_is_added_stands_beside_the_overrides(
    typed: str, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", *typed.split()])
    prepare_command_line("train", "seed=2", tmp_path)
    assert sys.argv[1:] == words.split()
