"""params.yaml before another dataset is chosen: which of its values were about the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warmstart.cli.checkout import Checkout
from warmstart.cli.settings import Settings

GROUPS = ("schedule", "backbone", "balance", "trainer", "tracking", "evaluate", "interpret")


@dataclass(frozen=True)
class Standing:
    """What params.yaml says besides dataset and recipes. stale: keys with values about other data, such as set.data.folder.
    kept: those that hold for this dataset too.
    """

    stale: dict[str, Any]
    kept: dict[str, Any]


def standing(checkout: Checkout, name: str) -> Standing:
    """What params.yaml says, seen from the dataset ``name``. Data options and experiments of another dataset are stale."""
    panel = checkout.panel()
    said = {key: panel[key] for key in ("experiment", *GROUPS, "seed") if panel.get(key) is not None}
    said |= {f"set.{key}": value for key, value in _leaves(panel.get("set") or {})}
    other = panel.get("data") != name
    stale = {
        key: value for key, value in said.items() if other and (key == "experiment" or key.startswith("set.data."))
    }
    return Standing(stale, {key: value for key, value in said.items() if key not in stale})


def panel_settings(kept: Mapping[str, Any]) -> Settings:
    """What params.yaml says of this dataset, as settings. An experiment is left to the stages, because it says which data it is about."""
    groups = {key: str(value) for key, value in kept.items() if key in GROUPS}
    values = {key.removeprefix("set."): value for key, value in kept.items() if key == "seed" or key.startswith("set.")}
    return Settings(groups, values)


def choose_command(name: str, recipes: Sequence[str] | None, stale: Mapping[str, Any]) -> list[str]:
    """The command that makes params.yaml run the dataset. recipes: null for its own list."""
    listed = [f"recipes=[{','.join(recipes)}]"] if recipes else []
    return ["python", "pipelines/choose.py", f"data={name}", *listed, *(f"{key}=null" for key in stale)]


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            out += _leaves(value, f"{prefix}{key}.")
        elif value is not None:
            out.append((f"{prefix}{key}", value))
    return out
