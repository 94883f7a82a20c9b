"""What a person sees of DVC's output: a line for every stage when it is done, and meanwhile what it is doing."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Callable

from warmstart.cli.words import EXPECTED, LISTED, NOISE, PASSING, SILENT, stage_doing, stage_words
from warmstart.runtime.console import say
from warmstart.runtime.progress import spell_seconds
from warmstart.text.printable import printable

RUNNING = re.compile(r"^Running stage '([^']+)':")
RESTORED = re.compile(r"^Stage '([^']+)' is cached - skipping run")
EVERY = 50.0  # seconds after which a line is due where there is no terminal
SHOWN = 6  # lines of a stage that are shown
NOTICED = 3.0  # seconds after which listing the photos is worth a line


class View:
    """Shown line by line. trained_in: the seconds that the training of a recipe took in all, or None. clock: seconds.

    On a terminal the last line says what is being done, and for how long. Elsewhere nothing can be replaced, so such a line is printed
    once in ``EVERY`` seconds.
    """

    def __init__(
        self,
        trained_in: Callable[[str], float | None] = lambda recipe: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.trained_in, self.clock = trained_in, clock
        self.stage = self.now = ""
        self.since = self.said = clock()
        self.told: list[str] = []
        self.done = 0
        self.dvc = False
        self.live = sys.stdout.isatty()

    def see(self, line: str) -> None:
        """Take in a line of output."""
        if found := RUNNING.match(line):
            self._finish()
            self.stage, self.since, self.told, self.dvc, self.now = found[1], self.clock(), [], True, ""
        elif found := RESTORED.match(line):
            self._finish()
            if not _silent(found[1]):
                self.done += 1
                self._say(f"  {stage_words(found[1])}: as in an earlier run")
        elif line.startswith("Stage '"):
            self._finish()
            self.dvc = True
        elif line.startswith("Updating lock file"):
            self._finish()
        elif self.stage and PASSING.match(line):
            self.now = line
        elif self.stage and not NOISE.match(line) and not line.startswith(("ERROR", "error: ")):
            self.told.append(line)
            if EXPECTED.match(line):
                self._say(f"  {self.stage.partition('@')[2] or self.stage}: {line}")
        self.tick()

    def tick(self) -> None:
        """Time has passed."""
        if self.live:
            text = printable(self._doing())
            sys.stdout.write("\r\x1b[K" + text[: shutil.get_terminal_size().columns - 1])
            sys.stdout.flush()
        elif self.clock() - self.said >= EVERY:
            self._say(self._doing())

    def end(self, *, failed: bool = False) -> None:
        """The command has ended. A stage that runs every time need not have said so."""
        if not failed:
            self._finish()
        self._clear()
        if self.dvc and not self.done and not self.stage:
            self._say("  nothing to do: everything is up to date")

    def _doing(self) -> str:
        for_long = spell_seconds(self.clock() - self.since)
        if not self.stage:
            return f"  looking at what has changed ({for_long} so far)"
        return f"  {stage_doing(self.stage)}{f': {self.now}' if self.now else ''} ({for_long} so far)"

    def _finish(self) -> None:
        stage, self.stage, self.now = self.stage, "", ""
        seconds, self.since = self.clock() - self.since, self.clock()
        if not stage or (_silent(stage) and not (stage == LISTED and seconds >= NOTICED)):
            return
        self.done += not _silent(stage)
        if not any(line.endswith("nothing to extract") for line in self.told):
            kind, _, recipe = stage.partition("@")
            before = self.trained_in(recipe) if kind == "train" else None
            resumed = before is not None and before > seconds + 1
            self._say(
                f"  {stage_words(stage)} ({f'{spell_seconds(before or 0)}, {spell_seconds(seconds)} of them now' if resumed else spell_seconds(seconds)})"
            )
        if stage in ("prepare", "audit"):
            for line in self.told[:SHOWN]:
                self._say(f"    {line if len(line) < 300 else line[:299] + '…'}")

    def _say(self, text: str) -> None:
        self._clear()
        say(text)
        self.said = self.clock()

    def _clear(self) -> None:
        if self.live:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()


def _silent(stage: str) -> bool:
    return stage.partition("@")[0] in SILENT
