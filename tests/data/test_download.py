"""Downloading, against a server on this machine: checked by size and sha256, fetched once, never left half there."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from warmstart.data.download import fetch
from warmstart.errors import UserError

CONTENT = b"photos" * 5000
GOOD = {"sha256": hashlib.sha256(CONTENT).hexdigest(), "size": len(CONTENT), "instead": "use a local copy"}


class Handler(BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - cleared by the fixture

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/missing.zip":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.path == "/short.zip" else CONTENT)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Handler.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_file_is_fetched_once(server: str, tmp_path: Path) -> None:
    path = fetch(f"{server}/pets.zip", folder=tmp_path, **GOOD)  # type: ignore[arg-type]
    assert path.read_bytes() == CONTENT
    assert fetch(f"{server}/pets.zip", folder=tmp_path, **GOOD) == path  # type: ignore[arg-type]
    assert Handler.asked == ["/pets.zip"]


def test_a_damaged_copy_is_fetched_again(server: str, tmp_path: Path) -> None:
    (tmp_path / "pets.zip").write_bytes(CONTENT[:-1] + b"X")
    assert fetch(f"{server}/pets.zip", folder=tmp_path, **GOOD).read_bytes() == CONTENT  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "changes"), [("missing.zip", {}), ("short.zip", {}), ("pets.zip", {"sha256": "0" * 64}), ("pets.zip", {"size": 3})]
)
def test_what_is_not_the_published_file_is_refused(server: str, tmp_path: Path, name: str, changes: dict[str, object]) -> None:
    with pytest.raises(UserError, match="use a local copy"):
        fetch(f"{server}/{name}", folder=tmp_path, **{**GOOD, **changes})  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_no_server_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="use a local copy"):
        fetch("http://127.0.0.1:9/pets.zip", folder=tmp_path, **GOOD)  # type: ignore[arg-type]
