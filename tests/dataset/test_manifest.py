"""Tables that are written can be read again, whatever the names in them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from warmstart.files.cells import csv_writer
from warmstart.text.printable import printable

ROWS = [
    ["a\rb", "1"],
    ["a\nb", "2"],
    ["\r\n", "3"],
    ['"', "4"],
    ["a,b", "5"],
    ["", "6"],
    ["x\r", "7"],
    ["\u2028", "8"],
    [" ", "9"],
]


def test_names_with_line_breaks_stay_in_their_line(tmp_path: Path) -> None:
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as stream:
        csv_writer(stream).writerows([["name", "number"], *ROWS])
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as stream:
        assert list(csv.reader(stream)) == [["name", "number"], *ROWS]
    assert (tmp_path / "t.csv").read_bytes().startswith(b"name,number\n")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\nb\r", "a\\nb\\r"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202e", "\\u202e"),
        ("m\u0308ü 日本 🐈", "m\u0308ü 日本 🐈"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, seen: str) -> None:
    assert printable(text) == seen
