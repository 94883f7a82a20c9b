"""A server on this machine that serves one content in all the ways that servers do, good and bad."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FileServer(ThreadingHTTPServer):
    """Serves ``files`` (path → content). A path that ``ways`` lists is served that way, as often as it is listed, then
    as it should be.

    Ways: break (half of what is left), plain (no ranges), chunked (no length), longer (a length one too large),
    endless, elsewhere (a range that was not asked for), to:ADDRESS (a redirect), a number (a status).
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.ways: dict[str, list[str]] = {}
        self.asked: list[tuple[str, str | None]] = []  # path and range of every request
        self.sent = 0

    @property
    def url(self) -> str:
        """What paths are appended to."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        range_ = self.headers.get("Range")
        self.server.asked.append((self.path, range_))
        ways = self.server.ways.get(self.path, [])
        way = ways.pop(0) if ways else "well"
        content = self.server.files.get(self.path)
        if way.isdigit() or content is None:
            self.send_error(int(way) if way.isdigit() else 404)
        elif way.startswith("to:"):
            self.send_response(302)
            self.send_header("Location", way[3:])
            self.end_headers()
        else:
            self._serve(content, range_, way)

    def _serve(self, content: bytes, range_: str | None, way: str) -> None:
        start = int(re.findall(r"\d+", range_)[0]) if range_ and way != "plain" else 0
        if start >= len(content) and start:
            self.send_error(416)
            return
        start += way == "elsewhere"
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if way not in ("chunked", "endless"):
            self.send_header("Content-Length", str(len(content) - start + (way == "longer")))
        self.end_headers()
        body = content[start:]
        self._write(body[: len(body) // 2] if way == "break" else body)
        while way == "endless":
            self._write(b"\0" * 100_000)

    def _write(self, data: bytes) -> None:
        self.server.sent += len(data)  # first, or the client might ask before it is counted
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[FileServer]:
    """Serve these files while the block runs."""
    with FileServer(files) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
