"""Unpacking a tar.gz once, so that nothing gets out of its folder and nothing grows beyond bounds."""

from __future__ import annotations

import gzip
import logging
import shutil
import tarfile
import zlib
from dataclasses import replace
from pathlib import Path

from warmstart.errors import UserError
from warmstart.files.plain import replace_dir
from warmstart.ingest.fetching.archives import SMALL, Limits, Member, MemberCheck
from warmstart.ingest.fetching.download import need_space, one_at_a_time

log = logging.getLogger(__name__)
BLOCK = 1 << 20
BETWEEN = (
    4 << 20
)  # bytes that may come between two members' contents: their headers, what is read ahead, the end's zeros


def unpacked(archive: Path, into: Path, limits: Limits | None = None) -> Path:
    """Return the folder ``into``, in which the content of ``archive``, a .tar.gz file, is unpacked when it is not there
    yet.

    It is unpacked aside and renamed, so that the folder is whole or not there; of several processes one does it. What
    is there is trusted: name the folder by the archive's sha256. Files get this process's rights, whatever the archive
    says. Raises UserError, naming the archive and the member, for one that is not harmless, and where the archive is
    damaged.
    """
    if into.is_dir():
        return into
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(into, "unpacks"):
            if not into.is_dir():
                need = archive.stat().st_size  # photos do not get larger
                free = need_space(into.parent, need, f"what {archive} unpacks to")
                log.info("unpacking %s into %s (about %.0f MB of %.0f MB free)", archive, into, need / 1e6, free / 1e6)
                with replace_dir(into) as aside:
                    _unpack(archive, aside, limits or Limits())
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(f"{archive} is not a whole .tar.gz archive ({error}): fetch it again") from None
    except OSError as error:
        raise UserError(f"{archive} cannot be unpacked into {into}: {error.strerror or error}") from None
    return into


def _unpack(archive: Path, folder: Path, limits: Limits) -> None:
    packed = archive.stat().st_size
    # All members are packed as one, so that only their total says how tightly.
    check = MemberCheck(
        archive, replace(limits, total_bytes=min(limits.total_bytes, max(int(limits.ratio * packed), SMALL)))
    )
    with gzip.open(archive) as plain:
        stream = _Rationed(plain, archive)
        with tarfile.open(fileobj=stream, mode="r|") as tar:  # type: ignore[call-overload]
            while (found := tar.next()) is not None:
                tar.members.clear()  # it would keep them all
                check(Member(found.name, found.size, kind=_kind(found)))
                stream.allow(found.size)
                _write(tar, found, folder / found.name)
                stream.allow(0)
            # A damaged header looks like the end; behind the true one only zeros follow.
            while rest := tar.fileobj.read(BLOCK):
                if rest.strip(b"\0"):
                    raise EOFError("something follows its end")


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None
    with source, path.open("wb") as out:
        shutil.copyfileobj(source, out, BLOCK)


def _kind(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return "a link"
    if member.isdir():
        return "folder"
    return "file" if member.isreg() and not member.issparse() else "a device or the like"


class _Rationed:
    """A stream that gives out what the members announced and little besides: headers, which are read whole, can be
    bombs, too.
    """

    def __init__(self, stream: gzip.GzipFile, archive: Path) -> None:
        self.stream, self.archive = stream, archive
        self.left = BETWEEN

    def allow(self, size: int) -> None:
        """Let so many bytes through, and what may lie between members."""
        self.left = size + BETWEEN

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes."""
        data = self.stream.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise UserError(f"{self.archive} has more than {BETWEEN:,} bytes that belong to no member: it is refused")
        return data
