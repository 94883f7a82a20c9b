"""Reading params.yaml, DVC's control panel."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from warmstart.config.paths import BY_HAND
from warmstart.errors import UserError

GROUPS = ("experiment", "schedule", "backbone", "balance", "trainer", "tracking", "evaluate", "interpret")


@dataclass(frozen=True)
class Panel:
    """The choices in params.yaml. recipes: name → {stage, from}; groups: option files chosen; leaves: single values."""

    data: str
    recipes: dict[str, dict[str, str]]
    seed: int | None
    groups: dict[str, str]
    leaves: dict[str, Any] = field(default_factory=dict)


def read_panel(path: Path) -> Panel:
    """Read and check the panel. Raises UserError, naming the key at fault."""
    try:
        content = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    except (OSError, YAMLError, OmegaConfBaseException) as error:
        raise UserError(f"{path.name} cannot be read: {error}") from None
    known = ("data", "recipes", "seed", *GROUPS, "set")
    if not isinstance(content, dict):
        raise UserError(f"{path.name} is not a mapping; its keys are {', '.join(known)}")
    for key in content:
        if key not in known:
            near = get_close_matches(str(key), known, 1)
            hint = (
                f"did you mean {near[0]!r}?"
                if near
                else f"its keys are {', '.join(known)}; single values go below set:"
            )
            raise UserError(f"{path.name}: unknown key {key!r}; {hint}")
    recipes, single = content.get("recipes") or {}, content.get("set") or {}
    for key, value in (("recipes", recipes), ("set", single)):
        if not isinstance(value, dict):
            raise UserError(f"{path.name}: {key} is {value!r}; it is a mapping, KEY: VALUE on a line of its own each")
    for key in ("data", *GROUPS):
        if isinstance(content.get(key), (dict, list)):
            raise UserError(
                f"{path.name}: {key} is {content[key]!r}; it is the name of an option file of conf/{key}; single values go below set:"
            )
    for key in single:
        if key in BY_HAND:
            raise UserError(
                f"{path.name}: set.{key} is for stages that are run by hand, such as `python pipelines/train.py`; DVC's do not read it"
            )
    for name, item in recipes.items():
        if not isinstance(item, dict) or set(item) != {"stage", "from"} or item["stage"] not in ("train", "fine_tune"):
            raise UserError(
                f"{path.name}: recipes.{name} must be {{stage: train or fine_tune, from: what it starts from}}"
            )
    if not recipes or not content.get("data"):
        raise UserError(f"{path.name}: {'recipes' if not recipes else 'data'} is empty")
    groups = {key: content[key] for key in GROUPS if content.get(key) is not None}
    return Panel(content["data"], recipes, content.get("seed"), groups, dict(_flat(single)))


def recipes_of(config: dict[str, Any], path: Path, *, cut: bool, named: bool) -> list[str]:
    """Which recipes of a dataset are meant: those in params.yaml where it runs this dataset, else the dataset's own list.

    cut: whether ``config`` is one that compose wrote, which has the list already. named: whether the person gave the list.
    """
    if not (cut or named):
        panel = read_panel(path)
        if panel.data == config["data"]["name"]:
            return list(panel.recipes)
    return list(config["recipes"])


def _flat(tree: dict[str, Any], prefix: str = "") -> Any:
    """Leaves as (dotted key, value); null means: leave it to conf/."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif value is not None:
            yield f"{prefix}{key}", value
