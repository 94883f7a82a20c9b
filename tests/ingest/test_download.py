"""Downloading, against a server on this machine: https only, resumed, no longer than published, checked, fetched once,
never half there.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request

import numpy as np
import pytest

from ingest.file_server import FileServer, serving
from warmstart.errors import UserError
from warmstart.ingest.fetching import download
from warmstart.ingest.fetching.download import fetch
from warmstart.ingest.fetching.transport import CheckedRedirects, check_address

CONTENT = np.random.default_rng(0).bytes(300_000)
GOOD: dict[str, Any] = {
    "sha256": hashlib.sha256(CONTENT).hexdigest(),
    "size": len(CONTENT),
    "instead": "use a local copy",
}
HALF = len(CONTENT) // 2


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PAUSE", 0.0)
    monkeypatch.setattr(download, "BLOCK", 70_001)  # the last is shorter


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving({"/pets.zip": CONTENT}) as running:
        yield running


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def get(server: FileServer, folder: Path, **changes: Any) -> Path:
    return fetch(f"{server.url}/pets.zip", folder=folder, **{**GOOD, **changes})


def test_a_file_is_fetched_once(server: FileServer, tmp_path: Path) -> None:
    path = get(server, tmp_path / "new/folder")
    assert path.read_bytes() == CONTENT
    assert get(server, tmp_path / "new/folder") == path
    assert server.asked == [("/pets.zip", None)]
    assert left(path.parent) == ["pets.zip"]


def test_a_damaged_copy_is_fetched_again(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "pets.zip").write_bytes(CONTENT[:-1] + b"X")
    assert get(server, tmp_path).read_bytes() == CONTENT


def test_what_came_before_an_interruption_is_continued(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "pets.zip.part").write_bytes(CONTENT[:70_000])
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert server.asked == [("/pets.zip", "bytes=70000-")]
    assert server.sent == len(CONTENT) - 70_000
    assert left(tmp_path) == ["pets.zip"]


def test_a_broken_connection_is_taken_up_where_it_broke(server: FileServer, tmp_path: Path) -> None:
    server.ways["/pets.zip"] = ["break", "break"]
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert [range_ for _, range_ in server.asked] == [None, f"bytes={HALF}-", f"bytes={HALF + HALF // 2}-"]
    assert server.sent == len(CONTENT)


def test_a_connection_that_always_breaks_is_a_message_and_the_part_is_kept(server: FileServer, tmp_path: Path) -> None:
    server.ways["/pets.zip"] = ["break"] * download.TRIES
    with pytest.raises(UserError, match=r"ended after .*goes on from there; use a local copy"):
        get(server, tmp_path)
    assert left(tmp_path) == ["pets.zip.part"]
    kept = (tmp_path / "pets.zip.part").read_bytes()
    assert kept == CONTENT[: len(kept)] and len(kept) > HALF
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


@pytest.mark.parametrize(
    ("part", "ways"),
    [
        (CONTENT[:70_000], ["plain"]),  # the server knows no ranges
        (CONTENT[:70_000], ["elsewhere"]),
        (b"X" * 70_000, []),  # no part of this file
        (b"X" * len(CONTENT), []),
        (CONTENT + b"X", []),
        (CONTENT[:70_000], ["416"]),
    ],
)
def test_what_cannot_be_continued_starts_from_zero(
    server: FileServer, tmp_path: Path, part: bytes, ways: list[str]
) -> None:
    (tmp_path / "pets.zip.part").write_bytes(part)
    server.ways["/pets.zip"] = ways
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert left(tmp_path) == ["pets.zip"]


def test_a_whole_part_needs_no_network(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "pets.zip.part").write_bytes(CONTENT)
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert not server.asked


@pytest.mark.parametrize(
    ("ways", "changes", "words"),
    [
        ([], {"sha256": "0" * 64}, "is not the file that was published: its sha256 is"),
        ([], {"size": 3}, "offers 300,000 bytes, but 3 were published"),
        (["longer"], {}, "offers 300,001 bytes, but 300,000 were published"),
        (["404"], {}, "404"),
        (["503"], {}, "503"),
        (["chunked"], {"size": 200_000}, "is not the file that was published"),
        (["endless"], {"size": 400_000}, "is not the file that was published"),
    ],
)
def test_what_is_not_the_published_file_is_refused(
    server: FileServer, tmp_path: Path, ways: list[str], changes: dict[str, Any], words: str
) -> None:
    server.ways["/pets.zip"] = ways
    with pytest.raises(UserError, match=f"{words}.*use a local copy"):
        get(server, tmp_path, **changes)
    assert left(tmp_path) == []
    assert len(server.asked) == 1


def test_no_more_is_read_than_was_published(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    receive = download._receive

    def watched(response: Any, *arguments: Any) -> str:
        inner = response.read
        response.read = lambda size: read.append(size) or inner(size)
        return receive(response, *arguments)

    monkeypatch.setattr(download, "_receive", watched)
    server.ways["/pets.zip"] = ["endless"]
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert sum(read) == len(CONTENT)


@pytest.mark.parametrize(
    "target", ["file:///etc/hostname", "ftp://127.0.0.1/pets.zip", "http://example.org/pets.zip", "data:,pets"]
)
def test_a_redirect_to_what_is_not_https_is_refused(server: FileServer, tmp_path: Path, target: str) -> None:
    server.ways["/pets.zip"] = [f"to:{target}"]
    with pytest.raises(UserError, match=f"redirects to {target}: downloads are https only.*use a local copy"):
        get(server, tmp_path)
    assert left(tmp_path) == []


def test_a_redirect_on_the_same_machine_is_followed_with_its_range(server: FileServer, tmp_path: Path) -> None:
    server.files["/moved.zip"] = CONTENT
    server.ways["/pets.zip"] = [f"to:{server.url}/moved.zip"]
    (tmp_path / "pets.zip.part").write_bytes(CONTENT[:HALF])
    assert get(server, tmp_path).read_bytes() == CONTENT
    assert server.asked[-1] == ("/moved.zip", f"bytes={HALF}-")


def test_https_never_goes_on_as_http(server: FileServer) -> None:
    with pytest.raises(UserError, match="https only"):
        CheckedRedirects().http_error_302(
            Request("https://localhost/a"), None, 302, "", {"location": f"{server.url}/pets.zip"}
        )
    check_address("https://example.org/b", "https://example.org/a")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/pets.zip",
        "file:///etc/hostname",
        "ftp://example.org/pets.zip",
        "pets.zip",
        "http://127.evil.org/x.zip",
    ],
)
def test_other_addresses_are_refused_before_anything_is_asked(url: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="https only"):
        fetch(url, folder=tmp_path, **GOOD)


def test_too_little_space_is_said_before_it_is_spent(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")(download.RESERVE + 200_000)
    monkeypatch.setattr("warmstart.files.plain.shutil.disk_usage", lambda folder: usage)
    with pytest.raises(UserError, match=r"too little free space .* WARMSTART_CACHE"):
        get(server, tmp_path)
    assert not server.asked
    (tmp_path / "pets.zip.part").write_bytes(CONTENT[:HALF])  # what is there already takes no more
    assert get(server, tmp_path).read_bytes() == CONTENT


def test_two_at_once_fetch_it_once(server: FileServer, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(get(server, tmp_path).read_bytes())) for _ in range(3)]
    with caplog.at_level(logging.INFO, "warmstart"):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [CONTENT] * 3
    assert len(server.asked) == 1


def test_no_server_is_a_message_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download.time, "sleep", lambda seconds: pytest.fail("waited"))
    with pytest.raises(UserError, match="use a local copy"):
        fetch("http://127.0.0.1:9/pets.zip", folder=tmp_path, **GOOD)
