"""params.yaml, which says what DVC runs: read and checked, or edited with its comments and layout kept."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import CommentMark, YAMLError
from ruamel.yaml.tokens import CommentToken

from warmstart.config.flatten import flatten
from warmstart.config.paths import BY_HAND
from warmstart.errors import UserError
from warmstart.files.plain import write_text
from warmstart.text.near_names import did_you_mean

GROUPS = ("experiment", "schedule", "network", "backbone", "balance", "trainer", "tracking", "evaluate", "interpret")
CURVES = "learning_curve"
KEYS = ("data", "recipes", "seed", "seeds", CURVES, *GROUPS, "set")
TRAINING_STAGES = ("train", "fine_tune")

Recipes = Mapping[str, Mapping[str, str]]  # name → {stage, from}


@dataclass(frozen=True)
class Params:
    """What params.yaml says. Keys that are null are left to conf/, and absent here.

    recipes: name → {stage, from}. groups: the option files chosen. values: single values by dotted key. learning_curve:
    the recipes that are trained on parts of the images too.
    """

    data: str
    recipes: dict[str, dict[str, str]]
    seed: int | None
    groups: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    learning_curve: list[str] = field(default_factory=list)
    seeds: int | None = None


def load_params(path: Path) -> dict[str, Any]:
    """The content of the file, unchecked. Raises UserError where it is not a mapping."""
    content = _parse(YAML(typ="safe", pure=True), path)
    return dict(content)


def set_values(content: Mapping[str, Any]) -> dict[str, Any]:
    """The single values below ``set`` in the content of params.yaml, by dotted key; null is no value."""
    return {key: value for key, value in flatten(content.get("set") or {}).items() if value is not None}


def read_params(path: Path) -> Params:
    """Read and check the file. Raises UserError, naming the key at fault."""
    content, name = load_params(path), path.name
    for key in content:
        if key not in KEYS:
            keys = f"its keys are {', '.join(KEYS)}; single values go below set:"
            raise UserError(f"{name}: unknown key {key!r}; {did_you_mean(str(key), KEYS, shown=repr) or keys}")
    for key in ("recipes", "set"):
        if not isinstance(content.get(key) or {}, dict):
            what = "it is a mapping, KEY: VALUE on a line of its own each"
            raise UserError(f"{name}: {key} is {content[key]!r}; {what}")
    for key in ("data", *GROUPS):
        if isinstance(content.get(key), (dict, list)):
            what = f"it is the name of an option file of conf/{key}; single values go below set:"
            raise UserError(f"{name}: {key} is {content[key]!r}; {what}")
    for key in content.get("set") or {}:
        if key in BY_HAND:
            what = "is for stages that are run by hand, such as `python pipelines/train.py`; DVC's do not read it"
            raise UserError(f"{name}: set.{key} {what}")
    recipes: dict[str, Any] = content.get("recipes") or {}
    for recipe, item in recipes.items():
        if not isinstance(item, dict) or set(item) != {"stage", "from"} or item["stage"] not in TRAINING_STAGES:
            what = "must be {stage: train or fine_tune, from: what it starts from}"
            raise UserError(f"{name}: recipes.{recipe} {what}")
    if not recipes or not content.get("data"):
        raise UserError(f"{name}: {'recipes' if not recipes else 'data'} is empty")
    curves = content.get(CURVES) or []
    if not isinstance(curves, list) or not all(isinstance(recipe, str) for recipe in curves):
        raise UserError(f"{name}: learning_curve is {curves!r}; it is a list of recipes, such as [scratch, features]")
    groups = {key: content[key] for key in GROUPS if content.get(key) is not None}
    seeds = (content.get("seed"), content.get("seeds"))
    return Params(content["data"], recipes, seeds[0], groups, set_values(content), list(curves), seeds[1])


def recipes_run(path: Path, dataset: str, otherwise: list[str]) -> list[str]:
    """The recipes in params.yaml where it runs this dataset; else ``otherwise``. Raises UserError."""
    params = read_params(path)
    return list(params.recipes) if params.data == dataset else otherwise


def seeds_run(path: Path, dataset: str, otherwise: int | None) -> int | None:
    """How many seeds params.yaml asks for, where it runs this dataset and says so; else ``otherwise``. Raises
    UserError.
    """
    params = read_params(path)
    return params.seeds if params.data == dataset and params.seeds is not None else otherwise


def edit_params(path: Path, data: str, recipes: Recipes, values: Mapping[str, Any] | None = None) -> None:
    """Set ``data`` and the whole of ``recipes``. values: dotted key → value, of keys that the file has.

    Of the learning curves those stay whose recipe runs, on the same data. Raises UserError where the file cannot be
    read, or has no such key.
    """
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, 10_000
    yaml.representer.add_representer(
        type(None), lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    content = _parse(yaml, path)
    content.setdefault(CURVES, [])  # DVC cannot read dvc.yaml without it; files of earlier versions lack it
    for key, value in (values or {}).items():
        *groups, last = key.split(".")
        node = content
        for group in groups:
            node = node.get(group) if isinstance(node, dict) else None
        if not isinstance(node, dict) or last not in node or isinstance(node[last], dict):
            raise UserError(f"{path.name} has no value {key} that could be set: write it by hand")
        node[last] = value
    curves = content[CURVES] or []
    stay = [name for name in curves if name in recipes] if content.get("data") == data else []
    if stay != content[CURVES]:
        content[CURVES] = stay
    content["data"] = data
    content["recipes"] = _replaced(content.get("recipes"), recipes)
    text = io.StringIO()
    yaml.dump(content, text)
    write_text(path, text.getvalue())


def read_value(key: str, text: str) -> Any:
    """A value as it is typed, such as ``1e-3`` or ``null``. Raises UserError, naming the key, where it is no YAML."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        raise UserError(f"{key}={text} cannot be read as a value of YAML: put it in quotes") from None


def _parse(yaml: YAML, path: Path) -> Any:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise UserError(f"{path.name} cannot be read: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path.name} is not a mapping; its keys are {', '.join(KEYS)}")
    return content


def _replaced(old: Any, recipes: Recipes) -> CommentedMap:
    """The recipes as a block with a line each. Those that stay keep their comments, as does what follows."""
    new = CommentedMap()
    if isinstance(old, CommentedMap):
        new.ca.comment, following = old.ca.comment, _take_following(old)
        new.ca.items.update({name: comments for name, comments in old.ca.items.items() if name in recipes})
    else:
        following = ""
    for name, item in recipes.items():
        new[name] = CommentedMap(item)
        new[name].fa.set_flow_style()
    if following:
        slots = new.ca.items.setdefault(next(reversed(new)), [None, None, None, None])
        line = slots[2].value if slots[2] else "\n"
        slots[2] = CommentToken(line + following, slots[2].start_mark if slots[2] else CommentMark(0), None)
    return new


def _take_following(node: CommentedMap) -> str:
    """Take away the comments and empty lines below the last value, which ruamel keeps with that."""
    while isinstance(node, CommentedMap) and node:
        last = next(reversed(node))
        if token := (node.ca.items.get(last) or [None] * 4)[2]:
            line, _, following = token.value.partition("\n")
            token.value = f"{line}\n"
            return str(following)
        node = node[last]
    return ""
