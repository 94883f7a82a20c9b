"""DVC's stages in plain words, and times as people say them."""

from __future__ import annotations

import re

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
