"""Reading a table as spreadsheets and people write it: comma, semicolon or tab; columns in any order and case."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from warmstart.errors import UserError
from warmstart.text.near_names import did_you_mean

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
# Spreadsheets mark UTF-8 and UTF-16 by their first bytes.
ENCODINGS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

# Spreadsheets may have filled the line up with separators.
SEPARATOR_LINE = re.compile(r'"?sep=([^\s\w"]|\t)"?[,;\t]*', re.IGNORECASE)


class Table:
    """A table whose first line names its columns.

    where: its name in messages. needed: columns that it must have. Raises UserError, naming the file and the line.
    """

    def __init__(self, path: Path, where: str, needed: Sequence[str]) -> None:
        self.where = where
        self._text, separator, self._above = _text(path, where)
        first, number = self._text.split("\n", 1)[0], 1 + self._above
        start = f"a table starts with a line such as {','.join(needed)}"
        choices = [separator] if separator else list(SEPARATORS)
        try:
            headers = {separator: next(csv.reader([first], delimiter=separator), []) for separator in choices}
        except csv.Error as error:
            raise UserError(f"{where}, line {number} cannot be read: {error}; {start}") from None
        columns = {separator: [name.strip().lower() for name in header] for separator, header in headers.items()}
        fits = [separator for separator, names in columns.items() if set(needed) <= set(names)]
        self.separator = fits[0] if fits else max(choices, key=lambda separator: len(headers[separator]))
        self.columns = columns[self.separator]
        if not fits:
            missing = " and ".join(repr(name) for name in needed if name not in self.columns)
            found = ", ".join(repr(name[:40]) for name in self.columns[:8]) or "nothing"
            raise UserError(f"{where}, line {number} names the columns {found}; it lacks {missing}: {start}")
        twice = sorted({name for name in self.columns if name and self.columns.count(name) > 1})
        if twice:
            raise UserError(f"{where}, line {number} names the column {twice[0]!r} twice: rename one")

    def place(self, column: str, key: str) -> int:
        """Where a column is. key: the option that asks for it. Raises UserError, with the nearest name there is."""
        name = column.strip().lower()
        if name not in self.columns:
            near = did_you_mean(name, self.columns, shown=repr) or f"it has {', '.join(map(repr, self.columns))}"
            raise UserError(f"{key}: {self.where} has no column {column!r}; {near}")
        return self.columns.index(name)

    def rows(self, strip: bool = True) -> Iterator[tuple[int, list[str]]]:
        """Each line's number and values, one a column, ``strip``: without blanks around; empty lines are left out."""
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self.separator, strict=True)
        try:
            next(reader)
            start = reader.line_num + 1 + self._above
            for values in reader:
                line, start = start, reader.line_num + 1 + self._above
                if len(values) > len(self.columns):
                    raise UserError(
                        f"{self.where}, line {line} has {len(values)} values for {len(self.columns)} columns: "
                        f'put values that hold a {SEPARATORS.get(self.separator, self.separator)} in quotes, "…"'
                    )
                if any(value.strip() for value in values):
                    padded = [*values, *[""] * (len(self.columns) - len(values))]
                    yield line, [value.strip() if strip else value for value in padded]
        except csv.Error as error:
            raise UserError(f"{self.where}, line {reader.line_num + self._above} cannot be read: {error}") from None


def _text(path: Path, where: str) -> tuple[str, str, int]:
    """Its lines, the separator of Excel's line ``sep=;`` above them (or nothing), and the number above."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{where} cannot be read: {error.strerror}") from None
    encoding = next((name for mark, name in ENCODINGS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = 1 + (before.count(b"\n") or before.count(b"\r"))
        raise UserError(f"{where}, line {line} is not UTF-8 text: save the table as CSV in UTF-8") from None
    # Line ends of every system, those of old Macs included, which Excel still writes.
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    first, _, rest = text.partition("\n")
    named = SEPARATOR_LINE.fullmatch(first.strip(" "))
    return (rest, named[1], 1) if named else (text, "", 0)
