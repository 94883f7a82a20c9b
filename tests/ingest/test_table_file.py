"""Tables as programs write them: any line end, separator, quoting and mark of an encoding; what is no table is one line
of error.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from warmstart.errors import UserError
from warmstart.ingest.corrections import read_corrections
from warmstart.ingest.sources.table_file import Table

ROWS = [["a/0.jpg", "a"], ["b/ü, 1.jpg", 'b "2"']]
ENCODINGS = {"utf-8": b"", "utf-8-sig": b"", "utf-16": b""}


def written(separator: str, end: str, quoting: int, head: str = "") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([["path", "label"], *ROWS])
    return head + (end if head else "") + out.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=repr)
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=repr)
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("told", [False, True])
def test_a_table_is_read_whatever_program_wrote_it(
    tmp_path: Path, end: str, separator: str, quoting: int, encoding: str, told: bool
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(written(separator, end, quoting, f"sep={separator}" if told else "").encode(encoding))
    table = Table(path, "t", ("path", "label"))
    assert [values for _, values in table.rows()] == ROWS
    assert [line for line, _ in table.rows()] == ([3, 4] if told else [2, 3])


@pytest.mark.parametrize("first", ['"sep=;"', "SEP=;", "sep=;;", "sep=;\n"], ids=repr)
def test_the_line_that_names_the_separator_is_known_in_its_spellings(tmp_path: Path, first: str) -> None:
    (tmp_path / "t.csv").write_text(written(";", "\n", csv.QUOTE_MINIMAL, first.strip()))
    assert [values for _, values in Table(tmp_path / "t.csv", "t", ("path", "label")).rows()] == ROWS


def test_a_separator_that_only_that_line_gives_is_used(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(written("|", "\n", csv.QUOTE_MINIMAL, "sep=|"))
    assert [values for _, values in Table(tmp_path / "t.csv", "t", ("path", "label")).rows()] == ROWS


def test_corrections_are_read_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes("sep=;\rpath;new_label\ra/0.jpg;b\rb/0.jpg;drop\r".encode("utf-8-sig"))
    corrections = read_corrections(tmp_path / "c.csv", ["a/0.jpg", "b/0.jpg"], ["a", "b"])
    assert corrections.labels == {0: 1} and corrections.dropped == {1}


PIECES = [
    "path",
    "label",
    "a/0.jpg",
    "ü",
    '"',
    '""',
    ",",
    ";",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "sep=;",
    "\0",
    " ",
    "x" * 140_000,
    "'",
    "\ufeff",
    "${b}",
    "日",
]


@pytest.mark.parametrize("seed", range(60))
def test_any_bytes_are_a_table_or_one_line_of_error(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    text = "".join(PIECES[i] for i in rng.integers(len(PIECES), size=int(rng.integers(0, 60))))
    if seed % 2:
        text = "path,label\n" + text
    encoding = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "latin-1")[seed % 6]
    data = text.encode(encoding, "replace")
    if seed % 7 == 0:
        data = rng.bytes(200)
    (tmp_path / "t.csv").write_bytes(data)
    try:
        rows = list(Table(tmp_path / "t.csv", "data.csv: t.csv", ("path", "label")).rows())
    except UserError as error:
        assert str(error).startswith("data.csv: t.csv") and "\n" not in str(error) and len(str(error)) < 2000
    else:
        assert all(len(values) >= 2 for _, values in rows)
