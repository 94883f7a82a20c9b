"""JSON files that pass between stages, as frozen dataclasses whose types are checked when a file is read."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from warmstart.errors import UserError
from warmstart.files.plain import read_json, write_json
from warmstart.files.reading import damage, need, remake

VERSION_KEY = "format"
# For a field with the default None: the file has no such key where the value is None.
ABSENT = Field(exclude_if=lambda value: value is None)


class Record:
    """Base of a frozen dataclass that is the content of one JSON file.

    A field's name in the file is its alias, or else its own name. Types are strict (no text for a number, no float for
    an integer), numbers are finite, and there are no other keys. Dataclasses inside follow the same rules.

    FORMAT: version of the file's format, its first key. Increase it when a field is added, removed or redefined.
    """

    FORMAT: ClassVar[int] = 1
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a file. Raises UserError, with what makes it again, where it is missing, damaged or outdated."""
        return cls.parse(read_json(path), path)

    @classmethod
    def parse(cls, content: Any, path: str | Path) -> Self:
        """The record of a file's content as plain data. path: for messages. Raises UserError as ``read``."""
        content = dict(need(path, content, ()))
        version = content.pop(VERSION_KEY, None)
        if type(version) is not int or version != cls.FORMAT:
            raise UserError(f"{path} was written by another version of Warmstart: {remake(path)}")
        try:
            record: Self = cls._adapter().validate_json(json.dumps(cls._grouped(content)))
        except ValidationError as error:
            raise damage(path, _problem(error)) from None
        return record

    def write(self, path: str | Path) -> None:
        """Write the file in one step. Raises ValueError for numbers that are not finite."""
        write_json(path, {VERSION_KEY: self.FORMAT, **self.to_dict()})

    def to_dict(self) -> dict[str, Any]:
        """The file's content as plain data, without its version."""
        content: dict[str, Any] = self._adapter().dump_python(self, by_alias=True, warnings="error")
        return self._flattened(content)

    @classmethod
    @cache
    def _adapter(cls) -> TypeAdapter[Any]:
        return TypeAdapter(cls)

    # A file with open names beside its fixed keys is a record with a field that holds them: these two convert.

    @classmethod
    def _grouped(cls, content: dict[str, Any]) -> dict[str, Any]:
        return content

    @classmethod
    def _flattened(cls, content: dict[str, Any]) -> dict[str, Any]:
        return content


def _problem(error: ValidationError) -> str:
    """The first fault in a few words."""
    first = error.errors(include_url=False, include_context=False)[0]
    key = ".".join(map(str, first["loc"]))
    if first["type"] in ("missing", "missing_argument"):
        return f"it has no {key!r}"
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"this version knows no {key!r}"
    return f"its {key!r} {first['msg'].removeprefix('Input ')}"
