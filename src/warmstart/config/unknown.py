"""What is said of a key that the schema has not: the near one that was meant."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from warmstart.config.data_schema import SOURCES, Data
from warmstart.config.synonyms import SYNONYMS
from warmstart.config.trainer_arguments import LIGHTNING
from warmstart.config.tree import leaves
from warmstart.errors import UserError

HELP = "`python pipelines/train.py --help` lists the keys"


def unknown_key(key: str, source: type[Data] | None = None, where: str = "") -> UserError:
    """The error for a dotted key that is not in the schema. source: the dataclass of the ``data`` group. where: the
    file that says it.
    """
    start = f"{where}: {key}" if where else key
    known = [*leaves(source), *(f"trainer.{name}" for name in LIGHTNING)]
    if key in leaves() and source is not None:
        fitting = [other.source for other in SOURCES if key in leaves(other)]
        return UserError(
            f"{start} is no key of data whose source is {source.source}; sources that have it: {_listed(fitting)}"
        )
    if key in groups():
        return UserError(
            f"{start} is a group of keys: choose an option file of conf/{key} by {key}=NAME, "
            f"or set one of {_listed(_members(key))}"
        )
    return UserError(f"{start} is no key of the configuration{_hint(key, known)}")


def groups() -> list[str]:
    """The groups of the configuration, the outermost."""
    return list(dict.fromkeys(key.split(".")[0] for key in leaves() if "." in key))


def near_key(key: str, known: Collection[str]) -> str | None:
    """The key among ``known`` that a mistyped or foreign one most likely means."""
    group, _, last = key.rpartition(".")
    for word in (key, last):
        meant = SYNONYMS.get(word.lower())
        if meant and (meant in known or meant in groups()):
            return meant
    inside = [other for other in known if group and other.rpartition(".")[0] == group]
    named = {other.rpartition(".")[2]: other for other in inside}
    if found := get_close_matches(last, named, 1, 0.6):
        return named[found[0]]
    if same := [other for other in known if other.rpartition(".")[2] == last]:
        return (get_close_matches(key, same, 1, 0.0) or same)[0]
    if found := get_close_matches(key, [*known, *groups()], 1, 0.75):
        return found[0]
    lasts = {other.rpartition(".")[2]: other for other in known}
    return lasts[found[0]] if (found := get_close_matches(last, lasts, 1, 0.8)) else None


def _hint(key: str, known: Collection[str]) -> str:
    near = near_key(key, known)
    if near:
        return f": did you mean {near}?"
    group = key.split(".")[0]
    if group in groups() and "." in key:
        return f"; {group} has {_listed(_members(group, known))}"
    return f"; {HELP}"


def _members(group: str, known: Collection[str] | None = None) -> list[str]:
    return [
        key.removeprefix(f"{group}.") for key in known or leaves() if key.startswith(f"{group}.") and "*" not in key
    ]


def _listed(words: Collection[str]) -> str:
    return ", ".join(words)
