"""DVC's stages in plain words, and times as people say them."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
SILENT = ("compose", "list_inputs")  # run at every command, so they are no news
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


def failed_stage(lines: Sequence[str]) -> str:
    """The stage that DVC says has failed; empty where it names none."""
    return next((match[1] for line in lines if (match := FAILED.search(line))), "")


def own_words(text: str) -> str:
    """Advice that names keys of the configuration, with the options of this command instead: ``--folds 5``, ``--set balance=…``."""
    text = re.sub(r"\bdata=csv\b", "a .csv file", text)
    text = re.sub(r"(?<!--set )(?<![\w./])data\.(folds|size)=(\d+)", r"--\1 \2", text)
    text = re.sub(r"(?<![\w./])data\.size, now", "--size, now", text)
    text = re.sub(
        r"(?<!--set )(?<![\w./])((data|balance|schedule|optimizer|backbone|trainer)(\.\w+)*=[\w./-]*\w)",
        r"--set \1",
        text,
    )
    return re.sub(r"\b(S|s)(et|ay) --", lambda found: ("Add" if found[1] == "S" else "add") + " --", text)
