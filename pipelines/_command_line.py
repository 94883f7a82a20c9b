"""The command line of a stage, before Hydra reads it from ``sys.argv``, which only this module rewrites."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from hydra.core.hydra_config import HydraConfig

from _app import CHECKOUT
from warmstart.config.escape import escape, quoted
from warmstart.config.paths import PATH_KEYS, expand_user
from warmstart.config.tree import open_groups

READ_AS_IT_IS = re.compile(r"[\w./@-]+", re.ASCII)  # by Hydra's grammar
CHOOSES_CONFIG = ("--config-name", "-cn", "--config-path", "-cp", "--config-dir", "-cd")
TAKES_VALUE = (*CHOOSES_CONFIG, "--cfg", "-c", "--package", "-p", "--info", "-i", "--experimental-rerun")


def prepare_command_line(stage: str, default: str, here: Path) -> None:
    """Rewrite ``sys.argv`` for Hydra. default: an override for when its key is not set. here: where it was typed."""
    words = sys.argv[1:]
    if "-cp" in words:  # dvc.yaml gives it from the checkout; Hydra would take it from the folder of this file
        path = words.index("-cp") + 1
        words[path : path + 1] = [str(CHECKOUT / word) for word in words[path : path + 1]]
    # Hydra would name the job after the module of the function that it calls.
    added = [f"hydra.job.name={stage}"]
    key = default.partition("=")[0]
    if default and not any(word.startswith((f"{key}=", *CHOOSES_CONFIG)) for word in words):
        added.append(default)
    added += own_network(words)
    start = first_override(words)
    sys.argv[1:] = [*words[:start], *added, *quote_paths([*map(add_open_key, words[start:])], here)]


def add_open_key(word: str) -> str:
    """An override of an argument of a class that an option file names, which Hydra only adds with ``++``.

    The check against the class itself refuses a mistyped one.
    """
    key = word.partition("=")[0]
    group, dot, _ = key.partition(".")
    return f"++{word}" if dot and "=" in word and group in open_groups() else word


def own_network(words: Sequence[str]) -> list[str]:
    """The option that a class of a person's own needs, whose arguments are not those of the convnet."""
    named = any(word.lstrip("+").startswith("network._target_=") for word in words)
    return ["network=own"] if named and not any(word.startswith("network=") for word in words) else []


def first_override(words: Sequence[str]) -> int:
    """Where the overrides begin: Hydra's parser takes them side by side only, before or after its options."""
    for index, word in enumerate(words):
        if not word.startswith("-") and (index == 0 or words[index - 1] not in TAKES_VALUE):
            return index
    return len(words)


def asks_for_help() -> bool:
    """Whether the help of the stage is to be printed, which Hydra's own replaces by its whole configuration."""
    return bool({"--help", "-h"} & set(sys.argv[1:]))


def overrides_to_show() -> list[str] | None:
    """The overrides of a command line with ``--cfg``; None without it, and with another configuration than ours."""
    flags = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    for names in (("--cfg", "-c"), ("--package", "-p"), *zip(CHOOSES_CONFIG[::2], CHOOSES_CONFIG[1::2], strict=True)):
        flags.add_argument(*names)
    try:
        known, rest = flags.parse_known_args(sys.argv[1:])
    except argparse.ArgumentError:
        return None  # Hydra's own parser reports it
    if not known.cfg or known.config_name or known.config_path or known.config_dir:
        return None
    return [word for word in rest if not word.startswith("-")]


def is_overridden(key: str) -> bool:
    """Whether the command line sets a key or group, or chooses another configuration than ``conf/config.yaml``."""
    hydra = HydraConfig.get()
    words = (str(word) for word in hydra.overrides.task)
    return hydra.job.config_name != "config" or any(word.lstrip("+").startswith(f"{key}=") for word in words)


def quote_paths(words: Sequence[str], here: Path) -> list[str]:
    """The words, with quotes for those paths that exist. here: where relative ones start.

    ``image=${x}, =1.jpg`` is the file of that name where there is one, and else what Hydra reads.
    """
    return [_quote_path(word, here) for word in words]


def _quote_path(word: str, here: Path) -> str:
    key, equals, value = word.partition("=")
    if not equals or key.lstrip("+") not in PATH_KEYS or not value or READ_AS_IT_IS.fullmatch(value):
        return word
    try:
        exists = os.path.lexists(here / expand_user(value, here))
    except (ValueError, RuntimeError):  # a null character, or the home of an unknown user
        return word
    return f"{key}={quoted(escape(value))}" if exists else word
