"""DVC's stages in plain words, times as people say them, and DVC's complaints as something to act on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from warmstart.progress import spell_seconds

# A stage when it is done, and while it is at work.
STAGES = {
    "compose": ("settings read", "reading settings"),
    "list_inputs": ("photos and files listed", "listing photos and files"),
    "prepare": ("photos decoded and split", "decoding and splitting photos"),
    "audit": ("photos checked for faults", "checking photos for faults"),
    "feature_extract": ("features extracted", "extracting features"),
    "train": ("{} trained", "training {}"),
    "evaluate": ("{} measured", "measuring {}"),
    "interpret": ("{}: maps made", "making maps of {}"),
    "compare": ("report made", "making the report"),
    "publish": ("MLflow updated", "updating MLflow"),
}
SILENT = ("compose", "list_inputs", "watch")  # run at every command, so they are no news
LISTED = "list_inputs"  # which is worth a line where many photos make it long
# What a stage prints while it is at work, which a person wants to see as it changes, but not afterwards.
PASSING = re.compile(r"^(… |(fold \d+ of \d+, )?epoch \d+/\d+|.*: [\d,]+ of [\d,]+( batches)?(, .* left)?$)")
EXPECTED = re.compile(r"^expect (at most )?about [\d.]+ (min|h)\b")
# What libraries say, and DVC's own words.
NOISE = re.compile(r"^(\s|> |WARNING|Updating lock file|To track|To enable|Use `dvc|Data and pipelines|.*Warning: |$)")
FAILED = re.compile(r"failed to reproduce '([^']+)'")


def stage_words(stage: str) -> str:
    """A stage that is done, by its name in DVC, such as train@scratch, in plain words."""
    return _words(stage, 0)


def stage_doing(stage: str) -> str:
    """The same of a stage that is at work."""
    return _words(stage, 1)


def _words(stage: str, which: int) -> str:
    kind, _, recipe = stage.partition("@")
    return STAGES.get(kind, (kind, kind))[which].format(recipe)


def took(seconds: float) -> str:
    """A time: ``4 s``, ``95 s``, ``12 min``, ``3.1 h``."""
    return spell_seconds(seconds)


def failed_stage(lines: Sequence[str]) -> str:
    """The stage that DVC says has failed; empty where it names none."""
    return next((match[1] for line in lines if (match := FAILED.search(line))), "")


def own_message(lines: Sequence[str]) -> str:
    """What a stage itself said was wrong, with all its lines; empty where it said nothing."""
    start = next((number for number in reversed(range(len(lines))) if lines[number].startswith("error: ")), None)
    if start is None:
        return ""
    message = [lines[start].removeprefix("error: ")]
    for line in lines[start + 1 :]:
        if line.startswith(("ERROR: ", "Traceback ", "Set the environment variable HYDRA")):
            break
        message.append(line)
    return "\n".join(message).rstrip()


def own_words(text: str) -> str:
    """Advice that names keys of the configuration, with the options of this command instead: ``--folds 5``, ``--set balance=…``."""
    text = re.sub(r"\bdata=csv\b", "a .csv file", text)
    text = re.sub(r"(?<!--set )(?<![\w./])data\.(folds|size)=(\d+)", r"--\1 \2", text)
    text = re.sub(r"(?<![\w./])data\.size, now", "--size, now", text)
    text = re.sub(r"(?<!--set )(?<![\w./])((data|balance|schedule|optimizer|backbone|trainer)(\.\w+)*=[\w./-]*\w)", r"--set \1", text)
    return re.sub(r"\b(S|s)(et|ay) --", lambda found: ("Add" if found[1] == "S" else "add") + " --", text)


def explain(lines: Sequence[str], log: Path) -> str:
    """Why a command failed, from all that it printed: a stage's own message, else DVC's, with what can be done."""
    text = "\n".join(lines)
    busy = re.search(r"blocked by:\s*\(PID (\d+)\)", text)
    if busy or "Unable to acquire lock" in text:
        who = f" (process {busy[1]})" if busy else ""
        return (
            f"another warmstart or dvc command is at work in this checkout{who}: when it has ended, give the same command again. "
            "If there is none, one was killed: delete .dvc/tmp/rwlock and .dvc/tmp/lock"
        )
    if own := own_message(lines):
        return f"{own}\n(everything that was printed: {log})"
    failed = failed_stage(lines)
    if re.search(r"exited with (-9|137)\b", text):
        return f"{failed} was ended by the system, which does when memory runs out: close other programs, or try fewer or smaller photos\n({log})"
    if "not a git repository" in text.lower() or "no_scm" in text:
        return "this folder is no git repository, and DVC wants one: run `git init` in it, and the same command again"
    last = [line for line in lines if line.startswith("ERROR: ")] or [line for line in lines if line.strip()][-3:]
    what = f"the stage {failed} broke off" if failed else "the command failed"
    return f"{what}; this is no mistake of yours, so please report it with the file {log}\n" + "\n".join(last)
