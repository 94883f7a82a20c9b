"""What folders around photos mean: parts of a split by their names and shape, a wrapper, or classes; what cannot be
told is refused.
"""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from warmstart.errors import UserError
from warmstart.ingest.sources.archive import list_archive
from warmstart.ingest.sources.folder import list_folder
from warmstart.ingest.sources.listing import Listing


def listed(root: Path, paths: Sequence[str], kind: str, layout: str = "auto") -> Listing:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())
    if kind == "folder":
        return list_folder(root, layout)
    return list_archive(Path(shutil.make_archive(str(root.with_name("photos")), "zip", root)), layout=layout)


def grid(tops: Sequence[str], names: Sequence[str], n: int = 2) -> list[str]:
    return [f"{top}/{name}/{i}.jpg" for top in tops for name in names for i in range(n)]


SPLITS = [
    ("training_set", "test_set"),
    ("Train_data", "Test_data"),
    ("seg_train", "seg_test"),
    ("TRAIN", "Val 2", "test-3"),
    ("my-train", "dev", "eval"),
    ("trainData", "evaluation"),
    ("train", "valid", "test"),
]
WRAPPED = ["{}", "archive/{}", "archive/archive/{}", "{}/{}"]


@pytest.mark.parametrize("kind", ["folder", "archive"])
@pytest.mark.parametrize("tops", SPLITS, ids=" ".join)
@pytest.mark.parametrize("wrap", WRAPPED)
def test_parts_of_a_split_are_read_as_such_however_they_are_called_and_wrapped(
    tmp_path: Path, kind: str, tops: tuple[str, ...], wrap: str
) -> None:
    listing = listed(tmp_path / "in", grid([wrap.format(top, top) for top in tops], ("cat", "dog")), kind)
    assert listing.classes == ["cat", "dog"]
    wanted = ("train", "val", "test") if len(tops) == 3 else ("train", "test")
    for top, split in zip(tops, wanted, strict=True):
        assert {entry.split for entry in listing.entries if f"/{top}/" in f"/{entry.path}"} == {split}
        assert top.lower() in ("train", "valid", "test") or f"{top} is read as {split}" in listing.notes
    assert ("archive" in " ".join(listing.notes)) == ("archive" in wrap)  # a folder that was passed through is said
    assert listing.read(listing.entries[0].path)


@pytest.mark.parametrize("missing", ["test_set/cat", "training_set/dog"])
def test_a_part_that_lacks_a_class_is_still_a_part(tmp_path: Path, missing: str) -> None:
    paths = [path for path in grid(("training_set", "test_set"), ("cat", "dog")) if not path.startswith(missing)]
    listing = listed(tmp_path / "in", paths, "folder")
    assert listing.classes == ["cat", "dog"] and {entry.split for entry in listing.entries} == {"train", "test"}


@pytest.mark.parametrize("kind", ["folder", "archive"])
@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (
            grid(("old", "new"), ("cat", "dog")),
            ("'new', 'old'", "(cat, dog)", "rename them to train and test", "data.layout=classes"),
        ),
        (grid(("old", "new"), ("cat", "dog", "bird"))[:-2], ("rename them to train and test",)),
        (grid(("a", "b", "c"), ("cat", "dog", "bird")), ("rename them to train and test",)),
        (grid(("train_1", "train_2"), ("cat", "dog")), ("'train_1', 'train_2'", "rename")),  # one part each, or none
        (grid(("cat", "dog"), ("train", "test")), ("the split lies below the classes", "train/cat")),
        (
            [*grid(("seg_train", "seg_test"), ("sea", "ice")), "seg_pred/0.jpg"],
            ("beside them 'seg_pred'", "data.layout=classes"),
        ),
        (["training_set/0.jpg", "test_set/0.jpg"], ("'test_set'", "no class folders", "data.layout=classes")),
        ([*grid(("training_set",), ("cat", "dog")), "test_set/0.jpg"], ("'test_set'", "no class folders")),
        (grid(("seg_train", "seg_val"), ("sea", "ice")), ("no test folder",)),
    ],
)
def test_what_may_be_a_split_is_not_taken_for_classes(
    tmp_path: Path, kind: str, paths: list[str], words: tuple[str, ...]
) -> None:
    with pytest.raises(UserError) as caught:
        listed(tmp_path / "in", paths, kind)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert listed(tmp_path / "in", [], kind, "classes").classes == sorted({path.split("/")[0] for path in paths})


@pytest.mark.parametrize(
    "paths",
    [
        [*grid(("cat", "dog"), ("2019", "2020")), "bird/0.jpg"],  # one of them holds photos itself
        [*grid(("cat",), ("indoors", "outdoors")), *grid(("dog",), ("park", "street"))],
        grid(("cat", "dog"), ("images",)),
        ["bullet_train/0.jpg", "test_tube/0.jpg", "car/0.jpg"],
        ["valid/0.jpg", "invalid/0.jpg"],
    ],
)
def test_class_folders_with_folders_of_their_own_stay_classes(tmp_path: Path, paths: list[str]) -> None:
    listing = listed(tmp_path / "in", paths, "folder")
    assert listing.classes == sorted({path.split("/")[0] for path in paths})
    assert {entry.split for entry in listing.entries} == {None}


@pytest.mark.parametrize(
    "paths",
    [
        grid(["w/cat", "w/dog"], ["x"]),
        [*grid(["w"], ["cat", "dog"]), "loose.jpg"],
        [*grid(["w"], ["cat", "dog"]), "w/1.jpg"],
        ["cat/1.jpg", "cat/x/2.jpg"],
        [*grid(["animals"], ["cat", "bird"]), "dog/readme.txt"],
        grid(["a/b/c"], ["cat", "dog"]),
    ],
)
def test_a_zip_is_read_as_the_folder_that_it_was_made_of(tmp_path: Path, paths: list[str]) -> None:
    def said(kind: str) -> object:
        try:
            listing = listed(tmp_path / "photos", paths, kind)
        except UserError as error:
            return str(error).partition(": ")[2].partition(": ")[2]
        read = pickle.loads(pickle.dumps(listing.read))  # as a worker gets it
        return [
            (entry.path, entry.class_name, entry.split, read(entry.path)) for entry in listing.entries
        ], listing.notes

    assert said("zip") == said("folder")
