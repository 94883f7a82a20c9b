"""What an archive may hold before anything of it is read or unpacked: no way out of its folder, no links, no bombs."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warmstart.errors import UserError
from warmstart.text.quantities import plural

SMALL = 10_000_000  # bytes; a smaller member may be packed as tightly as it will, as a bitmap of one colour
ENCRYPTED, UTF8_NAME = 0x1, 0x800  # flags of a member
# What Python's reader raises for archives that are damaged, or that it cannot read.
BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, struct.error, ValueError, OverflowError)


@dataclass(frozen=True)
class Limits:
    """What no honest archive of photos exceeds. Sizes are of unpacked bytes; ratio is unpacked over packed."""

    members: int = 5_000_000
    member_bytes: int = 4 << 30
    total_bytes: int = 1 << 40
    ratio: float = 200.0


@dataclass(frozen=True)
class Member:
    """packed: bytes, where known. kind: file, folder, or what else it is. doubtful: of a name in no known encoding."""

    name: str
    size: int
    packed: int | None = None
    kind: str = "file"
    doubtful: bool = False


class ZipArchive(zipfile.ZipFile):
    """A zip archive whose names are put right: in UTF-8 where they are, whatever the archive says, and with slashes.

    Plain ``zip`` writes UTF-8 under LANG=C.UTF-8 without saying so, and Windows' older programs write backslashes.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.doubtful: list[str] = []  # names in an encoding that nobody knows
        for info in self.filelist:
            if not info.flag_bits & UTF8_NAME:
                self._decode(info)
        if not any("/" in info.filename for info in self.filelist):
            for info in self.filelist:
                info.filename = info.filename.replace("\\", "/")
        self.NameToInfo = {info.filename: info for info in self.filelist}

    def _decode(self, info: zipfile.ZipInfo) -> None:
        try:
            info.filename = info.filename.encode("cp437").decode("utf-8")  # Python has taken it for CP437
        except UnicodeEncodeError:  # the archive has the name in Unicode besides, which Python has taken
            return
        except UnicodeDecodeError:
            self.doubtful.append(info.filename)


def doubtful_names(members: Sequence[Member]) -> list[str]:
    """A sentence about names that are not UTF-8 and of no known encoding; nothing where there are none."""
    doubtful = [member.name for member in members if member.doubtful]
    if not doubtful:
        return []
    count = plural(len(doubtful), "name is", "names are")
    return [
        f"{count} in an encoding that the archive does not name, and may be garbled, such as {doubtful[0]}: where "
        "classes are concerned, unpack it and give the folder, or pack it anew with names in UTF-8"
    ]


class MemberCheck:
    """Refuses the first member of an archive that is not harmless: ``check(member)`` raises UserError, naming both."""

    def __init__(self, archive: Path, limits: Limits) -> None:
        self.archive, self.limits = archive, limits
        self.number = self.total = 0

    def __call__(self, member: Member) -> None:
        self.number += 1
        self.total += member.size
        reason = _fault(member, self.limits)
        if self.number > self.limits.members:
            reason = f"is one more than {self.limits.members:,} members"
        elif not reason and self.total > self.limits.total_bytes:
            reason = f"brings the unpacked size above {self.limits.total_bytes:,} bytes"
        if reason:
            raise UserError(f"{self.archive}: member {member.name!r} {reason}: unpack it yourself and give the folder")


def _fault(member: Member, limits: Limits) -> str | None:
    parts = member.name.replace("\\", "/").split("/")
    if not member.name or "\0" in member.name:
        return "has no valid name"
    if not parts[0] or parts[0].endswith(":"):
        return "has an absolute name"
    if ".." in parts:
        return "leads out of the archive's folder"
    if member.kind not in ("file", "folder"):
        return f"is {member.kind}, not a file"
    if member.size > limits.member_bytes:
        return f"has {member.size:,} bytes unpacked, more than {limits.member_bytes:,}"
    if member.packed is not None and member.size > SMALL and member.size > limits.ratio * max(member.packed, 1):
        return f"unpacks to {member.size:,} bytes, more than {limits.ratio:g} times what it takes in the archive"
    return None


def zip_members(archive: Path, limits: Limits | None = None) -> list[Member]:
    """The files and folders of a zip archive, checked by name, kind and size; nothing is unpacked.

    Raises UserError, naming archive and member, for one that is not harmless and for what is no whole zip archive.
    """
    check = MemberCheck(archive, limits or Limits())
    members = []
    try:
        with ZipArchive(archive) as opened:
            doubtful = set(opened.doubtful)
            for info in opened.infolist():
                name, kind = info.filename, _zip_kind(info)
                members.append(Member(name, info.file_size, info.compress_size, kind, name in doubtful))
                check(members[-1])
    except BROKEN as error:
        raise UserError(f"{archive} is not a whole zip archive ({error}): fetch it again") from None
    except OSError as error:
        raise UserError(f"{archive} cannot be read: {error.strerror or error}") from None
    return members


def _zip_kind(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & ENCRYPTED:
        return "encrypted"
    if info.is_dir():
        return "folder"
    kind = stat.S_IFMT(info.external_attr >> 16)  # the Unix mode; 0 where another system made the archive
    if kind == stat.S_IFLNK:
        return "a link"
    return "file" if kind in (0, stat.S_IFREG) else "a device or the like"
