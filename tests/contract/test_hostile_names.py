"""Names that a terminal, a browser or a spreadsheet would obey: shown with escapes by every stage, and never obeyed."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest_options import prepare
from photos import save_photo
from support import compose_config
from warmstart.audit.write_audit import write_audit
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.runtime.console import exit_on_user_error, say, start_logging, warn
from warmstart.serving.predict_photos import Prediction
from warmstart.serving.prediction_writers import WRITERS
from warmstart.text.printable import visible

ODD = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "a\rb",
    "a\x08b",
    "\u202egpj",
    "zero\u200bwidth",
    "\x9b31m",
    "\u2066x",
    "\x7f",
]
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Log lines, as a stage that a person starts writes them."""
    stream, root = io.StringIO(), logging.getLogger()
    monkeypatch.setattr(sys, "stderr", stream)
    before = root.handlers[:]
    root.handlers[:] = []
    start_logging()
    yield stream
    root.handlers[:] = before


@pytest.mark.parametrize("name", ODD)
def test_whatever_is_said_has_escapes(name: str, log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    say(f"photo {name}\n  next")
    warn(name)
    logging.getLogger("warmstart").info("class %s", name)
    logging.getLogger("elsewhere").warning("%s", name)
    for error in (UserError(f"{name} does not exist"), RuntimeError(name)):
        with pytest.raises(SystemExit), exit_on_user_error():
            raise error
    shown = capsys.readouterr()
    said = shown.out + shown.err + log.getvalue()
    assert not RAW.search(said) and "\n  next" in said
    assert said.count(visible(name)) >= 6


def test_blanks_accents_and_other_scripts_are_shown_as_they_are() -> None:
    for text in ("café", "日本\u3000語", "10\xa0%", "a\tb\nc", "🐈", "ü" * 50):
        assert visible(text) == text
    assert all(
        visible(char).isprintable()
        for char in map(chr, range(0x10FFFF))
        if unicodedata.category(char) in ("Cc", "Cf") and char not in "\n\t"
    )


@pytest.mark.parametrize("kind", ["table", "csv", "json"])
def test_answers_on_a_terminal_have_escapes_and_in_a_file_the_names(kind: str) -> None:
    for terminal in (True, False):
        stream = io.StringIO()
        stream.isatty = lambda terminal=terminal: terminal  # type: ignore[method-assign]
        writer = WRITERS[kind](stream, [ODD[0], "dog"])
        for name in ODD:
            writer.add(Prediction(f"{name}.jpg", ODD[0], np.array([0.75, 0.25])))
        writer.close()
        text = stream.getvalue()
        assert (kind == "csv" and not terminal) or not RAW.search(text)
        if kind == "json":
            assert [item["path"] for item in json.loads(text)] == [f"{name}.jpg" for name in ODD]
        if kind == "csv" and not terminal:
            assert [row["path"] for row in csv.DictReader(io.StringIO(text, newline=""))] == [
                f"{name}.jpg" for name in ODD
            ]


def test_a_folder_of_such_names_is_prepared_and_audited(tmp_path: Path, log: io.StringIO) -> None:
    if sys.platform != "linux":
        pytest.skip("this system refuses such names")
    classes = ["=1+1", "-x", "${oc.env:HOME}", "\x1b[31mred", "\u202egpj", "a\rb"]
    for label, name in enumerate(classes):
        for number in range(6):
            save_photo(tmp_path / "photos" / name / f"{ODD[number]}.jpg", 100 * label + number)
    (tmp_path / "photos" / classes[0] / "\x1b[2J.jpg").write_bytes(b"")
    data = {
        **compose_config("data=image_folder", "data.name=odd")["data"],
        "folder": str(tmp_path / "photos"),
        "size": 16,
        "workers": 1,
    }
    prepare(data, tmp_path / "odd/images")
    write_audit(tmp_path / "odd/scan", tmp_path / "odd/images", tmp_path / "odd/audit", dataset="odd")
    said = log.getvalue()
    assert not RAW.search(said) and "\\x1b[2J.jpg" in said and "${oc.env:HOME}" in said
    page = (tmp_path / "odd/audit/index.html").read_text(encoding="utf-8")
    assert not RAW.search(page) and "\\u202egpj" in page
    store = ImageStore(tmp_path / "odd/images")
    assert store.classes == sorted(classes)
    with (tmp_path / "odd/scan/photos.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            assert not any(cell.startswith(("=", "-", "\t", "\r", "@", "+")) for cell in row.values())


def test_names_in_pictures_have_escapes() -> None:
    from warmstart.drawing.chart import figure_png, new_figure
    from warmstart.drawing.text_layout import ellipsize, wrap

    figure, (ax,) = new_figure(3, 2)
    ax.set_yticks(range(len(ODD)), ODD)
    ax.set_title(ODD[4])
    assert figure_png(figure)
    assert ax.get_title() == visible(ODD[4]) and [text.get_text() for text in ax.get_yticklabels()] == [
        visible(name) for name in ODD
    ]
    for name in ODD:
        assert not RAW.search(ellipsize(name, 400, 12)) and not any(
            RAW.search(line) for line in wrap(f"a {name} b", 400, 12)
        )
