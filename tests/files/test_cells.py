"""Names in tables for people: no cell is a formula, and each is read back as it was."""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import pytest

from warmstart.files.cells import cell_path, cell_text, path_cell, text_cell
from warmstart.ingest.corrections import read_corrections
from warmstart.records.comparison import SuspectRow

STARTS = [
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\tx",
    "\rx",
    "\nx",
    "＝1",
    "a",
    "'",
    "./",
    "'=",
    "./=",
    "''-",
    "././+",
    "",
    " =1",
    "=cmd|'/c calc'!A1",
]
CLASSES = ["=cat", "-dog", "drop it", "@x", "'=cat"]
PATHS = [
    "=a/1.jpg",
    "a/1.jpg",
    " a/1.jpg",
    "-b/=2.jpg",
    "\tc/1.jpg",
    "c/\r1.jpg",
    "d/\n1.jpg",
    "${e}/1.jpg",
    '"q", it\'s/1.jpg',
    "\u202e/1.jpg",
    "@/1.jpg",
]


@pytest.mark.parametrize("text", [*STARTS, *(first + second for first, second in product(STARTS, STARTS))])
def test_a_cell_is_no_formula_and_comes_back(text: str) -> None:
    for written, read in ((path_cell, cell_path), (text_cell, cell_text)):
        cell = written(text)
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
        assert read(cell) == text


def test_corrections_find_every_photo_whatever_its_name(tmp_path: Path) -> None:
    found = [SuspectRow(path, "=cat", CLASSES[i % 5], 0.9, 0.5, 0.9, "@a probe") for i, path in enumerate(PATHS)]
    SuspectRow.write_rows(tmp_path / "found.csv", found)
    with (tmp_path / "found.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
        row["new_label"] = row["suggested"]
    file = tmp_path / "corrections.csv"
    with file.open("w", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]), quoting=csv.QUOTE_ALL)
        table.writeheader()
        table.writerows(rows)
    read = read_corrections(file, PATHS, CLASSES)
    assert read.labels == {i: i % 5 for i in range(len(PATHS))} and not read.dropped


def test_a_name_that_two_photos_have_but_for_blanks_is_no_guess(tmp_path: Path) -> None:
    from warmstart.errors import UserError

    file = tmp_path / "corrections.csv"
    file.write_text('path,new_label\n"  a/1.jpg",=cat\n')
    with pytest.raises(UserError, match="line 2"):
        read_corrections(file, ["a/1.jpg", " a/1.jpg"], CLASSES)
