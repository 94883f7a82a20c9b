"""What ``dvc repro`` prints, line by line, and the kinds of its errors (DVC 3.67).

``warmstart.cli.messages.FAILURES`` says what to do about each.
"""

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
Patterns = tuple[tuple[str, str], ...]

# kind, pattern; the first that is found counts. Named groups are what the message needs.
DVC_ERRORS: Patterns = (
    ("lockfile_damaged", r"'\.?/?dvc\.lock' (is invalid|validation failed)|unable to read: '.*dvc\.lock'"),
    ("rwlock_damaged", r"RWLock-file '(?P<file>[^']+)'(.*corrupted|.*format error)"),
    ("pipeline_damaged", r"'\.?/?dvc\.yaml' (is invalid|validation failed)"),
    ("yaml_damaged",
     r"unable to read: '(?P<file>[^']+)', YAML file structure is corrupted: (.*)(?:\n  in .*(?P<line>line \d+))?"),
    ("param_missing", r"failed to parse '.*' in 'dvc\.yaml': Could not find '(?P<key>[^']+)'"),
    ("settings_damaged", r"(?:ConfigError:|configuration error -) config file error: (?P<what>.*?)\.?$"),
    ("no_git", r"(?i)not a git repository|no_scm"),
    ("no_dvc_folder", r"not inside of a DVC repository"),
    ("out_of_memory", r"exited with (-9|137)\b"),
    ("ended_from_outside", r"exited with (-15|143|-1|129)\b"),
    ("interrupted", r"exited with (-2|130)\b"),
    ("library_crashed", r"exited with (-11|139|-6|134|-4|132)\b"),
    ("memory_map_failed", r"exited with (-7|135)\b"),
    ("cache_not_linked", r"No possible cache link types for '(?P<file>[^']+)'"),
    ("no_result", r"output '(?P<file>[^']+)' does not exist"),
)  # fmt: skip


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


def find_error(text: str, patterns: Patterns = DVC_ERRORS) -> tuple[str, dict[str, str]] | None:
    """The kind of error in what was printed, and the values of its named groups; None where none is known."""
    for kind, pattern in patterns:
        if found := re.search(pattern, text, re.MULTILINE):
            return kind, {name: value or "" for name, value in found.groupdict().items()}
    return None


def last_words(lines: Sequence[str]) -> list[str]:
    """DVC's errors without their prefix; else the last three lines that are not empty."""
    errors = [line.removeprefix(ERROR) for line in lines if line.startswith(ERROR)]
    return errors or [line for line in lines if line.strip()][-3:]
