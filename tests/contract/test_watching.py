"""What DVC watches is what Warmstart reads: the listing names the files that prepare opens, and changes when what they
hold does.
"""

from __future__ import annotations

import builtins
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest_options import data_files, prepare
from photo_worlds import World
from photos import save_photo
from support import compose_config
from warmstart.ingest.sources.folder import list_folder
from warmstart.inputs import digests as digests_module
from warmstart.inputs.digests import Digests
from warmstart.inputs.write import files_text

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, sockets and such names are of POSIX")
Watch = Callable[[], str]


def folder_config(root: Path, **changes: Any) -> dict[str, Any]:
    return {
        **compose_config("data=image_folder")["data"],
        "folder": str(root),
        "size": 16,
        "workers": 1,
        "near_duplicates": False,
        **changes,
    }


@pytest.fixture
def watched(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    """The listing of what prepare would read, its digests kept as from run to run."""

    def _watched(data: dict[str, Any]) -> str:
        digests = Digests(tmp_path / "digests")
        text = files_text(list(data_files(data)), digests)
        digests.save()
        return text

    return _watched


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file without rights be as little readable for this process as for any other: root reads all."""
    access, opened = os.access, io.open

    def _access(path: Any, mode: int, **more: Any) -> bool:
        return access(path, mode, **more) and bool(Path(path).stat().st_mode & 0o444)

    def _open(path: Any, *arguments: Any, **more: Any) -> Any:
        if isinstance(path, (str, Path)) and os.path.exists(path) and not Path(path).stat().st_mode & 0o444:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **more)

    monkeypatch.setattr(os, "access", _access)
    monkeypatch.setattr(builtins, "open", _open)
    monkeypatch.setattr(io, "open", _open)


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize("seed", range(6))
def test_the_listing_names_what_prepare_reads(
    tmp_path: Path, watched: Callable[[dict[str, Any]], str], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    world = World(tmp_path / "world", seed)
    link = tmp_path / "a link to the photos"
    link.symlink_to(world.root)
    data = folder_config(link)
    named = [read.file for read in data_files(data)]
    text = watched(data)
    assert text.isascii() and text.count("\n") == len(named)
    read: list[Path] = []
    usual = Path.read_bytes

    def recording(path: Path) -> bytes:
        if path.is_relative_to(link):
            read.append(path)
        return usual(path)

    monkeypatch.setattr(Path, "read_bytes", recording)
    prepare(data, tmp_path / "out/images")
    assert sorted(read) == sorted(named)
    assert "unreadable" not in text


@pytest.mark.parametrize("seed", range(3))
def test_the_listing_changes_with_what_is_read_and_with_nothing_else(
    tmp_path: Path, watched: Callable[[dict[str, Any]], str], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(digests_module, "SETTLED", -1.0)  # so that digests are kept although the files are new
    world = World(tmp_path / "world", seed)
    data = folder_config(world.root)
    entries = [entry.path for entry in list_folder(world.root).entries]
    seen = {watched(data)}

    def changes() -> None:
        now = watched(data)
        assert now not in seen
        seen.add(now)

    def other_bytes_of_the_same_size(file: Path) -> None:
        before = file.stat()
        file.write_bytes(bytes(byte ^ 1 for byte in file.read_bytes()))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    for path in world.random.sample(entries, 3):
        other_bytes_of_the_same_size(world.root / path)
        changes()
        aside = world.photo(world.place, "aside.jpg")  # the same, put into its place in one step
        aside.write_bytes((world.root / path).read_bytes()[::-1])
        os.replace(aside, (world.root / path).resolve())
        changes()
    for folder in (world.root / "dog", world.other / "linked", world.root / "cat/deep/down"):
        photo = world.photo(folder, world.name())
        changes()
        photo.rename(photo.with_name(world.name()))
        changes()
        photo = world.photo(folder, world.name())
        changes()
        photo.rename(world.root / "dog" / world.name())  # relabelled
        changes()
    (world.root / "cat/0.jpg").unlink()
    changes()

    before = watched(data)
    moved = tmp_path / "moved"
    for kind in ("dangling_link", "pipe", "socket", "name_that_is_no_text", "what_systems_leave", "loop"):
        getattr(world, f"add_{kind}")(world.root / "cat")
    (world.root / "cat/1.jpg").chmod(0o600)
    os.utime(world.root / "cat/1.jpg")
    assert watched(data) == before
    shutil.rmtree(moved, ignore_errors=True)
    world.place.rename(moved)  # links to the old place break; so only what lies in the folder itself counts
    assert set(watched({**data, "folder": str(moved / "photos")}).splitlines()) <= set(before.splitlines())


def test_a_table_is_followed_wherever_its_photos_are(tmp_path: Path, watched: Callable[[dict[str, Any]], str]) -> None:
    crowded, far = tmp_path / "crowded", tmp_path / "far away"
    for number in range(2):
        save_photo(crowded / f"near{number}.jpg", number)
        save_photo(far / f"{number}.jpg", 10 + number)
    (crowded / "t.csv").write_text(f"path,label\nnear0.jpg,a\nnear1.jpg,b\n{far}/0.jpg,a\n{far}/1.jpg,b\n")
    os.mkfifo(crowded / "pipe.jpg")
    data = {**compose_config("data=csv")["data"], "csv": str(crowded / "t.csv")}
    texts = [watched(data)]
    assert texts[0].count("photo ") == 4 and texts[0].count("csv ") == 1
    save_photo(crowded / "beside.jpg", 99)
    (crowded / "dissertation.tex").write_text("crowd")
    assert watched(data) == texts[0]
    save_photo(far / "0.jpg", 98)
    texts.append(watched(data))
    (far / "1.jpg").unlink()
    texts.append(watched(data))
    (crowded / "t.csv").write_text((crowded / "t.csv").read_text().replace("near0.jpg,a", "near0.jpg,b"))
    texts.append(watched(data))
    corrections = tmp_path / "corrections.csv"
    for text in ("path,new_label\n", "path,new_label\nnear0.jpg,a\n"):
        corrections.write_text(text)
        texts.append(watched({**data, "corrections": str(corrections)}))
    assert len(set(texts)) == len(texts)
    crowded.rename(tmp_path / "renamed")
    moved = {**data, "csv": str(tmp_path / "renamed/t.csv"), "corrections": str(corrections)}
    assert watched(moved) == texts[-1]


def test_digests_are_kept_for_what_has_settled_and_no_damage_costs_more_than_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = []
    for number in range(5):
        save_photo(tmp_path / f"{number}.jpg", number)
        files.append(str(tmp_path / f"{number}.jpg"))

    def hashed() -> tuple[int, list[Any]]:
        digests = Digests(tmp_path / "kept/digests")
        found = digests.of(files)
        digests.save()
        return digests.hashed, found

    first = hashed()
    assert first[0] == 5 and hashed() == first  # too young to be known by their times
    monkeypatch.setattr(digests_module, "SETTLED", -1.0)
    assert hashed() == first and hashed() == (0, first[1])
    kept = (tmp_path / "kept/digests").read_bytes()
    for damage in (b"", b"x", kept[:-9], kept.replace(b" ", b"\0"), kept[:70] + b"{}"):
        (tmp_path / "kept/digests").write_bytes(damage)
        assert hashed() == first and hashed()[0] == 0
    shutil.rmtree(tmp_path / "kept")
    (tmp_path / "kept").touch()  # where nothing can be written
    assert hashed() == first
    Path(files[0]).unlink()
    assert hashed()[1][0].digest == "unreadable"


def test_archives_pets_and_idx_files_are_watched_where_they_are_local(
    tmp_path: Path, watched: Callable[[dict[str, Any]], str]
) -> None:
    from ingest.idx_files import idx_set
    from ingest.pet_files import pet_archives, pet_set

    sources = {}
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"any")
    sources["archive"] = {**compose_config("data=cats_vs_dogs")["data"], "archive": str(archive)}
    pets, idx = pet_set(tmp_path / "pets", 2, 1), idx_set(tmp_path / "idx")
    sources["pets"] = {**compose_config("data=pets")["data"], "folder": str(pets)}
    files = pet_archives(pets, tmp_path / "packed")
    sources["packed"] = {**sources["pets"], "folder": str(tmp_path / "packed"), "files": files}
    sources["idx"] = {**compose_config("data=mnist")["data"], "folder": str(idx)}
    for name, touched in {
        "archive": [archive],
        "pets": [pets / "images/pug_0.jpg", pets / "annotations/test.txt", pets / "annotations/trimaps/pug_2.png"],
        "packed": [tmp_path / "packed/images.tar.gz"],
        "idx": list(idx.glob("*")),
    }.items():
        before = watched(sources[name])
        for file in touched:
            assert file.exists()
            content = file.read_bytes()
            file.write_bytes(content + b"\n")
            assert watched(sources[name]) != before, file
            file.write_bytes(content)
        assert watched(sources[name]) == before
    fetched = [
        compose_config(f"data={name}")["data"] for name in ("cats_vs_dogs", "pets", "mnist", "digits", "critters")
    ]
    assert {watched(data) for data in fetched} == {""}


def test_what_is_named_and_is_no_file_is_refused_unopened(tmp_path: Path) -> None:
    from warmstart.errors import UserError

    os.mkfifo(tmp_path / "pipe")
    table = {**compose_config("data=csv")["data"], "csv": str(tmp_path / "pipe")}
    archive = {**compose_config("data=cats_vs_dogs")["data"], "archive": str(tmp_path / "pipe")}
    for data, key in (
        (table, "csv"),
        (archive, "archive"),
        ({**folder_config(tmp_path), "corrections": str(tmp_path / "pipe")}, "corrections"),
    ):
        with pytest.raises(UserError, match=rf"data\.{key}: .*pipe"):
            list(data_files(data))
