"""Many files are decoded in order, by any number of processes alike, and one bad file costs only itself."""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Iterator
from typing import NoReturn

import numpy as np
import pytest

from photos import encoded_photo
from readers import Deadly
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.ingest.decoding import decode_files as decode
from warmstart.ingest.decoding import worker_processes as processes
from warmstart.ingest.decoding.decode_files import Photo, decode_file, decode_files
from warmstart.ingest.decoding.image_statistics import measure
from warmstart.ingest.sources.listing import Listing

SMALL = Preprocessing(16)
LISTING = Listing([], ["cat", "dog"], Deadly())


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "ALONE", 4)
    monkeypatch.setattr(decode, "BLOCK_FILES", 3)


def decoded(paths: list[str], workers: int = 2) -> list[Photo]:
    return list(decode_files(paths, LISTING, SMALL, workers))


def same(one: Photo, two: Photo) -> bool:
    images = (one.image is two.image is None) or np.array_equal(one.image, two.image)  # type: ignore[arg-type]
    return images and one.reason == two.reason and one.statistics.tobytes() == two.statistics.tobytes()


def test_processes_give_what_one_file_at_a_time_gives_in_order() -> None:
    paths = [*map(str, range(10)), "text", "missing", *map(str, range(10, 15))]
    expected = [decode_file(path, LISTING.read, SMALL) for path in paths]
    assert len({photo.statistics["sha256"].tobytes() for photo in expected}) == 17
    for workers in (1, 2):
        found = decoded(paths, workers)
        assert len(found) == len(paths)
        assert all(map(same, found, expected))
    assert all(map(same, decoded(paths[:3]), expected))


def test_what_cannot_be_decoded_still_has_its_facts() -> None:
    text = decode_file("text", LISTING.read, SMALL)
    assert (text.image, text.reason) == (None, "not an image: text")
    assert text.statistics["sha256"].tobytes() == hashlib.sha256(b"no photo").digest()
    assert text.statistics["bytes"] == 8
    assert text.statistics["width"] == text.statistics["brightness"] == 0
    missing = decode_file("missing", LISTING.read, SMALL)
    assert (missing.image, missing.reason) == (None, "cannot be read: No such file or directory")
    whole = encoded_photo(1)
    cut = decode_file("1", lambda path: whole[:-600], SMALL)
    assert cut.image is None and "truncated" in cut.reason
    assert cut.statistics[["bytes", "width", "height", "format", "mode", "frames"]].tolist() == (
        len(whole) - 600,
        60,
        40,
        b"JPEG",
        b"RGB",
        1,
    )


def test_a_crash_and_a_hang_cost_their_files_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "CPU_SECONDS", 2.0)
    paths = ["0", "1", "crash", "2", "3", "4", "5", "hang", "6", "text"]
    found = decoded(paths)
    expected = [decode_file(path, LISTING.read, SMALL) for path in paths if path not in ("crash", "hang")]
    fatal = [found.pop(7), found.pop(2)]
    assert all(map(same, found, expected))
    assert all(photo.image is None and "crashed the decoder, or kept it busy" in photo.reason for photo in fatal)


def test_many_crashes_are_a_fault_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MAX_CRASHES", 1)
    with pytest.raises(UserError, match=r"2 photos crashed the decoder, the last of them crash2.*data\.workers=1"):
        decoded(["0", "crash1", "crash2", "1", "2"], workers=1)


def test_no_more_is_decoded_ahead_than_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    submit = processes._submit
    monkeypatch.setattr(processes, "_submit", lambda pool, block: sent.append(block) or submit(pool, block))
    photos: Iterator[Photo] = decode_files([str(i) for i in range(60)], LISTING, SMALL, workers=1)
    next(photos)
    assert len(sent) == processes.AHEAD
    assert len(list(photos)) == 59
    assert len(sent) == 20


ODD = [
    MemoryError(),
    struct.error("unpack"),
    zipfile.BadZipFile("bad"),
    RuntimeError("encrypted"),
    UnicodeDecodeError("utf-8", b"", 0, 1, "no"),
]


@pytest.mark.parametrize(
    ("when", "error"), [*(("read", error) for error in ODD), ("measured", MemoryError())], ids=repr
)
def test_whatever_one_photo_raises_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, when: str, error: Exception
) -> None:
    data = encoded_photo(0)

    def raises(_: object) -> NoReturn:
        raise error

    def read(path: str) -> bytes:
        return raises(path) if path == "bad" and when == "read" else data

    if when == "measured":
        turn = iter([measure, raises, measure])
        monkeypatch.setattr("warmstart.ingest.decoding.decode_files.measure", lambda image: next(turn)(image))
    good, bad, after = (decode_file(path, read, SMALL) for path in ("good", "bad", "after"))
    assert good.image is not None and after.image is not None and not good.reason
    assert bad.image is None and bad.reason and "\n" not in bad.reason
