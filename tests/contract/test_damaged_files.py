"""Every file that a stage reads may be missing, cut short or something else: the stage says so in a sentence, or does
not need it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from _stage import do_work
from _stage_paths import StagePaths
from damaged import DAMAGE, Stage, complaint, entry, files_opened, quiet
from support import Configure, Folders
from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json

PACKAGE = "recipes/scratch/evaluate/package"
MARKS = (
    "audit.json",
    "table.json",
    "run.json",
    "summary.json",
    "metrics.json",
    "speed.json",
    "robustness.json",
    "history.csv",
    "config.yaml",
    "model.json",
)
# What some trainings and evaluations have not.
OPTIONAL = ("feature_extract.json", "folds.json", "first_conv_start.npy", "robustness.json")
NOT_COMPARED = ("run.json", "summary.json", "speed.json", "config.yaml", "published.json", "model.json")
QUICK = 5  # of a stage's combinations, in the normal suite


def by_stage(configure: Configure, name: str, recipe: str, *overrides: str) -> Callable[[Path], tuple[Any, str]]:
    """The work of ``pipelines/<name>.py``, into a folder of its own."""
    config = configure(recipe, "schedule.epochs=1", "evaluate.bootstrap=20", "interpret.scored=0", *overrides)
    work = entry(name).work

    def run(root: Path) -> tuple[Any, str]:
        out = root.with_name("out")
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(root.with_name("state"), ignore_errors=True)
        paths = StagePaths(root, root.with_name("state"), "dvc", out, root / "hand", name)
        do_work(work, {**config, "tracking": {"live": False}}, paths)
        return summary(out), ""

    return run


def summary(out: Path) -> dict[str, Any]:
    """What a stage has written, without times."""
    found: dict[str, Any] = {}
    for file in sorted(path for path in out.rglob("*") if path.is_file()):
        if file.name == "history.csv":
            found[file.name] = [line.split(",")[2:6] for line in file.read_text().splitlines()]
        elif file.name not in NOT_COMPARED:
            found[str(file.relative_to(out))] = sha256_file(file)
    return found


def audit(root: Path) -> tuple[Any, str]:
    from warmstart.audit.write_audit import write_audit

    write_audit(root / "scan", root / "images", root.with_name("out"), dataset="critters")
    return summary(root.with_name("out")), ""


def compare(root: Path) -> tuple[Any, str]:
    from warmstart.comparison.compare import compare

    out = root.with_name("out")
    compare(root, [name for name in ("scratch", "features") if (root / "recipes" / name).is_dir()], out)
    left_out = {f"recipes/{name}": reason for name, reason in read_json(out / "table.json")["left_out"].items()}
    return (sha256_file(out / "table.json"), sha256_file(out / "corrections.csv")), said(left_out)


def publish(root: Path) -> tuple[Any, str]:
    from warmstart.tracking.publish import publish

    report = publish(root.with_name("mlflow"), "critters", root)
    return sorted(report.runs), said(report.skipped)


def serve(root: Path) -> tuple[Any, str]:
    from warmstart.tracking.pyfunc import _load_pyfunc

    return _load_pyfunc(str(root / PACKAGE)).predict(np.zeros((1, 48, 48, 3), np.uint8)), ""


def command(root: Path) -> tuple[Any, str]:
    from warmstart.serving.predict_files import predict_files

    photo = root.with_name("photo.png")
    output = root.with_name("answers.csv")
    predict_files(root / PACKAGE, [photo], output=output)
    return output.read_text(), ""


def said(left_out: Mapping[str, str]) -> str:
    """What was left out and why, with the whole path of what is missing."""
    return "\n".join(
        f"{place}/{reason.removeprefix('has not finished: ')} {reason}" for place, reason in left_out.items()
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, configure: Configure, tiny: Folders, scratch: Path) -> Path:
    """A dataset's folder with two recipes that have finished and been compared."""
    from PIL import Image

    from ingest_options import prepare

    quiet()
    root = tmp_path_factory.mktemp("damaged") / "critters"
    prepare(configure("scratch")["data"], root / "images")
    by_stage(configure, "feature_extract", "features")(root)
    for recipe in ("scratch", "features"):
        for stage in ("train", "evaluate"):
            by_stage(configure, stage, recipe)(root)
            shutil.copytree(root.with_name("out"), root / "recipes" / recipe / ("model" if stage == "train" else stage))
    by_stage(configure, "interpret", "scratch")(root)
    shutil.copytree(root.with_name("out"), root / "recipes/scratch/interpret")
    compare(root)
    shutil.copytree(root.with_name("out"), root / "report")
    audit(root)
    shutil.copytree(root.with_name("out"), root / "audit")
    Image.fromarray(np.full((60, 60, 3), 90, np.uint8)).save(root.with_name("photo.png"))
    return root


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, tiny: Folders, scratch: Path, packaged: Path) -> Path:
    """What the suite has made anyway: one recipe, trained and evaluated."""
    from PIL import Image

    root = tmp_path_factory.mktemp("damaged_small") / "critters"
    for name in ("images", "scan", "prepared.json"):
        copy = shutil.copytree if (tiny.root / name).is_dir() else shutil.copy
        root.mkdir(exist_ok=True)
        copy(tiny.root / name, root / name)
    shutil.copytree(scratch, root / "recipes/scratch/model")
    shutil.copytree(packaged.parent, root / "recipes/scratch/evaluate")
    Image.fromarray(np.full((60, 60, 3), 90, np.uint8)).save(root.with_name("photo.png"))
    return root


BY_HAND = {"audit": audit, "compare": compare, "predict": command, "serve": serve, "publish": publish}
BY_RECIPE = ("feature_extract@features", "train@scratch", "train@features", "evaluate@scratch", "interpret@scratch")


def stage_of(name: str, configure: Configure) -> Stage:
    """The stage of this name, and of what files nothing is missing where they are: their stage has not run."""
    stage, _, recipe = name.partition("@")
    # A recipe that is not packaged is compared too; its page then says nothing of the package.
    optional = {"publish": MARKS, "compare": (*OPTIONAL, "model.json")}.get(name, OPTIONAL)
    return Stage(name, by_stage(configure, stage, recipe) if recipe else BY_HAND[name], optional)


def combinations(root: Path, stage: Stage) -> list[tuple[Path, str, Any]]:
    """Every file that the stage reads with every damage, and its result from whole files."""
    stage.run(root)
    with files_opened(root) as opened:
        good, _ = stage.run(root)
    assert opened
    return [
        (file, how, good)
        for file in sorted(opened)
        for how in DAMAGE
        if how[:2] not in ("an", "a ") or file.suffix == ".json"
    ]


@pytest.mark.long
@pytest.mark.parametrize("name", [*BY_HAND, *BY_RECIPE])
def test_every_damaged_file_is_said_in_a_sentence(name: str, root: Path, configure: Configure) -> None:
    stage = stage_of(name, configure)
    found = {f"{file}, {how}": complaint(stage, root, file, how, good) for file, how, good in combinations(root, stage)}
    assert not any(found.values()), "\n".join(f"{which}: {fault}" for which, fault in found.items() if fault)


@pytest.mark.parametrize("name", ["audit", "compare", "predict", "serve"])
def test_some_damaged_files_are_said_in_a_sentence(name: str, small: Path, configure: Configure) -> None:
    stage = stage_of(name, configure)
    every = combinations(small, stage)
    some = [
        every[place] for place in np.random.default_rng(0).choice(len(every), min(QUICK, len(every)), replace=False)
    ]
    found = {f"{file}, {how}": complaint(stage, small, file, how, good) for file, how, good in some}
    assert not any(found.values()), "\n".join(f"{which}: {fault}" for which, fault in found.items() if fault)
