"""What a command that failed has printed, DVC's words and those of a stage, as one sentence about what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path

from warmstart.cli.at_work import is_at_work
from warmstart.cli.words import failed_stage, own_words
from warmstart.files.plain import free_space
from warmstart.runtime.console import FAULT
from warmstart.runtime.machine_errors import full_disk, sentence
from warmstart.text.file_sizes import format_bytes

_AGAIN = "give the same command again"
_Told = str | Callable[[re.Match[str]], str | None]


def explain(lines: Sequence[str], log: Path) -> str:
    """Why a command failed, from all that it printed: a stage's own message, else what DVC's words mean. log: where all of it is.

    Only a stack trace of Warmstart's own code is a fault of Warmstart. Whatever is not known is passed on in DVC's words.
    """
    text = "\n".join(lines)
    if told := _another(text):
        return told
    if own := _own(lines):
        return f"{own}\n(everything that was printed: {log})"
    failed = failed_stage(lines)
    where = f"at the stage {failed}, " if failed else ""
    if told := _known(lines, text):
        return f"{where}{told}\n(everything that was printed: {log})"
    if fault := _fault(lines):
        return f"{where}a fault of Warmstart, not of your photos or settings: {fault}; please report it with the file {log}"
    last = [line for line in lines if line.startswith("ERROR: ")] or [line for line in lines if line.strip()][-3:]
    said = "\n".join(line.removeprefix("ERROR: ") for line in last) or "it printed nothing"
    return f"{where}the command failed; it said:\n{said}\n(everything that was printed: {log})"


def _own(lines: Sequence[str]) -> str:
    """What the stage itself said was wrong, last, with all of its lines; empty where it said nothing."""
    start = next((number for number in reversed(range(len(lines))) if lines[number].startswith("error: ")), None)
    if start is None:
        return ""
    rest = takewhile(lambda line: not line.startswith(("ERROR: ", "Traceback ")), lines[start + 1 :])
    return own_words("\n".join([lines[start].removeprefix("error: "), *rest]).rstrip())


def _another(text: str) -> str | None:
    """Another command at work in the checkout, or the lock of one that was killed."""
    found = re.search(r"blocked by:\s*\(PID (\d+)\): (.*)", text)
    if found and not is_at_work(int(found[1]), found[2].strip()):
        return f"a dvc that was killed has left a lock (.dvc/tmp/rwlock): {_AGAIN}, which removes it"
    if not found and "Unable to acquire lock" not in text:
        return None
    who = f" (process {found[1]})" if found else ""
    return f"another warmstart or dvc command is at work in this checkout{who}: when it has ended, {_AGAIN}"


def _known(lines: Sequence[str], text: str) -> str | None:
    for pattern, told in RULES:
        if found := re.search(pattern, text, re.MULTILINE):
            said = told if isinstance(told, str) else told(found)
            if said:
                return said
    return _system(lines)


def _system(lines: Sequence[str]) -> str | None:
    """What the system refused, by the number that Python prints with it; the last path in the line is where it was refused."""
    for line in sorted(lines, key=lambda line: "'" not in line):  # those with a path first
        if (found := re.search(r"\[Errno (\d+)\] ([^:']*)(.*)", line)) and not line.startswith(" "):
            paths = re.findall(r"'([^']*)'", found[3])
            if told := sentence(
                OSError(int(found[1]), found[2], paths[-1]) if paths else OSError(int(found[1]), found[2])
            ):
                return told
    return None


def _fault(lines: Sequence[str]) -> str:
    """The last line of a stack trace that goes through Warmstart's code, or a stage's own word about it; empty where there is none."""
    for number, line in reversed(list(enumerate(lines))):
        if line.startswith(FAULT):
            return line.partition("(")[2].rpartition(")")[0] or line.removeprefix(FAULT)
        if re.match(r'  File ".*[/\\](warmstart|pipelines)[/\\][^"]*", line', line):
            after = (rest.strip() for rest in lines[number + 1 :] if re.match(r"\w[\w.]*(: |$)", rest))
            return next(after, "it printed a stack trace")
    return ""


def _links(found: re.Match[str]) -> str:
    folder, free = free_space(found[1])
    return f"DVC could not bring {found[1]} from its cache: {folder} has {format_bytes(free)} free, and this user must be able to write there"


def _lock(found: re.Match[str]) -> str:
    return (
        f"dvc.lock is empty or damaged, as after a command that was killed while it wrote it: {_AGAIN}, which mends it. Where it does not, "
        f"{_git('dvc.lock')} (in a merge, `git checkout --ours dvc.lock`), and what has run since then comes back from DVC's cache"
    )


def _git(file: str) -> str:
    return f"`git checkout {file}` puts back the last committed one"


# The first that is found in the output counts.
RULES: tuple[tuple[str, _Told], ...] = (
    (r"'\.?/?dvc\.lock' (is invalid|validation failed)|unable to read: '.*dvc\.lock'", _lock),
    (r"RWLock-file '([^']+)'(.*corrupted|.*format error)",
     lambda found: f"{found[1]} is empty or damaged, as after a command that was killed: {_AGAIN}, which removes it"),
    (r"'\.?/?dvc\.yaml' (is invalid|validation failed)", f"dvc.yaml is not valid: undo what was changed in it; {_git('dvc.yaml')}"),
    (r"unable to read: '([^']+)', YAML file structure is corrupted: (.*)(?:\n  in .*(line \d+))?",
     lambda found: f"{found[1]} is not valid YAML{f' ({found[3]})' if found[3] else ''}: mend it there, or see `git diff {found[1]}`"),
    (r"failed to parse '.*' in 'dvc\.yaml': Could not find '([^']+)'",
     lambda found: f"params.yaml has no key {found[1]}, which dvc.yaml reads: put it back; `git diff params.yaml` shows what was changed"),
    (r"ConfigError: config file error: (.*)", lambda found: f".dvc/config, or DVC's own settings, is damaged ({found[1].rstrip('.')}): {_git('.dvc/config')}"),
    (r"(?i)not a git repository|no_scm", f"this folder is no git repository, and DVC needs one: run `git init` in it, and {_AGAIN}"),
    (r"not inside of a DVC repository", f"the folder .dvc of this checkout is missing: {_git('.dvc')}"),
    (r"could not determine the home directory", "this user has no home folder: set HOME to a folder that it may write to"),
    (r"getpwuid\(\): uid not found: (\d+)", lambda found: f"the user {found[1]} has no name on this machine: set USER and LOGNAME to any name"),
    (r"^(?:ModuleNotFoundError: |\S*python\S*: )No module named '?([\w.]+)'?$",
     lambda found: sentence(ModuleNotFoundError(name=found[1].strip("'")))),
    (r"exited with (-9|137)\b", "the system ended it, which it does when memory runs out: close other programs, or try fewer or smaller photos"),
    (r"exited with (-15|143|-1|129)\b", f"it was ended from outside: {_AGAIN}, which goes on where this one stopped"),
    (r"exited with (-2|130)\b", f"it was interrupted: {_AGAIN}, which goes on where this one stopped"),
    (r"exited with (-11|139|-6|134|-4|132)\b",
     f"a library that it uses crashed: {_AGAIN}; where it crashes again, install the versions in requirements.txt anew"),
    (r"exited with (-7|135)\b", lambda found: f"the system could not write or read a file that is open as memory; mostly {full_disk()}"),
    (r"No possible cache link types for '([^']+)'", _links),
    (r"(?i)database or disk is full", lambda found: full_disk()),
    (r"output '([^']+)' does not exist", lambda found: f"the stage has ended without its result {found[1]}: {_AGAIN}"),
)  # fmt: skip
