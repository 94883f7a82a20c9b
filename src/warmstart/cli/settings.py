"""What a person sets by --size, --folds and --set: option groups, such as schedule=quick, and single values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from warmstart.cli.checkout import Checkout
from warmstart.config.paths import absolute
from warmstart.errors import UserError

# Decided by other words of the command, or about other data.
NOT_HERE = {
    "data": "it follows from the photos that you name",
    "recipe": "use --only",
    "recipes": "use --only",
    "experiment": "use params.yaml",
}


@dataclass(frozen=True)
class Settings:
    """groups: group → option; values: dotted key → value."""

    groups: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.groups or self.values)


def read_settings(checkout: Checkout, pairs: Sequence[str], size: int | None = None, folds: int | None = None) -> Settings:
    """Settings from ``key=value`` words. Raises UserError for a word that is none, and for an option that there is not.

    That a key is known is for the stages to say, who have the schema.
    """
    settings = Settings(values={f"data.{key}": value for key, value in (("size", size), ("folds", folds)) if value is not None})
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not re.fullmatch(r"\w+(\.\w+)*", key):
            raise UserError(f"--set {pair}: write it as key=value, such as --set schedule.epochs=5")
        if key in NOT_HERE:
            raise UserError(f"--set {pair}: {NOT_HERE[key]}")
        folder = checkout.root / "conf" / key
        if "." not in key and folder.is_dir():
            options = sorted(path.stem for path in folder.glob("*.yaml"))
            if text not in options:
                near = get_close_matches(text, options, 1)
                raise UserError(f"--set {pair}: {f'did you mean {near[0]}?' if near else 'it is one of ' + ', '.join(options)}")
            settings.groups[key] = text
        else:
            settings.values[key] = absolute(key, read_value(text), Path.cwd())
    return settings


def read_value(text: str) -> Any:
    """A value as a person types it, as YAML reads it; 1e-3 is a number here, as in Hydra."""
    if re.fullmatch(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+", text):
        return float(text)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text
