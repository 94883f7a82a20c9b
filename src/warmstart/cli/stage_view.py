"""What is shown of DVC's output: a line for every stage when it is done, and meanwhile what it is doing."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Callable

from warmstart.cli.dvc.output import Event, read_line
from warmstart.cli.messages import format_stage
from warmstart.runtime.console import say
from warmstart.text.printable import printable
from warmstart.text.quantities import format_duration

MAX_SILENT_SECONDS = 50.0  # after which a line is printed where there is no terminal
MAX_STAGE_LINES = 6  # of its output that are shown
MAX_LINE_CHARACTERS = 300
MIN_LISTING_SECONDS = 3.0  # from which listing the photos is worth a line
HIDDEN_STAGES = ("compose", "list_inputs")  # run at every command
# What a stage prints while it runs, which is shown as it changes, but not afterwards.
PROGRESS = re.compile(r"^(… |((fold|seed) \d+ of \d+, )?epoch \d+/\d+|.*: [\d,]+ of [\d,]+( batches)?(, .* left)?$)")
FORECAST = re.compile(r"^expect (at most )?about [\d.]+ (min|h)\b")


class StageView:
    """Shows output line by line, and what is being done: in the last line of a terminal, elsewhere now and then.

    trained_in: the seconds that the training of a recipe took in all, or None. clock: seconds.
    """

    def __init__(self, trained_in: Callable[[str], float | None], clock: Callable[[], float] = time.monotonic) -> None:
        self.trained_in, self.clock = trained_in, clock
        self.stage = self.progress = ""
        self.started = self.shown = clock()
        self.stage_lines: list[str] = []
        self.n_done = 0
        self.any_stage = False
        self.live = sys.stdout.isatty()

    def add(self, text: str) -> None:
        """Take in a line of output."""
        line = read_line(text)
        if line.stage or line.event is Event.NOTED:
            self._finish()
            self.any_stage = self.any_stage or bool(line.stage)
        if line.event is Event.RUNNING:
            self.stage, self.started, self.stage_lines, self.progress = line.stage, self.clock(), [], ""
        elif line.event is Event.RESTORED and not _hidden(line.stage):
            self.n_done += 1
            self._show(f"  {format_stage(line.stage)}: as in an earlier run")
        elif self.stage and PROGRESS.match(text):
            self.progress = text
        elif self.stage and line.event is Event.OTHER and not text.startswith("error: "):
            self.stage_lines.append(text)
            if FORECAST.match(text):
                self._show(f"  {self.stage.partition('@')[2] or self.stage}: {text}")
        self.tick()

    def tick(self) -> None:
        """Time has passed."""
        if self.live:
            text = printable(self._running())
            sys.stdout.write("\r\x1b[K" + text[: shutil.get_terminal_size().columns - 1])
            sys.stdout.flush()
        elif self.clock() - self.shown >= MAX_SILENT_SECONDS:
            self._show(self._running())

    def end(self, *, failed: bool = False) -> None:
        """The command has ended. A stage that runs every time need not have been closed by DVC."""
        if not failed:
            self._finish()
        self._clear()
        if self.any_stage and not self.n_done and not self.stage:
            self._show("  nothing to do: everything is up to date")

    def _running(self) -> str:
        seconds = format_duration(self.clock() - self.started)
        if not self.stage:
            return f"  looking at what has changed ({seconds} so far)"
        progress = f": {self.progress}" if self.progress else ""
        return f"  {format_stage(self.stage, running=True)}{progress} ({seconds} so far)"

    def _finish(self) -> None:
        stage, self.stage, self.progress = self.stage, "", ""
        seconds, self.started = self.clock() - self.started, self.clock()
        if not stage or (_hidden(stage) and not (stage == "list_inputs" and seconds >= MIN_LISTING_SECONDS)):
            return
        self.n_done += not _hidden(stage)
        if not any(line.endswith("nothing to extract") for line in self.stage_lines):
            kind, _, recipe = stage.partition("@")
            total = self.trained_in(recipe) if kind == "train" else None
            time_text = format_duration(seconds)
            if total is not None and total > seconds + 1:  # resumed
                time_text = f"{format_duration(total)}, {time_text} of them now"
            self._show(f"  {format_stage(stage)} ({time_text})")
        if stage in ("prepare", "audit"):
            for line in self.stage_lines[:MAX_STAGE_LINES]:
                self._show(f"    {line if len(line) < MAX_LINE_CHARACTERS else line[: MAX_LINE_CHARACTERS - 1] + '…'}")

    def _show(self, text: str) -> None:
        self._clear()
        say(text)
        self.shown = self.clock()

    def _clear(self) -> None:
        if self.live:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()


def _hidden(stage: str) -> bool:
    return stage.partition("@")[0] in HIDDEN_STAGES
