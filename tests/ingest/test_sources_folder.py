"""Folders of photos as people have them: what is taken, what is passed over with a reason, and what is refused with a
remedy.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from photos import save_photo
from warmstart.errors import UserError
from warmstart.ingest.sources.archive import list_archive
from warmstart.ingest.sources.class_folders import list_entries
from warmstart.ingest.sources.folder import list_folder
from warmstart.ingest.sources.listing import Listing


def tree(root: Path, *paths: str) -> Path:
    """A folder with these files, or empty folders where a path ends with a slash. What they hold is of no
    matter here.
    """
    for path in paths:
        if path.endswith("/"):
            (root / path).mkdir(parents=True, exist_ok=True)
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(path.encode())
    return root


def zipped(root: Path) -> Path:
    return Path(shutil.make_archive(str(root.with_name("photos")), "zip", root))


def taken(listing: Listing) -> list[str]:
    return [entry.path for entry in listing.entries]


def reasons(listing: Listing) -> dict[str, str]:
    return {item.path: item.reason for item in listing.skipped}


TWO = ("cat/0.jpg", "dog/0.jpg")


def test_photos_of_every_usual_kind_are_candidates(tmp_path: Path) -> None:
    kinds = ["jpg", "JPEG", "png", "bmp", "gif", "webp", "tif", "tiff", "heic", "HEIF", "avif", "jp2"]
    listing = list_folder(tree(tmp_path, *(f"cat/{i}.{kind}" for i, kind in enumerate(kinds)), "dog/a/deep/photo.jpg"))
    assert len(listing.entries) == len(kinds) + 1 and not listing.skipped
    assert listing.classes == ["cat", "dog"]
    assert listing.read("dog/a/deep/photo.jpg") == b"dog/a/deep/photo.jpg"


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_other_files_are_passed_over_with_what_they_are(tmp_path: Path, kind: str) -> None:
    root = tree(
        tmp_path / "in",
        *TWO,
        "cat/1.MOV",
        "cat/2.cr2",
        "dog/Thumbs.db",
        "dog/favicon.ico",
        "dog/README",
        "notes.txt",
        "top.jpg",
    )
    assert reasons(list_folder(root) if kind == "folder" else list_archive(zipped(root))) == {
        "cat/1.MOV": "a video",
        "cat/2.cr2": "a camera's raw file: export it as JPEG",
        "dog/Thumbs.db": "a note that a camera or program keeps beside photos",
        "dog/favicon.ico": "an icon, not a photo",
        "dog/README": "not an image file",
        "notes.txt": "not inside a class folder",
        "top.jpg": "not inside a class folder",
    }


def test_what_systems_hide_is_ignored(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        *TWO,
        ".DS_Store",
        "cat/._0.jpg",
        ".git/x/y.jpg",
        "__MACOSX/cat/0.jpg",
        "cat/@eaDir/0.jpg/thumb.jpg",
        ".cache/",
    )
    listing = list_folder(root)
    assert taken(listing) == list(TWO) and not listing.skipped


@pytest.mark.parametrize("kind", ["folder", "archive"])
@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ((*TWO, "bird/"), "class folder 'bird' holds no image: put"),
        ((*TWO, "bird/song.mp4"), "class folder 'bird' holds no image (what it holds is a video)"),
        (
            ("train/cat/0.jpg", "train/dog/0.jpg", "test/cat/0.jpg", "test/dog/"),
            "class folder 'test/dog' holds no image",
        ),
        (("0.jpg", "1.jpg"), "holds 2 photos but no class folders: make one sub-folder per class"),
        (
            ("cat/0.jpg", "cat/1.jpg"),
            "has 1 class (cat); Warmstart tells apart 2 to 1,000 classes: it needs one sub-folder per class",
        ),
        (("train/cat/0.jpg", "val/cat/0.jpg", "train/dog/0.jpg"), "train and val folders but no test folder"),
        (("train/cat/0.jpg", "test/cat/0.jpg", "other/dog/0.jpg"), "train and test folders, and beside them 'other'"),
        (("train/0.jpg", "test/0.jpg"), "has no class folders in train and test"),
        (("Cat/0.jpg", "cat /0.jpg"), "'Cat' and 'cat ', which differ only in case or spaces"),
        (("caf\u00e9/0.jpg", "cafe\u0301/0.jpg"), "('cafe\\u0301' and 'caf\\xe9')"),
        (
            ("train/Cat/0.jpg", "test/cat/0.jpg", "train/dog/0.jpg", "test/dog/0.jpg"),
            "'Cat' and 'cat', which differ only",
        ),
    ],
)
def test_folders_that_are_no_classes_are_refused_with_what_to_do(
    tmp_path: Path, kind: str, paths: tuple[str, ...], words: str
) -> None:
    root = tree(tmp_path / "in", *paths)
    with pytest.raises(UserError) as caught:
        list_folder(root) if kind == "folder" else list_archive(zipped(root))
    assert words in str(caught.value)
    assert str(root if kind == "folder" else tmp_path / "photos.zip") in str(caught.value)


def test_too_many_classes_are_refused() -> None:
    with pytest.raises(UserError, match=r"has 1,001 classes \(0, 1, 10, 100, 1000 …\)"):
        list_entries([f"{number}/0.jpg" for number in range(1001)], "data.folder: photos", lambda path: b"")


def test_a_folder_around_the_class_folders_is_passed_through_and_said(tmp_path: Path) -> None:
    root = tree(tmp_path / "in", "PetImages/cat/0.jpg", "PetImages/dog/0.jpg", "readme.txt")
    for listing in (list_folder(root), list_archive(zipped(root))):
        assert listing.classes == ["cat", "dog"]
        assert len(listing.notes) == 1 and "PetImages" in listing.notes[0]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="one sub-folder per class"):
        list_folder(tmp_path)


def test_ready_made_splits_are_read_in_any_case(tmp_path: Path) -> None:
    root = tree(
        tmp_path, *(f"{split}/{name}/0.jpg" for split in ("Train", "validation", "TEST") for name in ("cat", "dog"))
    )
    assert {(entry.path.split("/")[0], entry.split) for entry in list_folder(root).entries} == {
        ("Train", "train"), ("validation", "val"), ("TEST", "test"),
    }  # fmt: skip


def test_classes_that_are_called_like_one_split_are_classes(tmp_path: Path) -> None:
    assert list_folder(tree(tmp_path, "train/0.jpg", "bus/0.jpg")).classes == ["bus", "train"]


def test_links_are_followed_once_and_loops_end(tmp_path: Path) -> None:
    pool = tree(tmp_path / "pool", "0.jpg", "1.jpg")
    root = tree(tmp_path / "photos", "zebra/0.jpg", "cat/0.jpg")
    (root / "dog").symlink_to(pool)
    (root / "cat/up").symlink_to(root)
    (root / "cat/self").symlink_to(root / "cat/self")
    (root / "aardvark").symlink_to(root / "zebra")  # the folder itself is taken, though the link comes first
    (root / "cat/gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (pool / "back").symlink_to(root)
    with pytest.raises(
        UserError, match=r"class folder 'aardvark' holds no image \(it is a link to a folder that is read already\)"
    ):
        list_folder(root)
    (root / "aardvark").unlink()
    listing = list_folder(root)
    assert taken(listing) == ["cat/0.jpg", "dog/0.jpg", "dog/1.jpg", "zebra/0.jpg"]
    assert reasons(listing) == {
        "cat/up": "a link to a folder that is read already",
        "dog/back": "a link to a folder that is read already",
        "cat/self": "a link that leads nowhere",
        "cat/gone.jpg": "a link that leads nowhere",
    }


@pytest.mark.skipif(os.name != "posix", reason="pipes and such names are of POSIX")
def test_pipes_are_not_opened_and_strange_names_are_reported(tmp_path: Path) -> None:
    root = tree(tmp_path, *TWO)
    os.mkfifo(root / "cat/pipe.jpg")
    Path(os.fsdecode(os.fsencode(root) + b"/cat/\xff.jpg")).write_bytes(b"x")
    listing = list_folder(root)
    assert taken(listing) == list(TWO)
    assert reasons(listing) == {
        "cat/pipe.jpg": "no file, but a pipe, a socket or a device",
        "cat/\\udcff.jpg": "its name is not UTF-8 text: rename it",
    }


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a person without all rights")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    root = tree(tmp_path, *TWO)
    (root / "cat").chmod(0)
    with pytest.raises(UserError, match=r"cat cannot be read \(Permission denied\)"):
        list_folder(root)
    (root / "cat").chmod(0o755)


def test_what_is_no_folder_or_no_archive_is_named(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    save_photo(photo, 0)
    for use, path, words in (
        (list_folder, photo, "is a file"),
        (list_folder, tmp_path / "no", "does not exist"),
        (list_archive, tmp_path, "is a folder: use data=image_folder"),
        (list_archive, tmp_path / "no.zip", "does not exist"),
        (list_archive, photo, "is not a whole zip archive"),
    ):
        with pytest.raises(UserError, match=words):
            use(path)


def test_an_archive_lists_the_same_as_its_folder(tmp_path: Path) -> None:
    root = tree(tmp_path / "in", *TWO, "cat/1.jpg", "cat/deep/2.jpg")
    assert list_archive(zipped(root)).entries == list_folder(root).entries
    with zipfile.ZipFile(tmp_path / "photos.zip") as archive:
        assert list_archive(tmp_path / "photos.zip").read("cat/1.jpg") == archive.read("cat/1.jpg")
