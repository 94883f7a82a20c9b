"""DVC's stages in plain words, times as people say them, and DVC's complaints as something to act on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

STAGES = {
    "compose": "settings read",
    "prepare": "photos decoded and split",
    "audit": "photos checked for faults",
    "feature_extract": "photos seen by the pretrained network",
    "train": "{} trained",
    "evaluate": "{} measured",
    "interpret": "{} looked into",
    "compare": "report made",
    "publish": "MLflow brought up to date",
}
# What a stage prints while it is at work, which a person wants to see as it changes, but not afterwards.
PASSING = re.compile(r"^(epoch \d+/\d+|.*: \d+ of \d+$|… )")
# What libraries say, and DVC's own words.
NOISE = re.compile(r"^(\s|> |WARNING|Updating lock file|To track|To enable|Use `dvc|Data and pipelines|.*Warning: |$)")


def stage_words(stage: str) -> str:
    """A stage as DVC names it, such as train@scratch, in plain words."""
    kind, _, recipe = stage.partition("@")
    return STAGES.get(kind, kind).format(recipe)


def took(seconds: float) -> str:
    """A time: ``4 s``, ``95 s``, ``12 min``, ``3.1 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


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
    own = [line for line in lines if line.startswith("error: ")]
    if own:
        return own[-1].removeprefix("error: ") + f"\n(everything that was printed: {log})"
    failed = next((match[1] for line in lines if (match := re.search(r"failed to reproduce '([^']+)'", line))), "")
    if re.search(r"exited with (-9|137)\b", text):
        return f"{failed} was ended by the system, which does when memory runs out: close other programs, or try fewer or smaller photos\n({log})"
    if "not a git repository" in text.lower() or "no_scm" in text:
        return "this folder is no git repository, and DVC wants one: run `git init` in it, and the same command again"
    last = [line for line in lines if line.startswith("ERROR: ")] or [line for line in lines if line.strip()][-3:]
    what = f"the stage {failed} broke off" if failed else "the command failed"
    return f"{what}; this is no mistake of yours, so please report it with the file {log}\n" + "\n".join(last)
