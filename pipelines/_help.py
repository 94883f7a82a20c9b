"""What ``--help`` says of a stage: what it does, how it is called, the option files, and every key with its values and meaning."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from pathlib import Path

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
conf/config.yaml names the defaults; conf/GROUP/OPTION.yaml are the option files. DVC takes its values from params.yaml instead.
--hydra-help shows Hydra's own options."""
WIDTH = 118


def print_help(conf: Path) -> None:
    """Print the help of the stage that runs. conf: the folder of the option files."""
    about = (sys.modules["__main__"].__doc__ or "").strip()
    say("\n".join([about, "", USAGE.format(stage=Path(sys.argv[0]).stem), "", *_options(conf), "", *_keys()]))


def _options(conf: Path) -> list[str]:
    lines = ["Option files (GROUP: OPTION …):"]
    for folder in sorted(path for path in conf.iterdir() if path.is_dir()):
        options = " ".join(sorted(path.stem for path in folder.glob("*.yaml")))
        lines.append(
            textwrap.fill(f"{folder.name + ':':<13}{options}", WIDTH, initial_indent="  ", subsequent_indent=" " * 15)
        )
    return lines


def _keys() -> list[str]:
    lines, meant = ["Keys (KEY: its values; its meaning):"], meanings()
    for key, leaf in leaves().items():
        words = f"{key}: {range_words(leaf)}" + (f"; {meant[key]}" if key in meant else "")
        lines.append(textwrap.fill(words, WIDTH, initial_indent="  ", subsequent_indent="      "))
    return lines


def meanings() -> dict[str, str]:
    """The comment behind each key in the schema, by the dotted key."""
    found = {}
    for owner, prefix in _owners().items():
        for line in inspect.getsource(owner).splitlines():
            if told := re.match(r"\s+(\w+): [^#]*?#\s*(.+)", line):
                found.setdefault(f"{prefix}{told[1]}", told[2])
    return found


def _owners() -> dict[type, str]:
    """The classes of the schema, with what stands before their keys."""
    classes = {getattr(schema, name): name for name in dir(schema) if inspect.isclass(getattr(schema, name))}
    prefixes = {owner: _prefix(name) for owner, name in classes.items() if owner.__module__ == schema.__name__}
    # In the order of the schema, so that the first to explain a key is the most general.
    data = [
        owner for owner in vars(data_schema).values() if inspect.isclass(owner) and issubclass(owner, data_schema.Data)
    ]
    return prefixes | dict.fromkeys(data, "data.")


def _prefix(name: str) -> str:
    return {"Config": "", "PhaseEpochs": "schedule.epochs_of.", "PhaseRates": "schedule.lr_of."}.get(
        name, f"{name.lower()}."
    )
