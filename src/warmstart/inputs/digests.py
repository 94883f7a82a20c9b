"""Content digests of files, kept from run to run, so that a file that has not changed costs a look at its
status only.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from warmstart.files.plain import write_bytes
from warmstart.runtime.progress import progress

log = logging.getLogger(__name__)
SETTLED = 2.0  # seconds; clocks of file systems are no finer, so that a younger file may change again without a trace
AT_ONCE = 8  # files that are read at a time: disks in a network are slow to answer
BLOCK = 512
UNREADABLE = "unreadable"


class Content(NamedTuple):
    """What a file holds. size: bytes. digest: sha256, 64 hex digits, or ``UNREADABLE``."""

    size: int
    digest: str


class Digests:
    """Digests of files. place: the file that keeps them; where it is lost or damaged, files are read again."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._kept = _load(place)
        self._now: dict[str, str] = {}
        self.hashed = 0

    def of(self, files: Sequence[str]) -> list[Content]:
        """The content of each file, in order. A file is read where its size, times or inode are not those of the last
        time, or where it was changed within ``SETTLED`` seconds before it was read then.
        """
        found: list[Content | None] = [None] * len(files)
        unknown = []
        for place, file in enumerate(files):
            status = _status(file)
            kept = self._kept.get(file, "")
            head, _, digest = kept.rpartition(" ")
            if status and head == _key(status):
                found[place] = Content(status.st_size, digest)
                self._now[file] = kept
            else:
                unknown.append(place)
        if unknown:
            for place, content in zip(unknown, self._read([files[place] for place in unknown]), strict=True):
                found[place] = content
        return [content for content in found if content]

    def save(self) -> None:
        """Keep the digests of the files asked for. What cannot be written costs time, and nothing else."""
        if self._now == self._kept:
            return
        text = json.dumps(self._now, separators=(",", ":")).encode()
        try:
            write_bytes(self.place, hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
        except OSError as error:
            log.warning("%s cannot be written (%s): the next run reads every photo again", self.place, error.strerror)

    def _read(self, files: Sequence[str]) -> list[Content]:
        self.hashed += len(files)
        contents = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            # In blocks: what waits takes more memory than what it is about.
            blocks = (files[start : start + BLOCK] for start in range(0, len(files), BLOCK))
            every = (pair for block in blocks for pair in zip(block, pool.map(_hash, block), strict=True))
            for file, (content, key) in progress(every, "reading files", len(files)):
                contents.append(content)
                if key:
                    self._now[file] = f"{key} {content.digest}"
        return contents


def _hash(file: str) -> tuple[Content, str]:
    """What a file holds, and what it is known by as long as it does not change; nothing where that cannot
    be said yet.
    """
    now = time.time()
    try:
        with open(file, "rb") as stream:
            before = os.fstat(stream.fileno())
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            after = os.fstat(stream.fileno())
    except OSError:
        return Content(0, UNREADABLE), ""
    settled = _key(before) == _key(after) and now - _changed(before) > SETTLED
    return Content(after.st_size, digest), _key(after) if settled else ""


def _status(file: str) -> os.stat_result | None:
    try:
        return os.stat(file)  # noqa: PTH116  # of every photo each time
    except OSError:
        return None


def _key(status: os.stat_result) -> str:
    # The time of the last change of the status shows also a change that was dated back.
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def _changed(status: os.stat_result) -> float:
    """When the file was changed last, by the clock of its disk; st_mtime alone is what a camera or a copy says."""
    return status.st_ctime if os.name == "posix" else max(status.st_ctime, status.st_mtime)


def _load(place: Path) -> dict[str, str]:
    try:
        digest, _, text = place.read_bytes().partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() == digest:
            return dict(json.loads(text))
    except (OSError, ValueError, TypeError):
        pass
    return {}
