from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import pytest

from data_builders import manifest_row, photo_row
from every_record import every_row
from record_builders import epoch_metrics
from warmstart.errors import UserError
from warmstart.records.history import EpochMetrics, History
from warmstart.records.manifest import ManifestRow
from warmstart.records.photos import PhotoRow
from warmstart.records.table import Row

EVERY = every_row()


@pytest.fixture(params=EVERY)
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def table(place: str, tmp_path: Path) -> Path:
    path = tmp_path / place
    type(EVERY[place][0]).write_rows(path, EVERY[place])
    return path


def refused(kind: type[Row], path: Path, lines: list[list[str]]) -> str:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(lines)
    with pytest.raises(UserError) as error:
        kind.read_rows(path)
    message = str(error.value)
    assert str(path) in message and "\n" not in message
    return message


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="") as stream:
        return list(csv.reader(stream))


def test_what_is_written_is_read_again(place: str, table: Path) -> None:
    rows = EVERY[place]
    assert type(rows[0]).read_rows(table) == rows
    assert cells(table)[0] == list(type(rows[0]).columns())
    assert table.read_bytes().count(b"\r") == 0


def test_line_by_line_is_the_same_as_all_at_once(place: str, table: Path, tmp_path: Path) -> None:
    rows = EVERY[place]
    with type(rows[0]).open_rows(tmp_path / "other.csv") as add:
        for row in rows:
            add(row)
    assert (tmp_path / "other.csv").read_bytes() == table.read_bytes()
    assert list(type(rows[0]).iter_rows(table)) == rows


def test_columns_may_stand_in_any_order_and_none_may_be_missing(place: str, table: Path) -> None:
    kind, lines = type(EVERY[place][0]), cells(table)
    table.write_text("")
    assert "column" in refused(kind, table, [])
    for at, name in enumerate(lines[0]):
        assert repr(name) in refused(kind, table, [line[:at] + line[at + 1 :] for line in lines])
    assert "surprise" in refused(kind, table, [[*lines[0], "surprise"], *([*line, "1"] for line in lines[1:])])
    with table.open("w", newline="") as stream:
        csv.writer(stream).writerows(line[::-1] for line in lines)
    assert kind.read_rows(table) == EVERY[place]


def test_a_line_that_is_cut_is_named(place: str, table: Path) -> None:
    lines = cells(table)
    assert f"line {len(lines)}" in refused(type(EVERY[place][0]), table, [*lines[:-1], lines[-1][:-1]])


def test_a_table_that_is_missing_or_no_text_is_named(place: str, table: Path) -> None:
    kind = type(EVERY[place][0])
    table.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(UserError, match="damaged"):
        kind.read_rows(table)
    table.unlink()
    with pytest.raises(UserError, match="does not exist"):
        kind.read_rows(table)


def test_a_cell_of_another_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    ManifestRow.write_rows(path, [manifest_row()])
    lines = cells(path)
    for name, cell in (("label", "cat"), ("label", ""), ("row", "1.5"), ("split", "dev"), ("fold", "x")):
        wrong = [cell if column == name else value for column, value in zip(lines[0], lines[1], strict=True)]
        message = refused(ManifestRow, path, [lines[0], wrong])
        assert "line 2" in message and repr(name) in message and repr(cell) in message


def test_some_columns_can_be_read_alone(tmp_path: Path) -> None:
    ManifestRow.write_rows(tmp_path / "manifest.csv", [manifest_row(), manifest_row(label=1, fold=2)])
    found = list(ManifestRow.iter_columns(tmp_path / "manifest.csv", "label", "class_name", "fold"))
    assert found == [[0, "cat", None], [1, "cat", 2]]


def test_names_are_no_formulas_where_a_person_opens_the_table(tmp_path: Path) -> None:
    PhotoRow.write_rows(tmp_path / "photos.csv", [photo_row(path="=1+1.jpg", class_name="@cat", brightness=0.1234567)])
    header, line = cells(tmp_path / "photos.csv")
    row = dict(zip(header, line, strict=True))
    assert (row["path"], row["class"], row["brightness"]) == ("./=1+1.jpg", "'@cat", "0.123457")


def test_line_breaks_in_names_survive(tmp_path: Path) -> None:
    rows = [manifest_row(path="a\rb.jpg"), manifest_row(path='a\n"b",.jpg')]
    ManifestRow.write_rows(tmp_path / "manifest.csv", rows)
    assert ManifestRow.read_rows(tmp_path / "manifest.csv") == rows


def test_the_best_epoch_has_the_highest_accuracy_then_the_lowest_loss_then_comes_first() -> None:
    rows = [
        epoch_metrics(1, 0.8),
        epoch_metrics(2, 0.9),
        epoch_metrics(3, 0.9, val_loss=0.4),
        epoch_metrics(4, 0.9, val_loss=0.4),
    ]
    found = History(rows)
    assert (found.best.epoch, found.last.epoch) == (3, 4)


def test_a_history_has_an_epoch_and_an_empty_cell_is_nan(tmp_path: Path) -> None:
    path = tmp_path / "recipes" / "scratch" / "model" / "history.csv"
    EpochMetrics.write_rows(path, [])
    with pytest.raises(UserError, match="train@scratch"):
        History.read(path)
    History([epoch_metrics(), replace(epoch_metrics(2), val_loss=math.nan)]).write(path)
    assert math.isnan(History.read(path).last.val_loss)
    path.write_text(path.read_text().replace("nan", ""))
    assert math.isnan(History.read(path).last.val_loss)
