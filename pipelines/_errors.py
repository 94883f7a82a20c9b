"""Hydra's errors in one line, which names the key, value or option at fault and the near one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import (
    ConfigAttributeError,
    ConfigKeyError,
    InterpolationKeyError,
    OmegaConfBaseException,
    ValidationError,
)
from yaml import YAMLError

from warmstart.config.check import range_words
from warmstart.config.escape import double_quoted, escape
from warmstart.config.tree import leaves, source_class
from warmstart.config.unknown import groups, near_key, unknown_key
from warmstart.errors import UserError
from warmstart.text.near_names import did_you_mean
from warmstart.text.printable import printable

UNPRINTABLE = "no value on a command line can have these characters; rename what has, or make a link to it"
QUOTE = "a value with a blank or one of = , : ( ) [ ] { } needs two pairs of quotes"


class NotComposed(UserError):
    """A configuration that Hydra and OmegaConf cannot compose."""


@contextmanager
def readable_errors(where: str = "") -> Iterator[None]:
    """Raise what Hydra and OmegaConf refuse as NotComposed. where: what it begins with, such as
    ``params.yaml: set.``
    """
    try:
        yield
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise NotComposed(where + explain(error)) from None
    except (ValueError, OSError) as error:
        if _raised_in(error) not in ("hydra", "omegaconf", "codecs", "yaml"):
            raise
        raise NotComposed(where + explain(error)) from None


def explain(error: Exception) -> str:
    """What went wrong while composing, in one line."""
    cause = error if isinstance(error, OmegaConfBaseException) else error.__cause__ or error.__context__
    text = str(error)
    file = f"conf/{found[1]}.yaml" if (found := re.search(r"In '([^']+)': \w+ raised while composing", text)) else ""
    if isinstance(error, UnicodeDecodeError):
        return f"an option file below conf/ is not UTF-8 text: {_line(error)}"
    if isinstance(error, OverrideParseException):
        return _unparsed(error.override)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return _no_option(error)
    if isinstance(cause, (ConfigKeyError, ConfigAttributeError)) and not isinstance(cause, InterpolationKeyError):
        owner = getattr(cause, "object_type", None)
        source = source_class(getattr(owner, "source", None)) if isinstance(owner, type) else None
        return str(unknown_key(str(cause.full_key), source, file))
    if isinstance(cause, ValidationError):
        return (f"{file}: " if file else "") + _wrong_type(cause)
    if found := re.search(r"Ambiguous value for argument '(.*)'", text):
        override = _typed(found[1])
        return f"{override} gives several values: add -m to run them one after another, or write a list as key=[a,b]"
    if found := re.search(r"Sweep parameters '(.*)' requires --multirun", text):
        return f"{_typed(found[1])} gives several values: add -m to run them one after another"
    if found := re.search(r"Could not append to config\. An item is already at '(.*)'", text):
        return f"{found[1]} is a key already: write {found[1]}=… without the plus"
    if found := re.search(r"Could not override '([\w/@.]+)'", text):
        return str(unknown_key(found[1].partition("@")[0]))
    if "Config group override must be" in text:
        return f"an option file is chosen by its name, as in optimizer=adam ({_line(error)})"
    key = getattr(cause, "full_key", "")
    line = _line(cause if isinstance(cause, OmegaConfBaseException) else error)
    return f"the configuration cannot be composed: {line}" + (f" ({key})" if key and key not in line else "")


def _line(error: BaseException) -> str:
    """Its first line; of an error of YAML, all of it, which says where."""
    return " ".join((str(error) if isinstance(error, YAMLError) else str(error).split("\n")[0]).split())


def _raised_in(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return str(trace.tb_frame.f_globals.get("__name__", "")).split(".")[0] if trace else ""


def _typed(override: str) -> str:
    """An override as it was typed: ``_command_line.add_open_key`` puts pluses before some."""
    return override.lstrip("+")


def _unparsed(override: str) -> str:
    override = _typed(override)
    key, equals, value = override.partition("=")
    shown = printable(override)
    if not equals:
        return f"{shown} cannot be read: write it as key=value"
    if shown != override:
        return f"{shown} cannot be read: {UNPRINTABLE}"
    if len(value) > 1 and value[0] == value[-1] in "'\"":
        value = value[1:-1]
    return f"{shown} cannot be read: {QUOTE}, as in {shlex.quote(f'{key}={double_quoted(escape(value))}')}"


def _no_option(error: MissingConfigException) -> str:
    group, _, option = str(error.missing_cfg_file).rpartition("/")
    options = list(error.options or ())
    if not group or not options:
        hint = f": did you mean {near}?" if (near := near_key(option, groups())) else ""
        return f"there is no option file conf/{error.missing_cfg_file}.yaml{hint}"
    words = did_you_mean(option, options) or f"it is one of {', '.join(options)}"
    other = " (backbone=timm backbone.name=… takes any network of timm)" if group == "backbone" else ""
    return f"{group}={option}: conf/{group} has no such option; {words}{other}"


def _wrong_type(cause: ValidationError) -> str:
    key = re.sub(r"\[\d+\]$", "", str(cause.full_key or ""))
    leaf = leaves().get(key)
    found = re.search(r"Value '(.*?)'(?: of type '(\w+)')?(?: could not| is not)", str(cause), re.DOTALL)
    if leaf is None:
        return str(unknown_key(key)) if key else f"the configuration cannot be composed: {_line(cause)}"
    if found is None or leaf.listed:
        return f"{key} cannot be {found[1] if found else 'what it is given'}: it is {leaf.words}"
    value = f"'{found[1]}'" if found[2] == "str" else found[1].lower() if found[2] == "bool" else found[1]
    return f"{key} is {value}; it is {range_words(leaf)}"
