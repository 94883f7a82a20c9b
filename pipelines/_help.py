"""The help of a stage: what it does, how it is called, the option files, and every key with its values."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import yaml

from warmstart.config import data_schema, schema
from warmstart.config.check import range_words
from warmstart.config.target import TARGET
from warmstart.config.trainer_arguments import GIVEN
from warmstart.config.tree import leaves, open_groups
from warmstart.runtime.console import say

USAGE = """\
usage: python pipelines/{stage}.py [GROUP=OPTION …] [KEY=VALUE …]

  python pipelines/{stage}.py recipe=fine_tune trainer=cpu          choose option files
  python pipelines/{stage}.py recipe=fine_tune schedule.epochs=3    set a key
  python pipelines/{stage}.py -m recipe=scratch,features seed=1,2   run it for every combination
  python pipelines/{stage}.py recipe=fine_tune --cfg job            show the configuration, and do nothing
                                                    --resolve       … with references in it replaced by values

A value with a blank or one of = , : ( ) [ ] {{ }} needs two pairs of quotes: 'image="/tmp/a=b.jpg"'
conf/config.yaml names the defaults; conf/GROUP/OPTION.yaml are the option files. DVC takes values from params.yaml.
docs/configuration.md explains all of it, docs/sweeps.md sweeps and completion in a shell.
--hydra-help shows Hydra's own options."""
PARTS = """\
Parts of a training. An option file names a class by _target_. Each argument of the class is a key, and needs no +:

  optimizer=adamw optimizer.weight_decay=0.01                       an argument that the file has, or has not
  optimizer=adam optimizer._target_=torch.optim.NAdam               another class with these, also of a package of yours
  callbacks=ema callbacks.early_stopping.min_delta=1e-3             a dictionary: parts under names of your choice
  augment=lesson augment.flip=null augment.blur._target_=albumentations.Blur
                                                                    null takes a part out; _target_ adds one
  trainer.gradient_clip_val=1 trainer.accumulate_grad_batches=4     any argument of pytorch_lightning.Trainer

The options, their classes, and the arguments that the files give:
"""
TRAINER = "trainer: pytorch_lightning.Trainer, but for what Warmstart gives itself: "
WIDTH = 118


def print_help(stage: str, conf: Path) -> None:
    """Print the help of a stage, which is the program that runs. conf: the folder of the option files."""
    about = (sys.modules["__main__"].__doc__ or "").strip()
    say("\n".join([about, "", USAGE.format(stage=stage), "", *_options(conf), "", PARTS, *_parts(conf), "", *_keys()]))


def _options(conf: Path) -> list[str]:
    lines = ["Option files (GROUP: OPTION …):"]
    for folder in sorted(path for path in conf.iterdir() if path.is_dir()):
        words = f"{folder.name + ':':<14}{' '.join(sorted(path.stem for path in folder.glob('*.yaml')))}"
        lines.append(textwrap.fill(words, WIDTH, initial_indent="  ", subsequent_indent=" " * 16))
    return lines


def _parts(conf: Path) -> list[str]:
    lines = []
    for group in open_groups():
        for file in sorted((conf / group).glob("*.yaml")):
            text = file.read_text(encoding="utf-8")
            targets = [_signature(name, node) for name, node in _nodes(yaml.safe_load(text) or {})]
            if targets:
                words = f"{group}={file.stem}: {'; '.join(targets)}"
                lines.append(textwrap.fill(words, WIDTH, initial_indent="  ", subsequent_indent="      "))
                about = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
                lines.append(textwrap.indent(textwrap.fill(" ".join(about), WIDTH - 6), " " * 6))
    lines.append(textwrap.fill(TRAINER + ", ".join(GIVEN), WIDTH, initial_indent="  ", subsequent_indent="      "))
    return [line for line in lines if line]


def _nodes(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The parts that an option file names, by name; that of a file with one part has none."""
    if content.get(TARGET):
        yield "", content
    for name, node in content.items():
        if isinstance(node, Mapping) and node.get(TARGET):
            yield name, node


def _signature(name: str, node: Mapping[str, Any]) -> str:
    arguments = ", ".join(key for key in node if key != TARGET)
    return f"{name} = {node[TARGET]}({arguments})".removeprefix(" = ")


def _keys() -> list[str]:
    lines, meant = ["Keys (KEY: its values; its meaning):"], meanings()
    for key, leaf in leaves().items():
        values = "names and arguments of classes, as above" if leaf.open else range_words(leaf)
        words = f"{key}: {values}" + (f"; {meant[key]}" if key in meant else "")
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
