"""What a person sets by --size, --folds and --set, or in params.yaml: option groups, such as schedule=quick, and
single values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from warmstart.cli.checkout import Checkout
from warmstart.config.escape import escape
from warmstart.config.params import CURVES, GROUPS, set_values
from warmstart.config.paths import BY_HAND, PATH_KEYS, absolute
from warmstart.errors import UserError
from warmstart.text.near_names import did_you_mean

# Decided by other words of the command, or about other data.
NOT_HERE = {
    "data": "it follows from the photos that you name",
    "recipe": "`warmstart run PHOTOS --only RECIPES` chooses",
    "recipes": "`warmstart run PHOTOS --only RECIPES` chooses",
    "experiment": "use params.yaml",
    "data.name": "use --name",
    "data.source": "it follows from the photos that you name",
    **dict.fromkeys(BY_HAND, "it is for stages that are run by hand, such as `python pipelines/train.py`"),
}


@dataclass(frozen=True)
class Settings:
    """groups: group → option; values: dotted key → value."""

    groups: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.groups or self.values)


def read_settings(
    checkout: Checkout, pairs: Sequence[str], size: int | None = None, folds: int | None = None
) -> Settings:
    """Settings from ``key=value`` words. Raises UserError for another word, and for an option that there is not.

    Whether a key exists is checked where the configuration is composed.
    """
    settings = Settings(
        values={f"data.{key}": value for key, value in (("size", size), ("folds", folds)) if value is not None}
    )
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not re.fullmatch(r"\w+(\.\w+)*", key):
            raise UserError(f"--set {pair}: write it as key=value, such as --set schedule.epochs=5")
        group = key.partition(".")[0]
        if instead := NOT_HERE.get(group if group in BY_HAND else key):
            raise UserError(f"--set {pair}: {instead}")
        folder = checkout.root / "conf" / key
        if "." not in key and folder.is_dir():
            options = sorted(path.stem for path in folder.glob("*.yaml"))
            if text not in options:
                raise UserError(f"--set {pair}: {_instead(key, text, options)}")
            settings.groups[key] = text
        else:
            if key in settings.values:
                raise UserError(f"--set {pair}: {key} is said twice")
            settings.values[key] = _read_path(key, text) if key in PATH_KEYS else read_value(text)
    if size is not None:  # of all recipes
        settings.values.setdefault("backbone.size", "data")
    return settings


def _read_path(key: str, text: str) -> Any:
    """A path is taken as it is typed; ``${`` in it is no reference."""
    return None if text in ("", "null") else escape(absolute(key, text, Path.cwd()))


def _instead(group: str, text: str, options: Sequence[str]) -> str:
    if group == "backbone" and (name := _timm_name(text)) and (name == text or not get_close_matches(text, options, 1)):
        option = f"backbone=timm backbone.name={name}"
        return f"{option} is what exists" if name == text else f"did you mean {option}?"
    return did_you_mean(text, options) or "it is one of " + ", ".join(options)


def _timm_name(text: str) -> str | None:
    import timm

    if timm.is_model(text):
        return text
    return next(iter(get_close_matches(text, timm.list_models(), 1)), None)


def read_value(text: str) -> Any:
    """A value as a person types it, as YAML reads it; 1e-3 is a number here, as in Hydra."""
    if re.fullmatch(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+", text):
        return float(text)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


@dataclass(frozen=True)
class ParamsStatus:
    """What params.yaml says besides dataset and recipes, by dotted key, such as ``set.data.folder``.

    stale: about other data. kept: what holds for this dataset too.
    """

    stale: dict[str, Any]
    kept: dict[str, Any]

    @property
    def settings(self) -> Settings:
        """What is kept, as settings. An experiment is left to the stages, because it says which data it is about, and
        learning curves are stages of their own.
        """
        kept = {key: value for key, value in self.kept.items() if key not in ("experiment", CURVES)}
        groups = {key: str(value) for key, value in kept.items() if key in GROUPS}
        return Settings(groups, {key.removeprefix("set."): value for key, value in kept.items() if key not in groups})


def params_status(checkout: Checkout, name: str) -> ParamsStatus:
    """The status of params.yaml for the dataset ``name``. Data options, experiments and learning curves of another
    dataset are stale.
    """
    params = checkout.params()
    given = {key: params[key] for key in (*GROUPS, "seed", "seeds") if params.get(key) is not None}
    given |= {CURVES: params[CURVES]} if params.get(CURVES) else {}
    given |= {f"set.{key}": value for key, value in set_values(params).items()}
    other = params.get("data") != name
    stale = {
        key: given[key] for key in given if other and (key in ("experiment", CURVES) or key.startswith("set.data."))
    }
    return ParamsStatus(stale, {key: value for key, value in given.items() if key not in stale})


def choose_command(name: str, recipes: Sequence[str] | None, stale: Mapping[str, Any]) -> list[str]:
    """The command that makes params.yaml run the dataset. recipes: None for its own list."""
    listed = [f"recipes=[{','.join(recipes)}]"] if recipes else []
    return ["python", "pipelines/choose.py", f"data={name}", *listed, *(f"{key}=null" for key in stale)]
