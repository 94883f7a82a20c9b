"""The data option that stands for a person's photos: a small file in conf/data, which Hydra and DVC read."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from warmstart.cli.checkout import Checkout, read_yaml
from warmstart.cli.settings import Settings
from warmstart.cli.source import Source
from warmstart.config.counts import freed_counts
from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.files import write_text

HEADER = "# @package _global_\n# Written by `warmstart run`, which keeps its options here. Edit it as you like.\n"
# Words that YAML or Hydra would read as something else.
NO_NAMES = ("none", "null", "hydra", "y", "n")


@dataclass(frozen=True)
class Option:
    """A data option by its name, which is also the folder of its results. base: the option it is made from. groups: options of other
    groups; values: dotted keys. file: where it is kept; None where it is ``base`` as it stands.
    """

    name: str
    base: str
    groups: dict[str, str]
    values: dict[str, Any]
    file: Path | None

    @property
    def text(self) -> str:
        """The file's content."""
        defaults = [self.base, *({f"override /{group}": option} for group, option in self.groups.items()), "_self_"]
        tree: dict[str, Any] = {"data": {"name": self.name}}
        for key, value in self.values.items():
            *groups, leaf = key.split(".")
            node = tree
            for group in groups:
                node = node.setdefault(group, {})
            node[leaf] = value
        body = [yaml.safe_dump(part, sort_keys=False, allow_unicode=True, width=1000) for part in ({"defaults": defaults}, tree)]
        return HEADER + "\n".join(body)

    @property
    def overrides(self) -> list[str]:
        """The same as words of a command line, for a stage that reads it before it is kept."""
        if not self.file:
            return [f"data={self.name}"]
        values = {"data.name": self.name, **self.values}
        return [f"data={self.base}", *(f"{k}={v}" for k, v in self.groups.items()), *(f"{k}={_word(v)}" for k, v in values.items())]

    def write(self) -> bool:
        """Keep it in its file; whether that changed anything."""
        if not self.file or (self.file.exists() and self.file.read_text(encoding="utf-8") == self.text):
            return False
        write_text(self.file, self.text)
        return True


def choose_option(checkout: Checkout, source: Source, name: str | None, wanted: Settings) -> Option:
    """The option for ``source``: one that is about it already, else a new one that overwrites none.

    name: what the person calls it. wanted: what it shall say besides.
    Raises UserError where the name is taken, or where a file written by hand would have to be changed.
    """
    if not source.path and name in (None, source.base):
        kept = _kept(checkout, source.base)
        if kept and wanted:
            return _changed(kept, wanted)
        if not wanted:
            return Option(source.base, source.base, {}, {}, None)
    if name and name != safe_name(name):
        raise UserError(f"--name {name} cannot be the name of a folder and an option; {safe_name(name)} can")
    first = name or (safe_name(source.path.stem if source.path.is_file() else source.path.name) if source.path else f"{source.base}_own")
    number = 1
    while True:
        candidate = first if number == 1 else f"{first}_{number}"
        place = checkout.option(candidate)
        if not place.exists():
            values = {**source.values, **({f"data.{source.key}": str(source.path)} if source.path else {})}
            return _changed(Option(candidate, source.base, dict(source.groups), values, place), wanted)
        if _is_about(read_yaml(place), source, checkout):
            kept = _kept(checkout, candidate)
            if kept:
                return _changed(kept, wanted)
            if wanted:
                keys = ", ".join([*wanted.groups, *wanted.values])
                raise UserError(f"{place} was written by hand: set {keys} there, or give the photos another name by --name")
            return Option(candidate, candidate, {}, {}, None)
        if name:
            raise UserError(f"--name {name}: {place} is about something else; give another name")
        number += 1


def safe_name(text: str) -> str:
    """A name for a folder, an option and a key of YAML, of letters, digits, ``_`` and ``-``."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()  # é becomes e
    name = re.sub(r"[^a-z0-9_-]+", "_", plain).strip("_-")
    if not name:
        return "photos"
    return f"photos_{name}" if name in NO_NAMES or not isinstance(yaml.safe_load(name), str) or name[0].isdigit() else name


def _changed(option: Option, wanted: Settings) -> Option:
    values = option.values | wanted.values | freed_counts(wanted.values)
    return Option(option.name, option.base, option.groups | wanted.groups, values, option.file)


def _kept(checkout: Checkout, name: str) -> Option | None:
    """The option of this name where this command wrote it."""
    place = checkout.option(name)
    if not place.exists() or not place.read_text(encoding="utf-8").startswith(HEADER):
        return None
    content = read_yaml(place)
    defaults = content.pop("defaults", None)
    if not isinstance(defaults, list) or not defaults or not isinstance(defaults[0], str):
        raise UserError(f"{place}: its defaults must begin with the data option that it is made from, such as image_folder")
    base, *rest = defaults
    groups = {key.split("/")[1]: str(value) for item in rest if isinstance(item, dict) for key, value in item.items()}
    values = {key: value for key, value in _flat(content) if key != "data.name"}
    return Option(name, base, groups, values, place)


def _is_about(content: Mapping[str, Any], source: Source, checkout: Checkout) -> bool:
    data = content.get("data") or {}
    if not source.path:
        return bool((content.get("defaults") or [None])[0] == source.base)
    told = data.get(source.key)
    return bool(told) and Path(os.path.abspath(checkout.root / expand_user(str(told)))) == source.path


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []
    for key, value in tree.items():
        out += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", value)]
    return out


def _word(value: Any) -> str:
    """A value on Hydra's command line, quoted so that every path is one word."""
    if value is None or isinstance(value, (bool, int, float, list)):
        return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value).replace("'", "")
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
