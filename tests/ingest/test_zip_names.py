"""Names in zip archives as programs write them: backslashes, UTF-8 without saying so, and encodings that
nobody knows.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from warmstart.ingest.sources.archive import list_archive


class _Info(zipfile.ZipInfo):
    """A member whose name is written as these bytes."""

    __slots__ = ("raw",)

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.raw, 0


def archive(path: Path, names: Sequence[bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        for number, name in enumerate(names):
            info = _Info(name.decode("cp437"))
            info.raw = name
            out.writestr(info, b"%d" % number)
    return path


def test_utf8_names_are_read_as_such_without_the_flag(tmp_path: Path) -> None:
    listing = list_archive(archive(tmp_path / "p.zip", [b"glas/0.jpg", "müll/0.jpg".encode(), "日本/0.jpg".encode()]))
    assert listing.classes == ["glas", "müll", "日本"] and listing.notes == []
    assert [listing.read(entry.path) for entry in listing.entries] == [b"0", b"1", b"2"]


@pytest.mark.parametrize("encoding", ["cp437", "cp1252", "shift-jis"])
def test_names_in_an_unknown_encoding_are_read_and_said(tmp_path: Path, encoding: str) -> None:
    odd = "ア/0.jpg" if encoding == "shift-jis" else "müll/0.jpg"
    listing = list_archive(archive(tmp_path / "p.zip", [b"glas/0.jpg", odd.encode(encoding)]))
    assert len(listing.classes) == 2 and len(listing.notes) == 1 and "encoding" in listing.notes[0]
    assert {listing.read(entry.path) for entry in listing.entries} == {b"0", b"1"}


def test_backslashes_are_separators_where_there_are_no_slashes(tmp_path: Path) -> None:
    listing = list_archive(archive(tmp_path / "p.zip", [b"pets\\cat\\0.jpg", b"pets\\dog\\0.jpg", b"pets\\dog\\"]))
    assert listing.classes == ["cat", "dog"] and listing.read(listing.entries[1].path) == b"1"
    listing = list_archive(archive(tmp_path / "q.zip", [b"cat/a\\b.jpg", b"dog/0.jpg"]))
    assert [entry.path for entry in listing.entries] == ["cat/a\\b.jpg", "dog/0.jpg"] and listing.read(
        "cat/a\\b.jpg"
    ) == b"0"
