"""Rewriting the dataset, the recipes and single values in params.yaml as text, so that every other line and comment stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from warmstart.errors import UserError
from warmstart.files.plain import write_text

Recipes = Mapping[str, Mapping[str, str]]


def edit_panel(path: Path, data: str, recipes: Recipes, values: Mapping[str, Any] | None = None) -> None:
    """Set ``data`` and the whole ``recipes`` block, name → {stage, from}, in the file. values: dotted key → value, of keys that it has.

    Raises UserError where that cannot be done safely.
    """
    try:
        text = path.read_text(encoding="utf-8")
        before = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path.name} cannot be read: {error}") from None
    wanted = (
        {**before, "data": data, "recipes": {k: dict(v) for k, v in recipes.items()}}
        if isinstance(before, dict)
        else None
    )
    edited = with_recipes(with_data(text, data), recipes)
    for key, value in (values or {}).items():
        edited, wanted = with_value(edited, key, value), _replaced(wanted, key.split("."), value)
    if wanted is None or not _reads(edited, wanted):
        block = "\n".join(_lines(recipes, {}))
        raise UserError(
            f"{path.name} is written in a way that cannot be edited safely; write it by hand:\ndata: {data}\nrecipes:\n{block}"
        )
    write_text(path, edited)


def with_data(text: str, data: str) -> str:
    """The text with another ``data``; a comment behind it stays in its column."""

    def line(found: re.Match[str]) -> str:
        comment = found["comment"] or ""
        return f"data: {data}".ljust(len(found[0]) - len(comment) - 1) + f" {comment}" if comment else f"data: {data}"

    edited, n = re.subn(r"^data:[^#\n]*(?P<comment>#[^\n]*)?", line, text, count=1, flags=re.MULTILINE)
    return edited if n else f"data: {data}\n{text}"


def with_recipes(text: str, recipes: Recipes) -> str:
    """The text with another ``recipes`` block. Comments inside the old one go to its top; those behind a recipe that stays, stay."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if re.match(r"recipes\s*:", line)), len(lines))
    end = start + 1
    for i in range(start + 1, len(lines)):
        if lines[i].startswith((" ", "\t")):
            end = i + 1
        elif lines[i] and not lines[i].startswith("#"):
            break
    block = lines[start + 1 : end]
    notes = [line for line in block if line.lstrip().startswith("#")]
    behind = {found[1]: found[2] for line in block if (found := re.match(r"\s+(\w+):.*?(\s*#.*)$", line))}
    head = re.match(r"recipes\s*:[^#]*?(\s*#.*)?$", lines[start]) if start < len(lines) else None
    new = ["recipes:" + ((head and head[1]) or ""), *notes, *_lines(recipes, behind)]
    return "\n".join([*lines[:start], *new, *lines[end:]]) + "\n"


def with_value(text: str, key: str, value: Any) -> str:
    """The text with another value at a dotted key; a comment behind it stays. Raises UserError where there is no such key."""
    node: Any = yaml.compose(text)
    for part in key.split("."):
        node = next((v for k, v in node.value if k.value == part), None) if isinstance(node, yaml.MappingNode) else None
    if not isinstance(node, yaml.ScalarNode) or node.start_mark.index == node.end_mark.index:
        raise UserError(f"params.yaml has no value {key} that could be set: write it by hand")
    new = yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("...\n").strip()
    start, end = node.start_mark.index, node.end_mark.index
    return text[:start] + (new.ljust(end - start) if text[end:].startswith(" ") else new) + text[end:]


def read_value(key: str, text: str) -> Any:
    """A value as a person types it. Raises UserError, naming the key, where YAML cannot read it."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise UserError(f"{key}={text} cannot be read as a value of YAML: put it in quotes") from None


def _replaced(tree: Any, path: list[str], value: Any) -> Any:
    """The same tree with another value at the end of ``path``."""
    if not path:
        return value
    return {**tree, path[0]: _replaced(tree[path[0]], path[1:], value)}


def _reads(text: str, wanted: object) -> bool:
    """Whether the text says just that, each key once: PyYAML takes the last of two, other readers refuse them."""
    try:
        keys = [key.value for key, _ in yaml.compose(text).value]
        return yaml.safe_load(text) == wanted and len(keys) == len(set(keys))
    except yaml.YAMLError:
        return False


def _lines(recipes: Recipes, behind: Mapping[str, str]) -> list[str]:
    return [
        f"  {name}: {{stage: {item['stage']}, from: {item['from']}}}{behind.get(name, '')}"
        for name, item in recipes.items()
    ]
