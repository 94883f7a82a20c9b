"""Dataclasses made of plain data: what has been checked at the door is read by attributes from there on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from warmstart.config import data_schema
from warmstart.config.schema import Network
from warmstart.config.target import CONVNET, TARGET, Target
from warmstart.config.tree import source_class, without_none
from warmstart.errors import UserError

T = TypeVar("T")


def to_typed(cls: type[T], plain: Mapping[str, Any], prefix: str = "") -> T:
    """An instance of the dataclass ``cls`` with the values of ``plain``, which ``check_config`` has checked.

    Fields that are dataclasses, optional, or lists or mappings of these are filled the same way. Keys that ``cls``
    lacks are ignored, or kept in the field for the rest. A key that is absent takes the field's default. ``Data``
    becomes the dataclass of its ``source``.

    prefix: the dotted key of ``plain`` in the whole configuration, for errors. Raises UserError where a key without a
    default is absent.
    """
    if cls is data_schema.Data:
        cls = source_class(plain.get("source")) or cls  # type: ignore[assignment]
    hints = get_type_hints(cls)
    values = {}
    for field in fields(cls):  # type: ignore[arg-type]
        if field.metadata.get("rest"):
            own = {other.name for other in fields(cls)}  # type: ignore[arg-type]
            values[field.name] = {key: value for key, value in plain.items() if key not in own}
        elif field.name in plain:
            values[field.name] = _convert(hints[field.name], plain[field.name], f"{prefix}{field.name}")
        elif not _has_default(field):
            raise UserError(f"{prefix}{field.name} is missing from the configuration")
    return cls(**values)


def _convert(hint: Any, value: Any, key: str) -> Any:
    hint, _ = without_none(hint)
    if value is None:
        return None
    if hint is Target or (hint is Network and value.get(TARGET) not in (None, CONVNET)):
        return Target.of(value)
    if hint == dict[str, Target]:
        return {name: target for name, item in value.items() if (target := item and Target.of(item))}
    if is_dataclass(hint) and isinstance(hint, type):
        return to_typed(hint, value, f"{key}.")
    if get_origin(hint) in (list, tuple):
        return get_origin(hint)(_convert(get_args(hint)[0], item, key) for item in value)  # type: ignore[misc]
    if get_origin(hint) is dict:
        return {name: _convert(get_args(hint)[1], item, f"{key}.{name}") for name, item in value.items()}
    return float(value) if hint is float else value


def _has_default(field: Field[Any]) -> bool:
    if field.default_factory is not MISSING:
        return True
    return field.default is not MISSING and field.default != data_schema.MISSING
