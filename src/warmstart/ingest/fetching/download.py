"""Fetching a published file once: resumable, no longer than published, checked by size and sha256, never half there."""

from __future__ import annotations

import errno
import hashlib
import http.client
import logging
import math
import os
import re
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout

from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.files.plain import free_space
from warmstart.ingest.fetching.transport import check_address, open_address
from warmstart.runtime.progress import progress
from warmstart.text.file_sizes import format_bytes

log = logging.getLogger(__name__)
BLOCK = 1_000_000  # bytes; progress counts them as MB
TRIES = 4  # connections that may break before a person is asked
PAUSE = 2.0  # seconds before the next
DISK_FAULTS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
)  # no connection is to blame for these
RESERVE = 100_000_000  # bytes that a download leaves free on the disk


def cache_folder() -> Path:
    """Where downloads are kept: ``WARMSTART_CACHE``, else ``~/.cache/warmstart``."""
    return Path(expand_user(os.environ.get("WARMSTART_CACHE", "~/.cache/warmstart")))


def fetch(url: str, *, sha256: str, size: int, instead: str, folder: Path | None = None) -> Path:
    """Return the local copy of ``url``, downloading it when it is not there yet.

    What has come before an interruption is kept beside it, as ``<name>.part``, and continued. The file has its name
    only when it has been checked. Of several processes one downloads, and the others wait for it.

    url: https, or http on this machine. sha256: 64 hex digits; size: bytes. instead: what a person without a network
    can do, for the message. Raises UserError when the file cannot be had, or is not the one that was published.
    """
    check_address(url)
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    if name in ("", ".."):
        raise UserError(f"{url} names no file")
    folder = folder or cache_folder()
    target = folder / name
    if is_published(target, sha256, size):
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(target, "downloads"):
            if not is_published(target, sha256, size):
                _download(url, target, sha256.lower(), size, instead)
    except (http.client.HTTPException, OSError) as error:
        raise UserError(f"{url} cannot be fetched into {folder} ({_why(error)}); {instead}") from None
    return target


def is_published(path: Path, sha256: str, size: int) -> bool:
    """Whether the file at ``path`` exists and is the one with this sha256 (64 hex digits) and size (bytes)."""
    return path.is_file() and path.stat().st_size == size and sha256_file(path) == sha256.lower()


@contextmanager
def one_at_a_time(path: Path, does: str) -> Iterator[None]:
    """Let one process at a time work on ``path``; the others say that it ``does`` so, and wait. The folder
    must exist.
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("another process %s %s: waiting for it", does, path)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def need_space(folder: Path, need: int, what: str) -> int:
    """Free bytes in ``folder``. Raises UserError where ``what`` would take more than there is: ``need``, in bytes."""
    _, free = free_space(folder)
    if free < need + RESERVE:
        raise UserError(
            f"{folder} has too little free space for {what}: it takes {format_bytes(need)}, and {format_bytes(free)} "
            f"are free "
            f"({format_bytes(RESERVE)} of them are left alone); WARMSTART_CACHE chooses another folder"
        )
    return free


def _download(url: str, target: Path, sha256: str, size: int, instead: str) -> None:
    part = target.with_name(target.name + ".part")
    have = _length(part)
    free = need_space(target.parent, size - min(have, size), url)
    log.info(
        "fetching %s (%s, %s there already) into %s (%s free)",
        url,
        format_bytes(size),
        format_bytes(have),
        target.parent,
        format_bytes(free),
    )
    broken, came = 0, False
    while True:
        before = _length(part)
        try:
            found = _complete(url, part, size)
        except UserError as error:
            raise UserError(f"{error}; {instead}") from None
        except (http.client.HTTPException, OSError) as error:
            if isinstance(error, urllib.error.HTTPError) or getattr(error, "errno", None) in DISK_FAULTS:
                raise
            broken, came = broken + 1, came or _length(part) != before
            if broken == TRIES or not came:
                kept = (
                    f"; the {format_bytes(_length(part))} that have come are kept: the same command goes on from there"
                )
                raise UserError(
                    f"{url} cannot be fetched ({_why(error)}){kept if _length(part) else ''}; {instead}"
                ) from None
            log.info("the connection broke (%s): trying again", _why(error))
            time.sleep(PAUSE)
            continue
        if found == sha256:
            os.replace(part, target)
            return
        part.unlink()
        if not before:
            raise UserError(f"{url} is not the file that was published: its sha256 is {found}, not {sha256}; {instead}")
        log.warning("what was there of %s is no part of the published file: starting from zero", target.name)


def _complete(url: str, part: Path, size: int) -> str:
    """Bring ``part`` to its full size, from where it stands or, where that cannot be, from zero; returns its sha256.

    Raises OSError where the connection ends before that.
    """
    have = _length(part)
    if have == size:
        return sha256_file(part)
    if have > size:
        part.unlink()
        have = 0
    try:
        with open_address(url, have) as response:
            start = _start_of(response, size, url)
            if start in (0, have):
                # A whole answer where a part was asked for: the server knows no ranges, so the part is of no use.
                with part.open("r+b" if start else "wb") as stream:
                    return _receive(response, stream, start, size, part.name.removesuffix(".part"))
    except urllib.error.HTTPError as error:
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE or not have:
            raise
    if not have:
        raise ConnectionError("the answer does not begin at the beginning")
    part.unlink()
    return _complete(url, part, size)


def _start_of(response: http.client.HTTPResponse, size: int, url: str) -> int:
    """The first byte of the answer. Raises UserError for an answer that cannot be the published file."""
    partial = (
        re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if response.status == 206
        else None
    )
    start, total = partial.groups() if partial else ("0", response.headers.get("Content-Length", "*"))
    if total.isdigit() and int(total) != size:
        raise UserError(f"{url} offers {int(total):,} bytes, but {size:,} were published: it is another file")
    return int(start)


def _receive(response: http.client.HTTPResponse, stream: BinaryIO, have: int, size: int, name: str) -> str:
    hasher = hashlib.sha256()

    def blocks() -> Iterator[None]:
        done = 0
        while done < size:
            old = done < have
            block = stream.read(min(BLOCK, have - done)) if old else response.read(min(BLOCK, size - done))
            if not block:
                raise ConnectionError(f"the answer ended after {done:,} of {size:,} bytes")
            if not old:
                stream.write(block)
            hasher.update(block)
            done += len(block)
            yield

    for _ in progress(blocks(), f"fetching {name}, MB", total=math.ceil(size / BLOCK)):
        pass
    return hasher.hexdigest()


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _why(error: Exception) -> object:
    return error if isinstance(error, urllib.error.HTTPError) else getattr(error, "reason", None) or error
