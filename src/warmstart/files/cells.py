"""Names in tables that a person opens with a spreadsheet, which runs a cell that begins with ``=``, ``+``, ``-``, ``@``
or a control character.

Such a path is written with ``./`` before it, which names the same file; such a name of a class, or other text, with an
apostrophe. Both are taken away where the table is read again, so every name comes back as it was. This holds for
corrections.csv, the answers of `predict`, predictions.csv, out_of_fold.csv, photos.csv and the tables of the report.
What programs alone read has names as they are: manifest.csv and all JSON.
"""

from __future__ import annotations

import csv
import re
from typing import Any, TextIO

_STARTS = r"[=+\-@\t\r\n＝＋－＠]"  # the wide ones count in spreadsheets for East Asian languages
_PATH, _WRITTEN_PATH = re.compile(rf"(\./)*{_STARTS}"), re.compile(rf"(\./)+{_STARTS}")
_TEXT, _WRITTEN_TEXT = re.compile(rf"'*{_STARTS}"), re.compile(rf"'+{_STARTS}")


def path_cell(path: str) -> str:
    """A path as a cell that is no formula."""
    return f"./{path}" if _PATH.match(path) else path


def cell_path(cell: str) -> str:
    """The path that ``path_cell`` was given."""
    return cell[2:] if _WRITTEN_PATH.match(cell) else cell


def text_cell(text: str) -> str:
    """A name or sentence as a cell that is no formula."""
    return f"'{text}" if _TEXT.match(text) else text


def cell_text(cell: str) -> str:
    """The text that ``text_cell`` was given."""
    return cell[1:] if _WRITTEN_TEXT.match(cell) else cell


def csv_writer(stream: TextIO) -> Any:
    """A CSV writer of lines that end with a line feed, to a stream opened with ``newline=""``, which quotes every line
    break.

    Python's own does not quote a carriage return then, which a file's name may hold, and a reader takes that for the
    end of the line.
    """
    return csv.writer(_LineFeeds(stream), lineterminator="\r\n")


class _LineFeeds:
    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, line: str) -> int:
        """Write one line that ends with a carriage return and a line feed, without the former."""
        return self.stream.write(line.removesuffix("\r\n") + "\n")
