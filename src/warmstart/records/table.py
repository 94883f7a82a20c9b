"""CSV tables that pass between stages: a frozen dataclass is a line, and its fields are the columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, ClassVar, Literal, Self, TextIO, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from warmstart.files.cells import cell_path, cell_text, csv_writer, path_cell, text_cell
from warmstart.files.plain import write_text
from warmstart.files.reading import reading


@dataclass(frozen=True)
class Cell:
    """How a column's values are written and read, where not as Python does. An empty cell may be None."""

    write: Callable[[Any], Any]
    read: Callable[[str], Any]


def decimals(digits: int) -> Cell:
    """Numbers with so many digits after the point."""
    return Cell(lambda value: f"{value:.{digits}f}", float)


PathCell = Annotated[str, Cell(path_cell, cell_path)]
TextCell = Annotated[str, Cell(text_cell, cell_text)]
FloatOrNan = Annotated[float, Cell(float, lambda cell: float(cell or "nan"))]  # an empty cell is NaN


class Row:
    """Base of a frozen dataclass that is a line of one CSV file. A column's name is the field's alias, or its name.

    WHAT: the table in a few words, for messages. ORDER: the columns in the file, where not that of the fields.
    OPTIONAL: columns after these that a file lacks where no line has a value for them, which is None then.
    """

    WHAT: ClassVar[str] = "a table"
    ORDER: ClassVar[tuple[str, ...]] = ()
    OPTIONAL: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The names of the columns that every file has, in their order."""
        return cls.ORDER or tuple(
            name for column in cls._columns().values() if (name := column.name) not in cls.OPTIONAL
        )

    @classmethod
    def read_rows(cls, path: str | Path) -> list[Self]:
        """All lines of a file. Raises UserError, naming the file and what makes it again."""
        return list(cls.iter_rows(path))

    @classmethod
    def iter_rows(cls, path: str | Path) -> Iterator[Self]:
        """The lines of a file one by one, for tables too large for memory. Raises UserError as ``read_rows``."""
        return (cls(*values) for values in cls.iter_columns(path))

    @classmethod
    def iter_columns(cls, path: str | Path, *names: str) -> Iterator[list[Any]]:
        """The values of some fields, by default all, faster than ``iter_rows``. Raises UserError as ``read_rows``."""
        with reading(path, cls.WHAT), Path(path).open(newline="", encoding="utf-8") as stream:
            yield from cls._parse(csv.reader(stream), names)

    @classmethod
    def write_rows(cls, path: str | Path, rows: Iterable[Self]) -> None:
        """Write a file in one step."""
        text = io.StringIO(newline="")
        rows = list(rows) if cls.OPTIONAL else rows
        add = cls._writer(text, cls._present(rows) if cls.OPTIONAL else ())
        for row in rows:
            add(row)
        write_text(path, text.getvalue())

    @classmethod
    @contextmanager
    def open_rows(cls, path: Path) -> Iterator[Callable[[Self], None]]:
        """Write a file line by line: give a function that adds one. For a folder that `replace_dir` puts in place. The
        lines of a table that may lack columns are written at the end.
        """
        with path.open("w", newline="", encoding="utf-8") as stream:
            if not cls.OPTIONAL:
                yield cls._writer(stream, ())
                return
            rows: list[Self] = []
            yield rows.append
            add = cls._writer(stream, cls._present(rows))
            for row in rows:
                add(row)

    @classmethod
    def _present(cls, rows: Iterable[Self]) -> list[str]:
        """The optional columns for which a row has a value."""
        fields = {column.name: column.field for column in cls._columns().values()}
        return [name for name in cls.OPTIONAL if any(getattr(row, fields[name]) is not None for row in rows)]

    @classmethod
    def _writer(cls, stream: TextIO, optional: Collection[str]) -> Callable[[Self], None]:
        writer, known = csv_writer(stream), {column.name: column for column in cls._columns().values()}
        names = (*cls.columns(), *optional)
        columns = [known[name] for name in names]
        writer.writerow(names)

        def add(row: Self) -> None:
            values = [getattr(row, column.field) for column in columns]
            writer.writerow(
                ["" if v is None else c.write(v) if c.write else v for c, v in zip(columns, values, strict=True)]
            )

        return add

    @classmethod
    def _parse(cls, lines: Iterator[list[str]], names: Collection[str]) -> Iterator[list[Any]]:
        header, columns = next(lines, []), cls._columns()
        lacking = [name for name in cls.OPTIONAL if name not in header]
        for name in cls.columns():
            if name not in header:
                raise ValueError(f"it has no column {name!r}")
        if len(header) + len(lacking) != len(columns):
            unknown = [name for name in header if name not in (*cls.columns(), *cls.OPTIONAL)] or header
            raise ValueError(f"this version knows no column {unknown[0]!r}, or it is there twice")
        wanted = [columns[name] for name in names] if names else list(columns.values())
        readers = [(header.index(column.name), column.read) for column in wanted if column.name not in lacking]
        gaps = [place for place, column in enumerate(wanted) if column.name in lacking]
        for number, line in enumerate(lines, 2):
            if len(line) != len(header):
                raise ValueError(f"line {number} has {len(line)} cells and not {len(header)}")
            try:
                values = [read(line[place]) for place, read in readers]
            except ValueError:
                raise ValueError(f"line {number}: {_fault(wanted, line, header)}") from None
            for place in gaps:
                values.insert(place, None)
            yield values

    @classmethod
    @cache
    def _columns(cls) -> dict[str, _Column]:
        """By field."""
        hints = get_type_hints(cls, include_extras=True)
        return {field.name: _column(field.name, hints[field.name]) for field in fields(cls)}  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Column:
    field: str
    name: str
    read: Callable[[str], Any]
    write: Callable[[Any], Any] | None


def _column(field: str, hint: Any) -> _Column:
    kind, optional, cell, name = _unwrap(hint)
    read = cell.read if cell else _reader(kind)
    return _Column(field, name or field, _or_none(read) if optional else read, cell.write if cell else None)


def _unwrap(hint: Any) -> tuple[Any, bool, Cell | None, str | None]:
    """Of a field's type: the plain type, whether it may be None, its cell and its alias."""
    optional, cell, name = False, None, None
    while True:
        if get_origin(hint) is Annotated:
            hint, *extras = get_args(hint)
            cell = next((one for one in extras if isinstance(one, Cell)), cell)
            name = next((one.alias for one in extras if isinstance(one, FieldInfo) and one.alias), name)
        elif NoneType in get_args(hint):
            optional, hint = True, next(one for one in get_args(hint) if one is not NoneType)
        else:
            return hint, optional, cell, name


def _reader(kind: Any) -> Callable[[str], Any]:
    if get_origin(kind) is Literal:
        return _one_of({str(value): value for value in get_args(kind)})
    if kind is bool:
        return _one_of({"True": True, "False": False})
    if kind in (int, float, str):
        return kind  # type: ignore[no-any-return]
    raise TypeError(f"a cell holds no {kind}")


def _one_of(values: dict[str, Any]) -> Callable[[str], Any]:
    def read(cell: str) -> Any:
        if cell not in values:
            raise ValueError(cell)
        return values[cell]

    return read


def _or_none(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda cell: read(cell) if cell else None


def _fault(columns: Iterable[_Column], line: list[str], header: list[str]) -> str:
    """The first cell of a line that cannot be read."""
    for column in columns:
        if column.name not in header:
            continue
        cell = line[header.index(column.name)]
        try:
            column.read(cell)
        except ValueError:
            return f"its {column.name!r} is {cell!r}"[:120]
    return ""
