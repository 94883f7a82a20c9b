"""The data option that stands for a person's photos: a small file in conf/data, which Hydra and DVC read."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import chain, count
from pathlib import Path
from typing import Any

import yaml

from warmstart.cli import messages
from warmstart.cli.checkout import Checkout, read_yaml
from warmstart.cli.messages import format_value
from warmstart.cli.settings import Settings, read_settings
from warmstart.cli.source import PLACES, Source, find_source, safe_name
from warmstart.config.counts import COUNTS, freed_counts
from warmstart.config.escape import quoted, unescape
from warmstart.config.flatten import flatten
from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.files.plain import write_text
from warmstart.runtime.console import say

HEADER = "# @package _global_\n# Written by `warmstart run`, which keeps its options here. Edit it as you like.\n"


@dataclass(frozen=True)
class Option:
    """A data option by its name, which is also the folder of its results.

    base: the option that it is made from. groups: options of other groups. values: by dotted key, paths with ``${``
    escaped. file: where it is kept; None where it is ``base`` as it stands. remembered: what an earlier run set and
    this one did not.
    """

    name: str
    base: str
    groups: dict[str, str]
    values: dict[str, Any]
    file: Path | None
    remembered: dict[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> dict[str, Any]:
        """The file's content as plain data."""
        tree: dict[str, Any] = {"data": {"name": self.name}}
        for key, value in self.values.items():
            *groups, leaf = key.split(".")
            reduce(lambda node, group: node.setdefault(group, {}), groups, tree)[leaf] = value
        overrides = [{f"override /{group}": option} for group, option in self.groups.items()]
        return {"defaults": [self.base, *overrides, "_self_"], **tree}

    @property
    def text(self) -> str:
        """The file's content."""
        body = yaml.safe_dump(self.content, sort_keys=False, allow_unicode=True, width=1000)
        return HEADER + body.replace("- _self_\n", "- _self_\n\n", 1)

    @property
    def overrides(self) -> list[str]:
        """The same as words of a command line, for a stage that reads it before it is kept."""
        values = {"data.name": self.name, **self.values} if self.file else self.values
        return [
            f"data={self.base}",
            *(f"{k}={v}" for k, v in self.groups.items()),
            *(f"{k}={quoted(v) if isinstance(v, str) else format_value(v)}" for k, v in values.items()),
        ]

    @property
    def kept(self) -> bool:
        """Whether its file says just this already, however it is written."""
        if not self.file or not self.file.exists():
            return self.file is None
        return read_yaml(self.file) == self.content

    def write(self) -> bool:
        """Keep it in its file; whether that changed anything."""
        if self.kept or not self.file:
            return False
        write_text(self.file, self.text)
        return True

    def set(self, wanted: Settings) -> Option:
        """The same with other settings."""
        values = self.values | wanted.values | freed_counts(wanted.values)
        remembered = {k: v for k, v in self.remembered.items() if k not in {**wanted.groups, **wanted.values}}
        return replace(self, groups=self.groups | wanted.groups, values=values, remembered=remembered)


def option_of(args: Namespace, checkout: Checkout) -> tuple[Source, Option]:
    """The photos that a command line names, and their option; reports what an earlier run has set. Raises UserError."""
    source = find_source(args.source, checkout)
    settings = read_settings(checkout, args.set, args.size, args.folds)
    option = choose_option(checkout, source, args.name, settings, fresh=args.fresh)
    if option.remembered:
        say(messages.remembered(option.name, option.remembered))
    return source, option


def choose_option(
    checkout: Checkout, source: Source, name: str | None, wanted: Settings, *, fresh: bool = False
) -> Option:
    """The option for ``source``: one that is about it already, else a new one that overwrites none.

    name: what the person calls it. wanted: other settings. fresh: without what earlier runs have set. Raises UserError
    where the name is taken, where a file written by hand would have to change, or where no file can hold the path.
    """
    if source.path:
        _check_path(source.path)
        if (place := f"data.{source.key}") in wanted.values:
            value = wanted.values[place]
            raise UserError(messages.PATH_SET.format(key=source.key, value=value, path=source.path))
    elif name in (None, source.base):
        kept = _kept(checkout, source.base, source, fresh)
        if kept and (wanted or fresh):
            return kept.set(wanted)
        if not wanted:
            return Option(source.base, source.base, {}, {}, None, kept.remembered if kept else {})
    if name and name != safe_name(name):
        raise UserError(messages.UNSAFE_NAME.format(name=name, safe=safe_name(name)))
    first = name or source.name
    for candidate in chain([first], (f"{first}_{number}" for number in count(2))):
        file = checkout.option(candidate)
        if not file.exists():
            needed = source.needed
            return Option(candidate, source.base, needed.groups, needed.values, file).set(wanted)
        if _is_about(read_yaml(file), source, checkout):
            if kept := _kept(checkout, candidate, source, fresh):
                return kept.set(wanted)
            if wanted:
                keys = ", ".join([*wanted.groups, *wanted.values])
                raise UserError(messages.WRITTEN_BY_HAND.format(file=file, keys=keys))
            return Option(candidate, candidate, {}, {}, None)
        if name:
            raise UserError(messages.NAME_TAKEN.format(name=name, file=file))
    raise AssertionError("the numbers never end")


def _check_path(path: Path) -> None:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise UserError(messages.NOT_UTF8.format(path=shown)) from None


def _kept(checkout: Checkout, name: str, source: Source, fresh: bool) -> Option | None:
    """The option of this name where this command wrote it; fresh: as if for the first time."""
    file = checkout.option(name)
    if not file.exists() or not file.read_text(encoding="utf-8").startswith(HEADER):
        return None
    content = read_yaml(file)
    defaults = content.pop("defaults", None)
    if not isinstance(defaults, list) or not defaults or not isinstance(defaults[0], str):
        raise UserError(messages.NO_BASE.format(file=file))
    base, *rest = defaults
    groups = {key.split("/")[1]: str(value) for item in rest if isinstance(item, dict) for key, value in item.items()}
    values = {key: value for key, value in flatten(content).items() if key != "data.name"}
    needed = (source if source.path else Source(base, _place(checkout, base, content))).needed
    if fresh:
        return Option(name, base, needed.groups, needed.values, file)
    required = {**needed.groups, **needed.values}
    remembered = {key: value for key, value in {**groups, **values}.items() if (key, value) not in required.items()}
    for key in COUNTS:  # emptied because folds, or so many of a class, were asked for
        if remembered.get(key, 0) is None:
            del remembered[key]
    return Option(name, base, groups, values, file, remembered)


def _place(checkout: Checkout, base: str, content: Mapping[str, Any]) -> Path | None:
    """Where the photos are that the content of an option file is about; None where it is about those of ``base``."""
    text = (content.get("data") or {}).get(PLACES.get(base))
    return Path(os.path.abspath(checkout.root / expand_user(unescape(str(text))))) if text else None


def _is_about(content: Mapping[str, Any], source: Source, checkout: Checkout) -> bool:
    if source.path:
        return _place(checkout, source.base, content) == source.path
    return bool((content.get("defaults") or [None])[0] == source.base)
