"""``warmstart run`` gives the commands that a person could type, the cheap answer first, and leaves nothing wrong
behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from filelock import FileLock

from warmstart.cli import run
from warmstart.cli.checkout import Checkout
from warmstart.config.params import edit_params
from warmstart.errors import UserError

Warm = Callable[..., tuple[int, str, str]]
COMPARE = "dvc repro --single-item compare"


def set_panel(checkout: Checkout, **changes: Any) -> None:
    (checkout.root / "params.yaml").write_text(yaml.safe_dump({**checkout.params(), **changes}))


def test_the_quick_answer_comes_first_and_the_report_grows(
    checkout: Checkout, photos: Path, commands: list[str], warm: Warm
) -> None:
    code, out, _ = warm("run", photos, "--only", "fine_tune,scratch,linear_probe")
    assert code == 0
    assert commands == [
        "python pipelines/choose.py data=my_photos recipes=[fine_tune,scratch,linear_probe]".replace(
            "[fine", "[features_augmented,fine"
        ),
        "dvc repro audit evaluate@linear_probe",
        COMPARE,
        "dvc repro interpret@scratch",
        COMPARE,
        "dvc repro interpret@features_augmented",
        COMPARE,
        "dvc repro interpret@fine_tune",
        COMPARE,
        "dvc repro",
    ]
    assert out.count("always cat: right on 50.0 % [40.0, 60.0] of 40 test photos") == 1
    assert (
        out.index("linear_probe: right on 80.0 %")
        < out.index("scratch: right on 81.0 %")
        < out.index("Start warm: fine_tune.")
    )
    assert (
        "report/index.html" in out
        and "warmstart ui" in out
        and "warmstart predict fine_tune PHOTO_OR_FOLDER --name my_photos" in out
    )


def test_all_recipes_of_the_data_are_run_by_cost(checkout: Checkout, commands: list[str], warm: Warm) -> None:
    warm("run", "critters")
    order = [word.split("@")[1] for line in commands for word in line.split() if "@" in word]
    assert order == [
        "linear_probe",
        "features",
        "scratch",
        "scratch_batchnorm",
        "scratch_augmented",
        "features_augmented",
        "fine_tune",
    ]
    assert not checkout.option("critters_own").exists()


def test_a_first_recipe_without_features_has_their_stage_run_for_the_report(commands: list[str], warm: Warm) -> None:
    warm("run", "digits", "--quick")
    assert commands[1:] == ["dvc repro audit feature_extract evaluate@dense", COMPARE]


def test_quick_stops_after_the_first_answer(photos: Path, commands: list[str], warm: Warm) -> None:
    _, out, _ = warm("run", photos, "--quick")
    assert commands[1:] == ["dvc repro audit evaluate@linear_probe", COMPARE]
    assert "the same command without --quick" in out


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    checkout: Checkout, photos: Path, commands: list[str], warm: Warm
) -> None:
    before = {path: path.stat().st_mtime_ns for path in checkout.root.rglob("*")}
    code, out, _ = warm("run", photos, "--dry-run", "--size", "64")
    assert code == 0 and not commands
    assert "$ python pipelines/choose.py data=my_photos\n$ dvc repro audit evaluate@linear_probe\n" in out
    assert f"folder: {photos}" in out and "size: 64" in out
    assert {path: path.stat().st_mtime_ns for path in checkout.root.rglob("*")} == before


def test_values_about_other_data_are_emptied_and_others_are_told(
    checkout: Checkout, photos: Path, commands: list[str], warm: Warm
) -> None:
    panel = checkout.params()
    panel["set"]["data"] |= {"folder": "/elsewhere", "size": 64}
    panel["set"]["schedule"]["epochs"] = 4
    curves = ["scratch_augmented", "features"]
    other = {"data": "image_folder", "experiment": "lesson", "learning_curve": curves}
    set_panel(checkout, backbone="resnet50", set=panel["set"], **other)
    _, out, _ = warm("run", photos, "--quick")
    keys = ("experiment", "learning_curve", "set.data.folder", "set.data.size")
    assert commands[0].split()[2:] == ["data=my_photos", *(f"{key}=null" for key in keys)]
    assert (
        "set.data.folder=/elsewhere" in out
        and "backbone=resnet50, set.schedule.epochs=4, which holds for this run too" in out
    )
    set_panel(checkout, data="my_photos", set=panel["set"], experiment=None)
    commands.clear()
    warm("run", photos, "--quick")
    assert commands[0] == "python pipelines/choose.py data=my_photos", "values about these photos stay"


def test_choosing_empties_values_and_keeps_all_other_text(checkout: Checkout) -> None:
    path = checkout.root / "params.yaml"
    before = path.read_text()
    recipes = checkout.params()["recipes"]
    path.write_text(before.replace("    folder: null ", "    folder: ~/x  "))
    assert path.read_text() != before
    edit_params(path, "critters", recipes, {"set.data.folder": None})
    assert path.read_text() == before
    with pytest.raises(UserError, match=r"set\.data\.foldr"):
        edit_params(path, "critters", recipes, {"set.data.foldr": None})


def test_an_option_that_cannot_be_chosen_is_not_left_behind(
    checkout: Checkout, photos: Path, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, words: Sequence[str]) -> None:
        raise UserError("no such key")

    monkeypatch.setattr(run.Runner, "__call__", refuse)
    code, _, err = warm("run", photos, "--set", "seed=1")
    assert code == 1 and "error: no such key" in err
    assert not checkout.option("my_photos").exists()


def test_a_run_that_loses_params_yaml_stops(
    checkout: Checkout, photos: Path, commands: list[str], warm: Warm, monkeypatch: Any
) -> None:
    recorded = run.Runner.__call__

    def meddled(self: Any, words: Sequence[str]) -> None:
        recorded(self, words)
        if "audit" in words:
            set_panel(checkout, data="critters")

    monkeypatch.setattr(run.Runner, "__call__", meddled)
    code, _, err = warm("run", photos)
    assert code == 1 and "params.yaml was changed meanwhile, to critters" in err
    assert commands[-1] == "dvc repro audit evaluate@linear_probe"


def test_two_runs_are_not_made_at_once(checkout: Checkout, photos: Path, commands: list[str], warm: Warm) -> None:
    place = checkout.root / ".dvc/tmp"
    place.mkdir(parents=True)
    with FileLock(place / "warmstart.lock"):
        code, _, err = warm("run", photos)
    assert code == 1 and "another `warmstart run`" in err and not commands and not checkout.option("my_photos").exists()
    held = '{"read": {"a": [{"pid": %d, "cmd": "dvc repro"}]}}'
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()", "dvc", "repro"], stdin=subprocess.PIPE
    ) as dvc:
        (place / "rwlock").write_text(held % dvc.pid)
        code, _, err = warm("run", photos)
    assert code == 1 and f"process {dvc.pid}" in err and not commands
    for number in (99999999, os.getpid()):
        (place / "rwlock").write_text(held % number)
        assert warm("run", photos, "--quick")[0] == 0, (
            "a lock of a process that is gone holds nobody, nor one of another program's number"
        )


def test_recipes_that_there_are_not_are_refused(photos: Path, commands: list[str], warm: Warm) -> None:
    code, _, err = warm("run", photos, "--only", "scrach")
    assert code == 1 and "scrach is no recipe" in err and "linear_probe" in err and not commands
