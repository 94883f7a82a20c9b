"""The schema as a tree: every key of the configuration with its type, and a configuration read along it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from warmstart.config.data_schema import SOURCES, Data
from warmstart.config.schema import Config
from warmstart.config.target import CONVNET, TARGET
from warmstart.config.trainer_arguments import LIGHTNING

ABSENT = object()  # the value of a key that the schema has and the configuration has not
_NAMES: dict[type, tuple[str, str]] = {
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("true or false", "true or false"),
    str: ("text", "texts"),
}


@dataclass(frozen=True)
class Leaf:
    """A key of the schema. key: dotted, ``*`` for any name, ``**`` for any names of a part of an option file, whose
    values the class that it is an argument of decides on. type: of the value, or of each item of a list.
    """

    key: str
    type: Any
    listed: bool = False
    optional: bool = False

    @property
    def open(self) -> bool:
        """Whether it stands for arguments of a class that an option file names."""
        return self.key.endswith(".**")

    @property
    def words(self) -> str:
        """The type for a person, such as ``a whole number, or null``."""
        one, many = _NAMES.get(self.type, ("a mapping", "mappings"))
        return (f"a list of {many}" if self.listed else one) + (", or null" if self.optional else "")

    def fits(self, value: Any) -> bool:
        """Whether a value of plain data has this type; whole numbers are numbers too."""
        if self.open:
            return True
        if value is None:
            return self.optional
        if self.listed:
            return isinstance(value, list) and all(_is(item, self.type) for item in value)
        return _is(value, self.type)


def _is(value: Any, wanted: Any) -> bool:
    if wanted in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, (int, float) if wanted is float else wanted)


def source_class(name: Any) -> type[Data] | None:
    """The dataclass of the ``data`` group with this ``data.source``; None where there is none."""
    return next((source for source in SOURCES if source.source == name), None)


def leaves(source: type[Data] | None = None) -> dict[str, Leaf]:
    """Every key of the schema by its dotted name. source: the dataclass of the ``data`` group; None: the keys of all of
    them.
    """
    return _leaves_of(source.source if source else None)


@cache
def _leaves_of(name: str | None) -> dict[str, Leaf]:
    source = source_class(name)
    found: dict[str, Leaf] = {}
    for data in (source,) if source else (Data, *SOURCES):
        for field in fields(data):
            found |= _leaves(get_type_hints(data)[field.name], f"data.{field.name}")
    for field in fields(Config):
        if field.name == "data":
            continue
        hint = get_type_hints(Config)[field.name]
        if declared := field.metadata.get("declared"):
            found |= _leaves(declared, field.name)
        if hint == dict[str, Any]:
            found[f"{field.name}.**"] = Leaf(f"{field.name}.**", object, optional=True)
        else:
            found |= _leaves(hint, field.name)
    return found


def open_groups() -> list[str]:
    """The groups whose keys are arguments of the classes that their option files name."""
    return [key.removesuffix(".**") for key, leaf in leaves().items() if leaf.open]


def walk(config: Mapping[str, Any]) -> Iterator[tuple[str, Any, Leaf | None]]:
    """Every value of a configuration (plain data) as (dotted key, value, its place in the schema); None for a key that
    it has not.

    A key that the schema has and the configuration has not comes with the value ABSENT.
    """
    data = config.get("data")
    source = source_class(data.get("source")) if isinstance(data, Mapping) else None
    known = _with_network(leaves(source), config.get("network"))
    seen = set()
    for key, value in _flat(config, known):
        pattern = _pattern(key, known)
        seen.add(pattern)
        yield key, value, known.get(pattern) if pattern else None
    for key, leaf in known.items():
        if key not in seen and "*" not in key:
            yield key, ABSENT, leaf


def _with_network(known: dict[str, Leaf], network: Any) -> dict[str, Leaf]:
    """The leaves with the keys of the convnet only where that is the network, and any key where it is another class."""
    path = network.get(TARGET) if isinstance(network, Mapping) else None
    name = f"network.{TARGET}"
    if path in (None, CONVNET):
        return {key: leaf for key, leaf in known.items() if key != "network.**"} | {
            name: Leaf(name, str, optional=True)
        }
    return {key: leaf for key, leaf in known.items() if not key.startswith("network.") or leaf.open}


def _leaves(hint: Any, key: str) -> dict[str, Leaf]:
    hint, optional = without_none(hint)
    origin = get_origin(hint)
    if is_dataclass(hint):
        found: dict[str, Leaf] = {}
        for field in fields(hint):
            if not field.metadata.get("rest"):
                found |= _leaves(get_type_hints(hint)[field.name], f"{key}.{field.name}")
        return found
    if origin is dict:
        return _leaves(get_args(hint)[1], f"{key}.*")
    if origin is list:
        return {key: Leaf(key, get_args(hint)[0], listed=True, optional=optional)}
    return {key: Leaf(key, hint, optional=optional)}


def without_none(hint: Any) -> tuple[Any, bool]:
    """A type without its ``| None``, and whether it had that."""
    if get_origin(hint) in (Union, UnionType):
        rest = [part for part in get_args(hint) if part is not NoneType]
        return rest[0], len(rest) < len(get_args(hint))
    return hint, False


def _flat(tree: Mapping[str, Any], known: Mapping[str, Leaf], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value and _pattern(key, known) is None:
            yield from _flat(value, known, f"{key}.")
        elif not _is_group(key, known) or (value is not None and not isinstance(value, Mapping)):
            yield key, value


def _is_group(key: str, known: Mapping[str, Leaf]) -> bool:
    return any(other.startswith(f"{key}.") for other in known)


def _pattern(key: str, known: Mapping[str, Leaf]) -> str | None:
    """The key as the schema has it, or None."""
    if key in known:
        return key
    parts = key.split(".")
    for pattern in known:
        own = pattern.split(".")
        if "*" in own and len(own) == len(parts) and all(a in ("*", b) for a, b in zip(own, parts, strict=True)):
            return pattern
    if parts[0] == "trainer" and len(parts) > 1 and parts[1] not in LIGHTNING:
        return None
    return opened if len(parts) > 1 and (opened := f"{parts[0]}.**") in known else None
