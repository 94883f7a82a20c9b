"""What is seen of a run: a line a stage, and where there is no terminal a line at least every minute."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from record_builders import training_summary
from warmstart.cli.checkout import Checkout
from warmstart.cli.failures import explain
from warmstart.cli.messages import as_options
from warmstart.cli.runner import KEPT_LOGS, Runner, new_log
from warmstart.cli.stage_view import PROGRESS, StageView


class Clock:
    """Time that passes when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def watched(
    capsys: pytest.CaptureFixture[str], script: list[str | float], trained_in: float | None = None
) -> list[tuple[float, str]]:
    """What is printed, and when, of lines and of seconds that pass without one."""
    clock = Clock()
    view = StageView(lambda recipe: trained_in, clock)
    said: list[tuple[float, str]] = []

    def note() -> None:
        said.extend((clock.now - 1000, line) for line in capsys.readouterr().out.splitlines())

    for item in script:
        if isinstance(item, str):
            view.add(item)
            note()
        else:
            end = clock.now + item
            while clock.now < end:
                clock.now += 1
                view.tick()
                note()
    view.end()
    note()
    return said


@pytest.mark.parametrize(
    ("stage", "line", "said"),
    [
        ("train@scratch", "epoch 3/30  train 0.5 (loss 0.7)  val 0.5 (loss 0.7)  70.0 s, 40 images/s  at most 4 min left", "at most 4 min left"),
        ("train@scratch", "fold 2 of 5, epoch 3/30: 12 of 500 batches, 3 min left", "12 of 500 batches, 3 min left"),
        ("prepare", "decoding: 64 of 128, 95 s left", "95 s left"),
        ("feature_extract", "features of train: 3 of 40, 3.1 h left", "3 of 40"),
        ("interpret@scratch", "maps: 3 of 4", "maps: 3 of 4"),
        ("compare", "", "making the report"),
    ],
)  # fmt: skip
def test_without_a_terminal_a_line_a_minute(
    capsys: pytest.CaptureFixture[str], stage: str, line: str, said: str
) -> None:
    assert not line or PROGRESS.match(line)
    printed = watched(capsys, [f"Running stage '{stage}':", *([line] if line else []), 400.0])
    times = [0.0, *(time for time, _ in printed), 400.0]
    assert max(later - earlier for earlier, later in pairwise(times)) <= 60
    *during, last = printed
    assert len(printed) < 12 and all(said in text and " so far)" in text for _, text in during) and "7 min" in last[1]


def test_a_command_that_has_not_begun_a_stage_is_heard_of_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert [time for time, _ in watched(capsys, [200.0])][:4] == [50, 100, 150, 200]


def test_lines_that_change_are_not_printed_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    script: list[str | float] = ["Running stage 'train@scratch':"]
    for epoch in range(1, 31):
        script += [f"epoch {epoch}/30  train 0.5", 1.0]
    assert [text for _, text in watched(capsys, script)] == ["  scratch trained (30 s)"]


def test_what_runs_at_every_command_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    script: list[str | float] = [
        "Running stage 'compose':",
        9.0,
        "Updating lock file",
        "",
        "Running stage 'list_inputs':",
        "> python x",
    ]
    for last in ("Stage 'prepare' didn't change, skipping", "", "Data and pipelines are up to date."):
        said = watched(capsys, [*script, last])
        assert [text for _, text in said] == ["  nothing to do: everything is up to date"]
    said = watched(capsys, [*script, 9.0, "Stage 'prepare' didn't change, skipping"])
    assert [text for _, text in said] == [
        "  photos and files listed (9 s)",
        "  nothing to do: everything is up to date",
    ]
    said = watched(capsys, [*script, "Running stage 'audit':", 3.0, "Updating lock file"])
    assert [text for _, text in said] == ["  photos checked for faults (3 s)"]


def test_a_training_that_went_on_counts_all_of_its_time(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str | float] = ["Running stage 'train@features_augmented':", 120.0, "Updating lock file"]
    assert watched(capsys, lines, 402.0)[-1][1] == "  features_augmented trained (6.7 min, 2 min of them now)"
    assert watched(capsys, lines, 110.0)[-1][1] == "  features_augmented trained (2 min)"
    summary = checkout.dataset("x") / "recipes/scratch/model/summary.json"
    runner = Runner(checkout, checkout.root / "a.log", "x")
    assert runner._trained_in("scratch") is None
    summary.parent.mkdir(parents=True)
    training_summary(seconds=402.5).write(summary)
    assert runner._trained_in("scratch") == 402.5


@pytest.mark.parametrize(
    ("lines", "trained"),
    [
        ("Running stage 'train@scratch':\nerror: schedule.epochs is 0\n", False),
        (
            "Running stage 'train@scratch':\nexpect about 3 min for 5 epochs\nepoch 1/5: 3 of 80 batches, 3 min left\n",
            False,
        ),
        ("Running stage 'train@scratch':\nepoch 1/5  train 0.5 (loss 1)\n", True),
        ("fold 2 of 5, epoch 1/5  train 0.5 (loss 1)\n", True),
        ("Stage 'train@scratch' is cached - skipping run, checking out outputs\n", True),
        ("Stage 'train@scratch' didn't change, skipping\n", False),
        ("Stage 'prepare' didn't change, skipping\n", False),
    ],
)
def test_a_training_counts_when_an_epoch_is_done(checkout: Checkout, lines: str, trained: bool) -> None:
    (checkout.root / "a.py").write_text(f"print({lines!r}, end='')")
    runner = Runner(checkout, checkout.root / "a.log")
    runner(["python", "a.py"])
    assert runner.trained is trained


def test_a_message_is_kept_whole() -> None:
    lines = ["Running stage 'compose':", "error: configuration: In 'x'", "  full_key: schedule.epoch", "did you mean epochs?", "",
             "ERROR: failed to reproduce 'compose': failed to run: python x, exited with 1"]  # fmt: skip
    said = explain(lines, Path("a.log"))
    assert "full_key: schedule.epoch\ndid you mean epochs?" in said and "ERROR" not in said and "a.log" in said


def test_no_log_replaces_another_and_the_oldest_go(checkout: Checkout) -> None:
    first = new_log(checkout, "x")
    first.write_text("thirty minutes of work")
    other = new_log(checkout, "x_y")
    logs = [new_log(checkout, "x") for _ in range(KEPT_LOGS - 1)]
    assert len({first, *logs}) == KEPT_LOGS and first.read_text() == "thirty minutes of work"
    assert re.search(r"x_\d{4}-\d\d-\d\d_", first.name)
    new_log(checkout, "x")
    assert not first.exists() and other.exists() and all(log.exists() for log in logs[1:])


def test_a_later_command_adds_to_the_log(checkout: Checkout) -> None:
    script = checkout.root / "a.py"
    script.write_text("print('hello')")
    runner = Runner(checkout, new_log(checkout, "x"))
    runner(["python", "a.py"])
    runner(["python", "a.py"])
    assert runner.log.read_text() == "$ python a.py\nhello\n" * 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Set data.folds=5: each recipe", "Add --folds 5: each recipe"),
        ("a smaller size (data.size, now 150), or", "a smaller size (--size, now 150), or"),
        ("train with balance=class_weights or balance=balanced_sampling; ", "train with --set balance=class_weights or --set balance=balanced_sampling; "),
        ("list them in a table (data=csv)", "list them in a table (a .csv file)"),
        ("or let data.on_leak=drop leave", "or let --set data.on_leak=drop leave"),
        ("or add --set data.on_leak=drop, which", "or add --set data.on_leak=drop, which"),
        ("cat/data.folds=5/x.jpg", "cat/data.folds=5/x.jpg"),
    ],
)  # fmt: skip
def test_advice_is_in_the_words_of_the_command(text: str, said: str) -> None:
    assert as_options(text) == said
