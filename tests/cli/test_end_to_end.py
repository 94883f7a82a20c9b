"""From a folder of photos to the quick answer and a prediction, as a person types it, through DVC and without a git
identity.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from photos import save_photo
from printed import split_commands
from reliability.nursery import Nursery
from support import CHECKOUT
from warmstart.models.checkpoint import load_model


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone, with an edit that is not committed, and thirty photos beside it."""
    root = tmp_path_factory.mktemp("home")
    for name in ("conf", "pipelines", "src"):
        shutil.copytree(CHECKOUT / name, root / "clone" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("params.yaml", "dvc.yaml", ".dvcignore", ".gitignore", ".dvc/config", ".dvc/.gitignore"):
        (root / "clone" / name).parent.mkdir(exist_ok=True)
        shutil.copy(CHECKOUT / name, root / "clone" / name)
    subprocess.run(["git", "init", "-q"], cwd=root / "clone", check=True)
    for label, name in enumerate(("cat", "dog")):
        for index in range(15):
            save_photo(root / "photos" / name / f"{index}.jpg", 1000 * label + index)
    return root


def warm(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "DVC_", "PYTHON"))}
    environment |= {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(home / "clone/src"),
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", "warmstart", *words],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_folder_gives_an_answer_and_a_model(home: Path) -> None:
    settings = ["--set", "schedule=quick", "schedule.epochs=1", "tracking.live=false", "--size", "48"]
    done = warm(home, "run", "photos", "--only", "scratch", "--quick", *settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "$ dvc repro audit feature_extract evaluate@scratch\n" in done.stdout and "scratch trained" in done.stdout
    assert "always cat: right on 50.0 %" in done.stdout and "of 6 test photos" in done.stdout
    assert (home / "clone/artifacts/photos/report/index.html").exists()

    done = warm(home, "report")
    assert done.returncode == 0 and "scratch *" in done.stdout and "n = 6" in done.stdout

    done = warm(home, "predict", "best", "photos/cat/0.jpg", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)[0]["probabilities"]) == {"cat", "dog"}


def test_the_commands_that_its_pages_print_run_as_they_are_printed(home: Path, forked: Nursery) -> None:
    """After the run above. `dvc repro` alone, which would make maps and publish, is what the run itself is made of."""
    checkout = home / "clone"
    pages = [checkout / f"artifacts/photos/{folder}/index.html" for folder in ("report", "audit")]
    blocks = [block for page in pages for block in re.findall(r"<pre>(.*?)</pre>", page.read_text(), re.DOTALL)]
    commands = [
        html.unescape(command) for block in blocks for command in split_commands(block) if command != "dvc repro"
    ]
    assert [command.split()[1].removeprefix("pipelines/") for command in commands] == [
        "train.py",
        "compare.py",
        "repro",
        "audit.py",
    ]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "DVC_", "PYTHON"))}
    environment |= {"HOME": str(home), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment["WARMSTART_PRELOAD"] = "0"  # costs more than it saves where few stages run
    for command in commands:
        first, *words = command.split()
        if first == "python":
            done = forked.python(*words, cwd=checkout, fresh=True, HOME=str(home))
        else:
            done = subprocess.run(
                [first, *words], cwd=checkout, env=environment, capture_output=True, text=True, timeout=300, check=False
            )
        assert done.returncode == 0, (command, done.stdout + done.stderr)
    (trained,) = (checkout / "artifacts/photos/hand/scratch").glob("*/model/model.ckpt")
    assert load_model(trained).classes == ["cat", "dog"], "and not the embedded images"


def test_a_stage_that_fails_is_told_in_its_as_options(home: Path) -> None:
    save_photo(home / "two/a/0.jpg", 1)
    save_photo(home / "two/b/0.jpg", 2)
    done = warm(home, "run", "two", "--quick", WARMSTART_PRELOAD="0")  # no stage needs the libraries
    assert done.returncode == 1 and "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("error: class 'a' has 1 ") and ".logs" in done.stderr
