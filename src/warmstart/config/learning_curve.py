"""The trainings that the learning curve of a recipe consists of, as compose writes them and the stage reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from warmstart.config.unwatched import take_unwatched
from warmstart.config.views import view
from warmstart.errors import UserError
from warmstart.text.near_names import did_you_mean

TRAININGS, UNWATCHED = "trainings.yaml", "trainings_unwatched.yaml"
NO_FOLDS = (
    "a learning curve tests all its networks on the same test images, which folds have not: set data.folds to null, or "
    "learning_curve in params.yaml to []"
)
Configs = Mapping[str, Mapping[str, Any]]  # recipe → its whole configuration


def check_curves(names: Iterable[str], configs: Configs) -> None:
    """Refuse (UserError) learning curves of recipes that are not run, and of folds. configs: of all that are run."""
    for name in names:
        if name not in configs:
            near = did_you_mean(name, configs) or f"they are {', '.join(configs)}"
            raise UserError(
                f"params.yaml: learning_curve names {name!r}, which is none of the recipes that run; {near}"
            )
        if configs[name]["data"].get("folds"):
            raise UserError(NO_FOLDS)


def training_views(configs: Configs, recipe: str) -> dict[str, dict[str, Any]]:
    """What the trainings of a recipe read, and before it those of the recipes that it starts from."""
    start = configs[recipe]["recipe"]["starts_from"]
    before = training_views(configs, start) if start else {}
    own = view(configs[recipe], training_stage(configs[recipe]))
    own.pop("seeds", None)  # a curve has seeds of its own
    return before | {recipe: own}


def training_stage(config: Mapping[str, Any]) -> str:
    """The stage that trains a recipe."""
    return "fine_tune" if config["recipe"]["phase"] == "fine_tune" else "train"


def trainings_files(trainings: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Two files with what the trainings read, name → content: what DVC compares, and what changes no result."""
    split = {name: take_unwatched(content) for name, content in trainings.items()}
    return {
        file: yaml.safe_dump({name: both[part] for name, both in split.items()}, sort_keys=False)
        for part, file in enumerate((TRAININGS, UNWATCHED))
    }


def read_trainings(folder: Path) -> dict[str, dict[str, Any]]:
    """What ``trainings_files`` gave, from the folder that compose wrote."""
    watched, unwatched = (
        yaml.safe_load((folder / name).read_text(encoding="utf-8")) for name in (TRAININGS, UNWATCHED)
    )
    return {name: _merged(content, unwatched[name]) for name, content in watched.items()}


def _merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(first)
    for key, value in second.items():
        out[key] = _merged(out.get(key) or {}, value) if isinstance(value, Mapping) else value
    return out
