"""A table of photos: how it may be written, and every fault named with its file and line."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from ingest_options import open_listing, prepare
from photos import save_photo
from support import compose_config, manifest_rows
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError

FILES = ("a.jpg", "b.jpg", "c.jpg", "d.jpg")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / "photos").mkdir(exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(name.encode())
    return tmp_path / "photos"


composed = functools.cache(compose_config)


def table(place: Path, text: str | bytes, **changes: Any) -> dict[str, Any]:
    """A configuration for this table, which lies in the folder ``place``."""
    path = place / "labels.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return {**composed("data=csv")["data"], "csv": str(path), **changes}


def rows(config: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    return [(entry.path, entry.class_name, entry.split, entry.group) for entry in open_listing(config).entries]


PLAIN = [("a.jpg", "cat", None, None), ("b.jpg", "dog", None, None)]


@pytest.mark.parametrize(
    "text",
    [
        "path,label\na.jpg,cat\nb.jpg,dog\n",
        "Path;LABEL\r\nb.jpg;dog\r\na.jpg;cat\r\n",
        "\ufefflabel\tpath\ncat\ta.jpg\ndog\tb.jpg",
        'id, path , label,note\n1,a.jpg, cat ,"one, two"\n\n2,"b.jpg",dog\n,,,\n',
        "path,label\n./a.jpg,cat\nsub/../b.jpg,dog\n",
        "path;label\na.jpg;cat\nb.jpg;dog\n".encode("utf-16"),
    ],
)
def test_tables_as_people_and_spreadsheets_write_them(folder: Path, text: str | bytes) -> None:
    assert rows(table(folder, text)) == PLAIN


def test_paths_start_at_the_folder_or_are_absolute(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "else.jpg").write_bytes(b"else")
    text = f"path,label\n{folder}/a.jpg,cat\nb.jpg,dog\n{tmp_path}/else.jpg,dog\n"
    config = table(tmp_path / "tables", text, folder=str(folder))
    assert [entry.path for entry in open_listing(config).entries] == [
        (tmp_path / "else.jpg").as_posix(),
        "a.jpg",
        "b.jpg",
    ]
    assert open_listing(config).read("b.jpg") == b"b.jpg"
    assert open_listing(config).read((tmp_path / "else.jpg").as_posix()) == b"else"


def test_paths_of_windows_are_read(folder: Path) -> None:
    (folder / "cats").mkdir()
    (folder / "a.jpg").rename(folder / "cats/a.jpg")
    assert rows(table(folder, "path,label\ncats\\a.jpg,cat\nb.jpg,dog\n"))[1][0] == "cats/a.jpg"


def test_splits_and_groups_come_along(folder: Path) -> None:
    text = (
        "path,label,split,Animal\na.jpg,cat,Train,tom\nb.jpg,dog,training,rex\nc.jpg,cat,test,\nd.jpg,dog,TEST,fido\n"
    )
    assert rows(table(folder, text, group_by="animal")) == [
        ("a.jpg", "cat", "train", "tom"),
        ("b.jpg", "dog", "train", "rex"),
        ("c.jpg", "cat", "test", None),
        ("d.jpg", "dog", "test", "fido"),
    ]
    assert {entry.group for entry in open_listing(table(folder, text)).entries} == {None}


def test_a_column_of_empty_splits_is_none(folder: Path) -> None:
    assert rows(table(folder, "path,label,split\na.jpg,cat,\nb.jpg,dog,\n")) == PLAIN


def test_what_cannot_be_used_is_counted_with_its_line(folder: Path) -> None:
    (folder / "clip.mov").write_bytes(b"x")
    text = "path,label\na.jpg,cat\nb.jpg,dog\ngone.jpg,dog\nclip.mov,cat\n./a.jpg,cat\n.,cat\n"
    assert [asdict(file) for file in open_listing(table(folder, text)).skipped] == [
        {"path": "gone.jpg", "reason": "no such file (line 4)"},
        {"path": "clip.mov", "reason": "a video (line 5)"},
        {"path": "a.jpg", "reason": "listed on line 2 already, and again on line 6"},
        {"path": folder.as_posix(), "reason": "is a folder (line 7)"},
    ]


TWO = "path,label\na.jpg,cat\nb.jpg,dog\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,class\na.jpg,cat\n", "line 1 names the columns 'file', 'class'; it lacks 'path' and 'label'"),
        ("path,cat,dog\na.jpg,1,0\n", "lacks 'label'"),
        ("", "lacks 'path' and 'label'"),
        ("path,label,Label\na.jpg,cat,cat\n", "line 1 names the column 'label' twice"),
        ("path,label\n", "has no lines below its first"),
        (TWO + "c.jpg,\n", "line 4 has no label"),
        (TWO + ",cat\n", "line 4 has no path"),
        (TWO + '"two\nlines",cat\n"and\ntwo",\n', "line 6 has no label"),
        (TWO + "c.jpg,cat,small\n", "line 4 has 3 values for 2 columns: put values that hold a comma in quotes"),
        (TWO + 'c.jpg,"cat\n', "cannot be read"),
        (TWO.encode() + b"c.jpg,Stra\xdfe\n", "line 4 is not UTF-8 text: save the table as CSV in UTF-8"),
        (
            TWO + "c.jpg,cat;dog\n",
            "line 4: label 'cat;dog' looks like a list of labels; Warmstart is for one label a photo",
        ),
        (TWO + "c.jpg,cat|dog\n", "one label a photo"),
        (TWO + 'c.jpg,"[cat, dog]"\n', "one label a photo"),
        (
            TWO + 'c.jpg,"dog, cat"\n',
            "line 4: label 'dog, cat' is a list of labels; Warmstart is for one label a photo",
        ),
        (
            TWO + "./a.jpg,dog\n",
            "line 4: a.jpg has label 'dog', but on line 2 'cat'; Warmstart is for one label a photo",
        ),
        (
            "path,label,split\na.jpg,cat,train\na.jpg,cat,test\n",
            "line 3: a.jpg has split 'test', but on line 2 'train'",
        ),
        (
            "path,label,split\na.jpg,cat,train\nb.jpg,dog,tets\n",
            "line 3: split 'tets' is not known; it is train, val or test",
        ),
        ("path,label,split\na.jpg,cat,train\nb.jpg,dog,\n", "line 3 has no split, though others have"),
        ("path,label,split\na.jpg,cat,train\nb.jpg,dog,val\n", "has no line of split test"),
        ("path,label\nx/a.jpg,cat\nx/b.jpg,dog\n", "none of its 2 files exists; the first was looked for at "),
        ("path,label\na.jpg,cat\nb.jpg,cat\n", "has 1 class (cat); Warmstart tells apart 2 to"),
        ("path,label\na.jpg,cat\nb.jpg,Cat\n", "differ only in case or spaces"),
    ],
)
def test_faults_are_refused_with_their_line(folder: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(UserError) as caught:
        open_listing(table(folder, text))
    assert words in str(caught.value)
    assert str(folder / "labels.csv") in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"csv": None}, "data.csv is not set"),
        ({"csv": "/nowhere.csv"}, "does not exist"),
        ({"csv": "/"}, "is a folder"),
        ({"folder": "/nowhere"}, "data.folder: /nowhere does not exist"),
        ({"group_by": "animel"}, "data.group_by: .* has no column 'animel'; did you mean 'animal'?"),
        ({"group_by": "zoo"}, "it has 'path', 'label', 'animal'"),
        ({"group_by": "label"}, "data.group_by is 'label', which cannot"),
    ],
)
def test_keys_that_do_not_fit_are_named(folder: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        open_listing(table(folder, "path,label,animal\na.jpg,cat,tom\nb.jpg,dog,rex\n", **changes))


def test_a_label_may_hold_a_comma(folder: Path) -> None:
    listing = open_listing(table(folder, 'path,label\na.jpg,"tench, Tinca tinca"\nb.jpg,dog\n'))
    assert listing.classes == ["dog", "tench, Tinca tinca"]


def test_a_table_is_prepared_like_any_photos(tmp_path: Path) -> None:
    lines = ["path,label,split"]
    for index in range(24):
        save_photo(tmp_path / f"in/{index}.png", index)
        lines.append(f"{index}.png,{'cat' if index % 2 else 'dog'},{'test' if index < 8 else 'train'}")
    prepare(table(tmp_path / "in", "\n".join(lines), size=32, workers=1), tmp_path / "out")
    store = ImageStore(tmp_path / "out")
    assert {int(row["path"][:-4]) for row in manifest_rows(store, "test")} == set(range(8))
    assert store.prepared.counts.test == 8 and store.prepared.counts.total == 24
    assert Counter(row["class"] for split in ("train", "val", "test") for row in manifest_rows(store, split)) == {
        "cat": 12,
        "dog": 12,
    }
