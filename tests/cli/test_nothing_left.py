"""What fails before any training leaves settings, folders and photos as they were; what has been trained is kept."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from support import CHECKOUT, compose_config
from warmstart.cli import run
from warmstart.cli.checkout import Checkout
from warmstart.cli.dvc.lockfile import mark_begun, save_copy
from warmstart.cli.runner import CommandError

Warm = Callable[..., tuple[int, str, str]]
SET = ["--folds", "5", "--set", "schedule.epochs=1"]


def preview() -> str:
    """A script in the place of ``pipelines/preview.py`` that composes nothing."""
    return f"print({json.dumps({'linear_probe': compose_config('recipe=linear_probe')})!r})"


def tree(checkout: Checkout) -> dict[str, bytes | None]:
    """Every file's content and every folder, but for logs and locks, which are there to be found."""
    paths = (
        path
        for path in checkout.root.rglob("*")
        if not {".logs", ".dvc"} & set(path.parts) and path.name != "artifacts"
    )
    return {str(path.relative_to(checkout.root)): None if path.is_dir() else path.read_bytes() for path in paths}


def failing(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, stage: str, error: BaseException | None = None
) -> None:
    """Commands that do what theirs do to files, and break in ``stage``."""

    def act(self: Any, words: Sequence[str]) -> None:
        panel = checkout.root / "params.yaml"
        if "pipelines/choose.py" in words:
            if stage != "choose":
                panel.write_text(panel.read_text().replace("data: critters ", "data: my_photos "))
                return
        elif stage != "compose":
            for name in ("conf/scratch", "recipes"):
                (checkout.dataset("my_photos") / name).mkdir(parents=True, exist_ok=True)
            (checkout.dataset("my_photos") / "conf/prepare.yaml").write_text("x")
            (checkout.root / "dvc.lock").write_text("changed")
        self.trained = stage.startswith("train") and bool(error)
        raise error or CommandError("it cannot be", stage)

    monkeypatch.setattr(run.Runner, "__call__", act)


@pytest.mark.parametrize("stage", ["choose", "compose", "prepare", "feature_extract", "train@linear_probe", ""])
@pytest.mark.parametrize("remembered", [True, False])
@pytest.mark.parametrize("error", [None, KeyboardInterrupt()])
def test_a_failure_before_training_leaves_no_trace(
    checkout: Checkout,
    photos: Path,
    warm: Warm,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    remembered: bool,
    error: BaseException | None,
) -> None:
    (checkout.root / "dvc.lock").write_text("schema: '2.0'\n")
    if remembered:
        warm_option = checkout.option("my_photos")
        warm_option.write_text(
            f"{run_header()}defaults: [image_folder, _self_]\ndata: {{name: my_photos, folder: '{photos}'}} # mine\n"
        )
    before = tree(checkout)
    if stage.startswith("train") and error:
        return  # an epoch was done: see below
    failing(checkout, monkeypatch, stage, error)
    code, _, err = warm("run", photos, *SET)
    assert code == (130 if error else 1) and ("interrupted" if error else "it cannot be") in err
    assert tree(checkout) == before


def run_header() -> str:
    from warmstart.cli.option import HEADER

    return HEADER


def test_what_has_trained_an_epoch_is_kept(
    checkout: Checkout, photos: Path, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(checkout, monkeypatch, "train@linear_probe", KeyboardInterrupt())
    assert warm("run", photos, *SET)[0] == 130
    assert "epochs: 1" in checkout.option("my_photos").read_text() and checkout.params()["data"] == "my_photos"


def test_results_of_an_earlier_run_stay(
    checkout: Checkout, photos: Path, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout.dataset("my_photos") / "empty").mkdir(parents=True)
    failing(checkout, monkeypatch, "prepare")
    warm("run", photos, *SET)
    assert (checkout.dataset("my_photos") / "empty").is_dir()


@pytest.mark.parametrize("words", [["run"], ["run", "--dry-run"], ["check"]])
@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("schedule.epoch=5", "did you mean schedule.epochs?"),
        ("schedul=quick", "did you mean schedule?"),
        ("epochs=5", "did you mean schedule.epochs?"),
        ("optimizer.lrr=3", "did you mean lr?"),
        ("schedule.epochs=five", "schedule.epochs"),
        ("data.sise=64", "did you mean data.size?"),
        ("schedule=fast", "own, quick"),
        ("backbone=resnet18", "backbone=timm backbone.name=resnet18"),
        ("backbone=resnet5", "resnet50"),
        ("data.folds=500", "data.folds"),
    ],
)
def test_a_typo_is_named_with_the_near_key_before_anything_is_done(
    checkout: Checkout,
    photos: Path,
    warm: Warm,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    pair: str,
    said: str,
) -> None:
    monkeypatch.setattr(run.Runner, "__call__", lambda self, words: pytest.fail("nothing is to be run"))
    before = tree(checkout)
    code, _, err = warm(words[0], photos, *words[1:], "--set", pair)
    assert code == 1 and err.startswith("error: ") and said in err and "Traceback" not in err
    assert pair.split("=")[0] in err, "the word at fault is named"
    assert tree(checkout) == before


def test_what_cannot_be_looked_at_leaves_no_folder(checkout: Checkout, warm: Warm, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    before = tree(checkout)
    assert warm("check", tmp_path / "nothing")[0] == 1
    assert tree(checkout) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_before_training_leaves_no_trace(checkout: Checkout, photos: Path, number: int) -> None:
    """A real process, stopped while it chooses."""
    pid = checkout.root.parent / "pid"
    (checkout.root / "pipelines/preview.py").write_text(preview())
    (checkout.root / "pipelines/choose.py").write_text(
        f"import os, time\nopen('params.yaml', 'a').write('# half')\nopen({str(pid)!r}, "
        f"'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )
    shutil.rmtree(checkout.root / "src")
    before = tree(checkout)
    driver = (
        f"import warmstart; warmstart.__file__ = {str(checkout.root / 'src/warmstart/__init__.py')!r}\n"
        f"from warmstart.cli.main import main; main(['run', {str(photos)!r}, '--quick', '--folds', '5'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", driver], env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")}, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True, preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )  # fmt: skip
    while not (pid.exists() and pid.read_text()):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    assert checkout.option("my_photos").exists()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number and "the same command goes on" in err and tree(checkout) == before


def killed(checkout: Checkout, photos: Path, then: str = "") -> None:
    """A run that SIGKILL ends, which no code of its own sees, while its first stage is at work."""
    driver = (
        f"import os, signal, warmstart; warmstart.__file__ = {str(checkout.root / 'src/warmstart/__init__.py')!r}\n"
        "from warmstart.cli import run\nfrom warmstart.cli.main import main\n"
        "real = run.Runner.__call__\n"
        "def call(self, words):\n"
        "    if words[0] == 'dvc':\n"
        f"        {then or 'pass'}\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    real(self, words)\n"
        "run.Runner.__call__ = call\n"
        f"main(['run', {str(photos)!r}, '--quick', '--folds', '5'])\n"
    )
    (checkout.root / "pipelines/preview.py").write_text(preview())
    (checkout.root / "pipelines/choose.py").write_text("open('params.yaml', 'a').write('# chosen\\n')\n")
    (checkout.root / ".dvc").mkdir(exist_ok=True)
    panel = checkout.root / "params.yaml"
    panel.write_text(panel.read_text().replace("data: critters ", "data: my_photos "))
    done = subprocess.run(
        [sys.executable, "-c", driver], env={**os.environ, "PYTHONPATH": str(CHECKOUT / "src")}, check=False
    )
    assert done.returncode == -signal.SIGKILL and "folds: 5" in checkout.option("my_photos").read_text()


def test_a_run_that_was_killed_before_training_leaves_no_trace_after_the_next_command(
    checkout: Checkout, photos: Path, warm: Warm
) -> None:
    killed(checkout, photos)
    assert "# chosen" in (checkout.root / "params.yaml").read_text()
    _, _, err = warm("report")
    assert "params.yaml" in err and "conf/data/my_photos.yaml" in err and "killed" in err
    assert not checkout.option("my_photos").exists() and "# chosen" not in (checkout.root / "params.yaml").read_text()
    assert "killed" not in warm("report")[2]


@pytest.mark.parametrize("what", ["edited", "trained"])
def test_what_has_happened_since_a_run_was_killed_stays(
    checkout: Checkout, photos: Path, warm: Warm, what: str
) -> None:
    killed(checkout, photos, "self.when_trained()" if what == "trained" else "")
    if what == "edited":
        with checkout.option("my_photos").open("a") as file:
            file.write("# mine\n")
    before = tree(checkout)
    assert "killed" not in warm("report")[2] and tree(checkout) == before
    assert "killed" not in warm("report")[2] and tree(checkout) == before


def test_a_training_since_a_run_was_killed_counts_though_nobody_noted_it(
    checkout: Checkout, photos: Path, warm: Warm
) -> None:
    killed(checkout, photos)
    state = checkout.root / "artifacts/.resume/0123/last.ckpt"
    state.parent.mkdir(parents=True)
    state.write_text("x")
    before = tree(checkout)
    assert "killed" not in warm("report")[2] and tree(checkout) == before


def test_a_lock_that_was_put_back_on_purpose_is_not_taken_for_damaged(
    checkout: Checkout, photos: Path, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, (one, two) = checkout.root / "dvc.lock", ("schema: '2.0'\nstages:\n  a:\n    cmd: a\n", "  b:\n    cmd: b\n")
    (checkout.root / ".dvc").mkdir()
    place.write_text(one)

    def act(self: Any, words: Sequence[str]) -> None:
        place.write_text(one + two)
        save_copy(checkout.root)
        mark_begun(checkout.root)
        if words[0] == "dvc":
            raise CommandError("it cannot be", "prepare")

    monkeypatch.setattr(run.Runner, "__call__", act)
    assert warm("run", photos)[0] == 1 and place.read_text() == one
    assert "dvc.lock" not in warm("report")[2] and place.read_text() == one


@pytest.mark.parametrize("words", [["report"], ["ui"], ["predict", "best", "x.jpg"], ["run", "nowhere"]])
def test_every_command_mends_what_a_killed_dvc_has_left(checkout: Checkout, warm: Warm, words: list[str]) -> None:
    (checkout.root / ".dvc/tmp").mkdir(parents=True)
    for name in ("dvc.lock", ".dvc/tmp/rwlock"):
        (checkout.root / name).write_text("")
    code, _, err = warm(*words)
    assert code == 1 and "dvc.lock was cut off" in err and "removed .dvc/tmp/rwlock" in err
    assert not (checkout.root / "dvc.lock").exists() and "dvc.lock" not in warm(*words)[2]


def test_a_checkout_that_may_not_be_written_is_read_all_the_same(checkout: Checkout, warm: Warm) -> None:
    (checkout.root / ".dvc").mkdir()
    for name in ("dvc.lock", ".dvc/tmp"):  # a file there refuses everybody, the superuser too
        (checkout.root / name).write_text("")
    assert "no report" in warm("report")[2]
