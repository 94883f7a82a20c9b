"""What ``dvc repro`` prints, line by line (DVC 3.67)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto


class Event(Enum):
    """What a line is about."""

    RUNNING = auto()  # a stage begins
    RESTORED = auto()  # its results came from DVC's cache
    UNCHANGED = auto()  # it has nothing to do
    NOTED = auto()  # DVC writes dvc.lock, after a stage
    NOISE = auto()  # of DVC, or warnings of a library
    OTHER = auto()  # what a stage prints


@dataclass(frozen=True)
class Line:
    """A line of output. stage: by its name in DVC, such as ``train@scratch``; empty where the line names none."""

    event: Event
    stage: str = ""


_STAGES = (
    (Event.RUNNING, re.compile(r"^Running stage '([^']+)':")),
    (Event.RESTORED, re.compile(r"^Stage '([^']+)' is cached - skipping run")),
    (Event.UNCHANGED, re.compile(r"^Stage '([^']+)'")),
)
_NOTED = "Updating lock file"
_NOISE = re.compile(
    r"^(\s|> |WARNING|ERROR|To track|To enable|Use `dvc|Data and pipelines|Generating lock|.*Warning: |$)"
)
_FAILED = re.compile(r"failed to reproduce '([^']+)'")
_BLOCKED = re.compile(r"blocked by:\s*\(PID (\d+)\): (.*)")
ERROR = "ERROR: "  # before DVC's own errors


def read_line(text: str) -> Line:
    """What a line of output says."""
    for event, pattern in _STAGES:
        if found := pattern.match(text):
            return Line(event, found[1])
    if text.startswith(_NOTED):
        return Line(Event.NOTED)
    return Line(Event.NOISE if _NOISE.match(text) else Event.OTHER)


def failed_stage(lines: Sequence[str]) -> str:
    """The stage that failed; empty where DVC names none."""
    return next((found[1] for line in lines if (found := _FAILED.search(line))), "")


def blocking_process(text: str) -> tuple[int, str] | None:
    """The process that DVC waits for, and its command; None where it names none."""
    found = _BLOCKED.search(text)
    return (int(found[1]), found[2].strip()) if found else None


def is_locked(text: str) -> bool:
    """Whether another DVC holds the lock of the checkout."""
    return "Unable to acquire lock" in text
