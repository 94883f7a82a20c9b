"""Any name that a file can have: its photo is answered in every format, and what is written can be read again."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from photos import encoded_photo
from support import CHECKOUT, python
from warmstart.serving.predict_files import predict_files
from warmstart.serving.predict_photos import Prediction
from warmstart.serving.prediction_writers import FORMATS, WRITERS
from warmstart.text.printable import in_one_line, utf8_text

PARTS = [
    "a",
    "cat",
    " ",
    "$",
    "${x}",
    "~",
    "~root",
    "%2F",
    "%",
    "=",
    "=1+1",
    "+",
    "-",
    "@",
    "'",
    '"',
    '"""',
    ",",
    ";",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\\",
    "#",
]
PARTS += [
    "é",
    "é",
    "日本",
    "🐈",
    "\u2028",
    "\x1b[31m",
    "\x85",
    "\u202e",
    "|",
    "<b>",
    "{",
    "}",
    "[",
    "]",
    "&",
    "*",
    "?",
    ":",
    "\x1c",
    "null",
    "0",
    "1e3",
    ".",
]
ODD_BYTES = [b"\xe9", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\x80"]


def names(seed: int, count: int) -> list[str]:
    """Names that a file may have here, half of them no UTF-8."""
    rng = random.Random(seed)
    found = set()
    while len(found) < count:
        parts = [os.fsencode(rng.choice(PARTS)) for _ in range(rng.randint(1, 5))]
        if len(found) % 2:
            parts.insert(rng.randrange(len(parts) + 1), rng.choice(ODD_BYTES))
        name = os.fsdecode(b"".join(parts) + b".jpg")
        if not name.startswith("."):
            found.add(name)
    return sorted(found)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    if sys.platform != "linux":
        pytest.skip("this system refuses such names")
    for number, name in enumerate(names(0, 80)):
        (folder / name).write_bytes(encoded_photo(number % 4))
    return folder


def paths(kind: str, text: str) -> list[str]:
    """The paths in answers of a format, as they are read again."""
    if kind == "json":
        return [item["path"] for item in json.loads(text)]
    if kind == "csv":
        return [row["path"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    return [line.split(".jpg")[0] + ".jpg" for line in text.splitlines()[1:]]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_photo_is_answered_whatever_its_name(odd: Path, packaged: Path, tmp_path: Path, kind: str) -> None:
    output = tmp_path / "answers"
    assert predict_files(packaged, [odd], kind, output) == 80
    expected = [odd / name for name in sorted(os.listdir(odd))]
    said = paths(kind, output.read_bytes().decode("utf-8"))
    assert said == [in_one_line(path) if kind == "table" else utf8_text(path) for path in expected]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "utf-16"])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_terminal_may_have_any_encoding(
    odd: Path, packaged: Path, kind: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", newline="")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert predict_files(packaged, [odd], kind) == 80
    terminal.flush()
    assert len(paths(kind, terminal.buffer.getvalue().decode(encoding))) == 80


def test_a_class_may_lack_in_the_terminals_encoding() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    writer = WRITERS["json"](stream, ["日本", "cat"])
    writer.add(Prediction("a.jpg", "日本", np.array([0.75, 0.25])))
    writer.close()
    stream.flush()
    (said,) = json.loads(stream.buffer.getvalue())
    assert said["predicted"] == "日本" and said["probabilities"]["日本"] == 0.75


def test_a_cell_is_no_formula() -> None:
    stream = io.StringIO()
    writer = WRITERS["csv"](stream, ["a", "b"])
    writer.add(Prediction("=1+1.jpg", "a", np.array([0.75, 0.25])))
    assert stream.getvalue().splitlines()[1].startswith("./=1+1.jpg,")


def test_the_system_may_have_no_encoding_but_ascii(odd: Path, packaged: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom warmstart.serving.predict_files import predict_files\n"
        "for kind in ('table', 'csv', 'json'): predict_files(Path(sys.argv[1]), [Path(sys.argv[2])], kind)"
    )
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(CHECKOUT / "src")}
    done = python("-c", code, str(packaged), str(odd), **environment)
    assert done.returncode == 0 and not done.stderr.count("Traceback"), done.stderr
