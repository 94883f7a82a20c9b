"""Archives that mean harm, or are damaged, are refused by name before anything of them is used; honest ones are
unpacked once.
"""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import tarfile
import zipfile
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ingest_options import prepare
from support import compose_config
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.ingest.fetching.archives import Limits
from warmstart.ingest.fetching.unpack import BETWEEN, unpacked
from warmstart.ingest.sources.archive import list_archive
from warmstart.records.images import SplitCounts

NOISE = np.random.default_rng(0).bytes(50_000)
ZIP, TAR = "zip", "tar.gz"


def file(name: str, size: int = 0, content: bytes = NOISE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size or len(content)
    return info


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def make(path: Path, *members: tarfile.TarInfo) -> Path:
    """A zip or tar.gz archive of two good photos and these members; files larger than the noise go on with zeros."""
    members = (file("cat/0.jpg"), file("dog/0.jpg"), *members)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for member in members:
                info = zipfile.ZipInfo("placeholder")
                info.filename = member.name
                kinds = {tarfile.SYMTYPE: stat.S_IFLNK, tarfile.CHRTYPE: stat.S_IFCHR}
                info.external_attr = (kinds.get(member.type, stat.S_IFREG) | 0o644) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                out.writestr(info, NOISE[: member.size].ljust(member.size, b"\0"))
    else:
        with tarfile.open(path, "w:gz") as tar:
            for member in members:
                tar.addfile(member, io.BytesIO(NOISE[: member.size].ljust(member.size, b"\0")))
    return path


def use(archive: Path, limits: Limits | None = None) -> None:
    if archive.suffix == ".zip":
        list_archive(archive, limits)
    else:
        unpacked(archive, archive.parent / "out", limits)


@pytest.mark.parametrize("kind", [ZIP, TAR])
@pytest.mark.parametrize(
    ("member", "words"),
    [
        (file("../escaped.jpg"), "leads out of"),
        (file("cat/../../escaped.jpg"), "leads out of"),
        (file("cat\\..\\..\\escaped.jpg"), "leads out of"),
        (file("/tmp/escaped.jpg"), "absolute"),
        (file("C:/escaped.jpg"), "absolute"),
        (special("cat/link.jpg", tarfile.SYMTYPE, "/etc/hostname"), "is a link"),
        (special("cat/device.jpg", tarfile.CHRTYPE), "is a device"),
    ],
    ids=lambda value: value.name if isinstance(value, tarfile.TarInfo) else "",
)
def test_a_harmful_member_is_refused_and_nothing_is_left(
    tmp_path: Path, kind: str, member: tarfile.TarInfo, words: str
) -> None:
    (tmp_path / "in").mkdir()
    archive = make(tmp_path / "in" / f"pets.{kind}", member)
    with pytest.raises(UserError) as caught:
        use(archive)
    assert words in str(caught.value) and str(archive) in str(caught.value) and repr(member.name) in str(caught.value)
    assert [path.name for path in archive.parent.iterdir() if not path.name.endswith(".lock")] == [archive.name]
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE, tarfile.BLKTYPE])
def test_a_tar_of_anything_but_files_is_refused(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(UserError, match=r"pets\.tar\.gz: member 'cat/x' is a "):
        use(make(tmp_path / "pets.tar.gz", special("cat/x", kind, "cat/0.jpg")))


@pytest.mark.parametrize("kind", [ZIP, TAR])
@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(members=2), "more than 2 members"),
        (Limits(member_bytes=60_000), "'dog/large.jpg' has 150,000 bytes"),
        (Limits(total_bytes=200_000), "'dog/large.jpg' brings the unpacked size above 200,000 bytes"),
    ],
)
def test_more_than_the_limits_is_refused(tmp_path: Path, kind: str, limits: Limits, words: str) -> None:
    archive = make(tmp_path / f"pets.{kind}", file("dog/large.jpg", 150_000))
    with pytest.raises(UserError, match=words):
        use(archive, limits)
    use(archive)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"'dog/bomb\.jpg' unpacks to 30,000,000 bytes, more than 200 times"):
        use(make(tmp_path / "pets.zip", file("dog/bomb.jpg", 30_000_000)))
    with pytest.raises(UserError, match=r"'dog/bomb\.jpg' brings the unpacked size above"):
        use(make(tmp_path / "pets.tar.gz", file("dog/bomb.jpg", 30_000_000)), Limits(ratio=100))
    assert not (tmp_path / "out").exists()


def test_a_bomb_in_a_header_is_refused_before_it_is_in_memory(tmp_path: Path) -> None:
    header = special("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    header.size = 4 * BETWEEN
    (tmp_path / "pets.tar.gz").write_bytes(gzip.compress(header.tobuf() + b"\0" * header.size))
    with pytest.raises(UserError, match="belong to no member"):
        use(tmp_path / "pets.tar.gz")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    archive = make(tmp_path / "pets.zip")
    data = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + place] |= 1
    archive.write_bytes(data)
    with pytest.raises(UserError, match=r"'cat/0\.jpg' is encrypted"):
        use(archive)


@pytest.mark.parametrize("damage", ["cut", "text", "middle", "tail", "short"])
def test_a_damaged_tar_is_named_and_leaves_nothing(tmp_path: Path, damage: str) -> None:
    archive = make(tmp_path / "pets.tar.gz")
    data = archive.read_bytes()
    plain = bytearray(gzip.decompress(data))
    plain[512 + 50_176] ^= 0xFF  # the second member's header
    archive.write_bytes(
        {
            "cut": data[:-20_000],
            "text": b"no archive",
            "middle": data[:30_000] + bytes(100) + data[30_100:],
            "tail": gzip.compress(bytes(plain)),
            "short": gzip.compress(gzip.decompress(data)[:70_000]),
        }[damage]
    )
    with pytest.raises(UserError, match=r"pets\.tar\.gz is not a whole .*fetch it again"):
        use(archive)
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == ["pets.tar.gz"]


def test_an_honest_tar_is_unpacked_once(tmp_path: Path) -> None:
    strange = file("./cat/1.jpg")
    strange.mode = 0
    folder = special("cat", tarfile.DIRTYPE)
    archive = make(tmp_path / "pets.tar.gz", folder, strange, file("dog/" + "long" * 40 + ".jpg"))
    out = unpacked(archive, tmp_path / "cache/out")
    assert {path.relative_to(out).as_posix() for path in out.rglob("*.jpg")} == {
        *("cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "dog/" + "long" * 40 + ".jpg")
    }
    assert all(path.read_bytes() == NOISE for path in out.rglob("*.jpg"))
    archive.unlink()
    assert unpacked(archive, out) == out


def test_a_full_disk_is_said_before_unpacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make(tmp_path / "pets.tar.gz")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: namedtuple("usage", "free")(1000))
    with pytest.raises(UserError, match="too little free space"):
        use(archive)


@pytest.mark.parametrize("place", [2_000, 39])  # in the photo; where it is said how it is packed
def test_a_member_that_is_damaged_inside_a_zip_is_a_reason(tmp_path: Path, place: int) -> None:
    archive = make(tmp_path / "pets.zip")
    data = bytearray(archive.read_bytes())
    data[place : place + 100] = b"\xff" * 100
    archive.write_bytes(data)
    listing = list_archive(archive)
    with pytest.raises(OSError, match="damaged in the archive"):
        listing.read("cat/0.jpg")
    assert listing.read("dog/0.jpg") == NOISE


def test_the_public_archive_can_be_used_whole(tmp_path: Path, photos: Callable[..., Path]) -> None:
    archive = shutil.make_archive(str(tmp_path / "pets"), "zip", photos(Cat=10, Dog=20))
    every = compose_config(
        "data=cats_vs_dogs", "data.train=null", "data.val=null", "data.test=null", f"data.archive={archive}"
    )["data"]
    prepare({**every, "size": 16, "workers": 1}, tmp_path / "out")
    assert ImageStore(tmp_path / "out").prepared.counts == SplitCounts(train=18, val=6, test=6)
