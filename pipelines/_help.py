"""The help of a stage: what it does, how it is called, the option files, and every key with its values."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_type_hints

from warmstart.config import data_schema, schema
from warmstart.config.check import range_words
from warmstart.config.tree import leaves
from warmstart.runtime.console import say

USAGE = """\
usage: python pipelines/{stage}.py [GROUP=OPTION …] [KEY=VALUE …]

  python pipelines/{stage}.py recipe=fine_tune trainer=cpu          choose option files
  python pipelines/{stage}.py recipe=fine_tune schedule.epochs=3    set a key
  python pipelines/{stage}.py -m recipe=scratch,features seed=1,2   run it for every combination
  python pipelines/{stage}.py recipe=fine_tune --cfg job            show the configuration, and do nothing

A value with a blank or one of = , : ( ) [ ] {{ }} needs two pairs of quotes: 'image="/tmp/a=b.jpg"'
conf/config.yaml names the defaults; conf/GROUP/OPTION.yaml are the option files. DVC takes values from params.yaml.
--hydra-help shows Hydra's own options."""
WIDTH = 118


def print_help(stage: str, conf: Path) -> None:
    """Print the help of a stage, which is the program that runs. conf: the folder of the option files."""
    about = (sys.modules["__main__"].__doc__ or "").strip()
    say("\n".join([about, "", USAGE.format(stage=stage), "", *_options(conf), "", *_keys()]))


def _options(conf: Path) -> list[str]:
    lines = ["Option files (GROUP: OPTION …):"]
    for folder in sorted(path for path in conf.iterdir() if path.is_dir()):
        words = f"{folder.name + ':':<13}{' '.join(sorted(path.stem for path in folder.glob('*.yaml')))}"
        lines.append(textwrap.fill(words, WIDTH, initial_indent="  ", subsequent_indent=" " * 15))
    return lines


def _keys() -> list[str]:
    lines, meant = ["Keys (KEY: its values; its meaning):"], meanings()
    for key, leaf in leaves().items():
        words = f"{key}: {range_words(leaf)}" + (f"; {meant[key]}" if key in meant else "")
        lines.append(textwrap.fill(words, WIDTH, initial_indent="  ", subsequent_indent="      "))
    return lines


def meanings() -> dict[str, str]:
    """The comment behind each key in the schema, by the dotted key."""
    found: dict[str, str] = {}
    for owner, prefix in _owners(schema.Config, ""):
        for line in inspect.getsource(owner).splitlines():
            if match := re.match(r"\s+(\w+): [^#]*?#\s*(.+)", line):
                found.setdefault(f"{prefix}{match[1]}", match[2])
    return found


def _owners(owner: type, prefix: str) -> Iterator[tuple[type, str]]:
    """The classes of the schema, each with what stands before its keys; of ``data`` the most general first."""
    yield from ((base, prefix) for base in reversed(owner.__mro__) if is_dataclass(base))
    hints = get_type_hints(owner)
    for field in fields(owner):
        if is_dataclass(hints[field.name]):
            yield from _owners(hints[field.name], f"{prefix}{field.name}.")
        elif field.name == "data":
            yield from ((base, "data.") for source in data_schema.SOURCES for base in reversed(source.__mro__[:-1]))
