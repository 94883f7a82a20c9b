"""What an archive may hold before anything of it is read or unpacked: no way out of its folder, no links, no bombs."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path

from warmstart.errors import UserError

SMALL = 10_000_000  # bytes; below this a member may be packed as tightly as it will: a plain bitmap of one colour is
ENCRYPTED = 0x1


@dataclass(frozen=True)
class Limits:
    """What no honest archive of photos exceeds. Sizes are of unpacked bytes; ratio is unpacked over packed."""

    members: int = 5_000_000
    member_bytes: int = 4 << 30
    total_bytes: int = 1 << 40
    ratio: float = 200.0


@dataclass(frozen=True)
class Member:
    """One thing in an archive. packed: bytes, where the archive says so. kind: file, folder, or what else it is."""

    name: str
    size: int
    packed: int | None = None
    kind: str = "file"


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
            raise UserError(
                f"{self.archive}: member {member.name!r} {reason}; such an archive is refused: unpack it yourself and set data.folder"
            )


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

    Raises UserError, naming the archive and the member, for one that is not harmless, and where it is no whole zip archive.
    """
    check = MemberCheck(archive, limits or Limits())
    members = []
    try:
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                members.append(Member(info.filename, info.file_size, info.compress_size, _zip_kind(info)))
                check(members[-1])
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
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
