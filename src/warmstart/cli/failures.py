"""What a failed command has printed, as one sentence about what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from warmstart.cli.dvc import output as dvc
from warmstart.cli.dvc.processes import is_running
from warmstart.cli.messages import AT_STAGE, FAILED, FAILED_OTHERWISE, FAILURES, FAULT_HERE, as_options
from warmstart.files.plain import free_space
from warmstart.runtime.console import FAULT
from warmstart.runtime.full_disk import full_disk
from warmstart.runtime.machine_errors import sentence
from warmstart.text.file_sizes import format_bytes

SYSTEM_ERRORS: dvc.Patterns = (
    ("no_home", r"could not determine the home directory"),
    ("no_user_name", r"getpwuid\(\): uid not found: (?P<number>\d+)"),
    ("package_missing", r"^(?:ModuleNotFoundError: |\S*python\S*: )No module named '?(?P<module>[\w.]+)'?$"),
    ("database_full", r"(?i)database or disk is full"),
)
_OWN_ERROR = "error: "  # before a stage's own message


def explain(lines: Sequence[str], log: Path) -> str:
    """Why a command failed, by all that it printed. log: the file with all of it.

    A stage's own message comes first, then what DVC's means, then a stack trace through Warmstart's code.
    """
    text = "\n".join(lines)
    if locked := _locked(text):
        return locked
    stage = AT_STAGE.format(failed) if (failed := dvc.failed_stage(lines)) else ""
    if own := _own_message(lines):
        return FAILED.format(stage="", what=own, log=log)
    if known := _known(text) or _system_error(lines):
        return FAILED.format(stage=stage, what=known, log=log)
    if fault := _fault(lines):
        return FAULT_HERE.format(stage=stage, what=fault, log=log)
    printed = "\n".join(dvc.last_words(lines)) or "nothing"
    return FAILED_OTHERWISE.format(stage=stage, what=printed, log=log)


def _own_message(lines: Sequence[str]) -> str:
    """The last message of a stage itself, with all of its lines; empty where there is none."""
    start = next((number for number in reversed(range(len(lines))) if lines[number].startswith(_OWN_ERROR)), None)
    if start is None:
        return ""
    rest = takewhile(lambda line: not line.startswith((dvc.ERROR, "Traceback ")), lines[start + 1 :])
    return as_options("\n".join([lines[start].removeprefix(_OWN_ERROR), *rest]).rstrip())


def _locked(text: str) -> str | None:
    """That another command holds the checkout, or that a killed one has left its lock."""
    blocking = dvc.blocking_process(text)
    if blocking and not is_running(*blocking):
        return FAILURES["rwlock_left"]
    if not blocking and not dvc.is_locked(text):
        return None
    return FAILURES["locked"].format(process=f" (process {blocking[0]})" if blocking else "")


def _known(text: str) -> str | None:
    found = dvc.find_error(text, (*dvc.DVC_ERRORS, *SYSTEM_ERRORS))
    if not found:
        return None
    kind, values = found
    if kind == "package_missing":
        return sentence(ModuleNotFoundError(name=values["module"]))
    if kind == "cache_not_linked":
        folder, free = free_space(values["file"])
        values |= {"folder": str(folder), "free": format_bytes(free)}
    elif kind == "yaml_damaged":
        values["where"] = f" ({values['line']})" if values["line"] else ""
    elif kind in ("database_full", "memory_map_failed"):
        values["full_disk"] = full_disk()
    return FAILURES[kind].format(**values)


def _system_error(lines: Sequence[str]) -> str | None:
    """What the system refused, by the number that Python prints; the last path in the line is where."""
    for line in sorted(lines, key=lambda line: "'" not in line):  # those with a path first
        if (found := re.search(r"\[Errno (\d+)\] ([^:']*)(.*)", line)) and not line.startswith(" "):
            paths = re.findall(r"'([^']*)'", found[3])[-1:]
            if text := sentence(OSError(int(found[1]), found[2], *paths)):
                return text
    return None


def _fault(lines: Sequence[str]) -> str:
    """The last line of a stack trace through Warmstart's code, or a stage's own report of it; empty without one."""
    for number, line in reversed(list(enumerate(lines))):
        if line.startswith(FAULT):
            return line.partition("(")[2].rpartition(")")[0] or line.removeprefix(FAULT)
        if re.match(r'  File ".*[/\\](warmstart|pipelines)[/\\][^"]*", line', line):
            after = (rest.strip() for rest in lines[number + 1 :] if re.match(r"\w[\w.]*(: |$)", rest))
            return next(after, "it printed a stack trace")
    return ""
