"""The kinds of errors that DVC prints (3.67). ``warmstart.cli.messages.FAILURES`` says what to do about each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from warmstart.cli.dvc.output import ERROR

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
