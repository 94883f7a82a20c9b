"""Whatever lies in a folder or a table: an answer, or one line that names what is at fault; and what is listed is what
is read.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest

from any_input import plant_table, plant_tree
from ingest_options import of_dictionary, open_listing, prepare
from support import compose_config
from warmstart.cli.photo_check import check_photos as check_data
from warmstart.errors import UserError
from warmstart.files.cells import cell_path
from warmstart.ingest.sources.archive import list_archive
from warmstart.ingest.sources.folder import list_folder

check_photos = of_dictionary(check_data)
SIZE = {"size": 16, "workers": 1}


@pytest.fixture(scope="module")
def folder_options() -> dict[str, Any]:
    return {**compose_config("data=image_folder")["data"], **SIZE}


@pytest.fixture(scope="module")
def table_options() -> dict[str, Any]:
    return {**compose_config("data=csv")["data"], **SIZE}


def scanned(folder: Path) -> list[str]:
    with (folder / "photos.csv").open(newline="", encoding="utf-8") as stream:
        return [cell_path(row["path"]) for row in csv.DictReader(stream)]


def complaint(error: UserError, root: Path) -> str:
    """One line of readable length that names the place or the class at fault."""
    text = str(error)
    assert "\n" not in text and "\r" not in text and len(text) < 3000, text
    assert str(root) in text or "class " in text or "data." in text, text
    return text


def agree(config: dict[str, Any], root: Path, out: Path, *, look: bool) -> bool:
    """Whether there was an answer. What ``check`` says it reads, the listing and what ``prepare`` reads are the same,
    or all complain.
    """
    try:
        listed = [entry.path for entry in open_listing(config).entries]
    except UserError as error:
        said = complaint(error, root)
        for use in (check_photos, prepare):
            with pytest.raises(UserError) as caught:
                use(config, out / "no" / "images")
            assert str(caught.value) == said
        assert not list(out.glob("no/*"))  # and nothing half-written
        return False
    trainable = True
    if look:
        looked = check_photos(config, out / "check")
        assert scanned(out / "check/scan") == listed and looked.audit_lines
        assert all(
            line.isprintable() for line in looked.audit_lines
        )  # no line break or control code of a name reaches the terminal
        trainable = not looked.reasons
        for reason in looked.reasons:
            complaint(UserError(reason), root)
    try:
        prepare(config, out / "images")
    except UserError as error:
        complaint(error, root)
        assert not look or not trainable
        return False
    assert trainable and scanned(out / "scan") == listed
    return True


@pytest.mark.parametrize("start", range(0, 40, 20))
def test_a_folder_of_anything_is_read_as_it_is_listed_or_refused_in_a_line(
    tmp_path: Path, folder_options: dict[str, Any], start: int
) -> None:
    answers = 0
    for seed in range(start, start + 20):
        root = tmp_path / f"p{seed}"
        plant_tree(root, seed)
        answers += agree({**folder_options, "folder": str(root)}, root, tmp_path / f"out{seed}", look=seed % 10 == 0)
        shutil.rmtree(tmp_path / f"out{seed}", ignore_errors=True)
    assert answers >= 3  # else nothing was tried


def test_a_table_of_anything_is_read_as_it_is_listed_or_refused_in_a_line(
    tmp_path: Path, table_options: dict[str, Any]
) -> None:
    answers = 0
    for seed in range(30):
        table = plant_table(tmp_path / f"p{seed}", seed)
        config = {**table_options, "csv": str(table), "group_by": "group" if seed % 4 == 1 else None}
        answers += agree(config, table.parent, tmp_path / f"out{seed}", look=seed % 15 == 0)
        shutil.rmtree(tmp_path / f"out{seed}", ignore_errors=True)
    assert answers >= 4


def test_an_archive_of_anything_is_listed_as_its_folder(tmp_path: Path) -> None:
    same = 0
    for seed in range(40):
        root = tmp_path / f"p{seed}"
        plant_tree(root, seed)
        try:
            shutil.make_archive(str(tmp_path / f"z{seed}"), "zip", root)
        except (UnicodeEncodeError, ValueError):
            continue  # no zip archive can have such names
        archive = tmp_path / f"z{seed}.zip"
        try:
            listing = list_archive(archive)
        except UserError as error:
            complaint(error, archive)
            continue
        try:
            folder = list_folder(root)
        except UserError:
            continue
        assert [(e.class_name, e.split) for e in listing.entries] == [(e.class_name, e.split) for e in folder.entries]
        assert all(
            listing.read(a.path) == folder.read(b.path) for a, b in zip(listing.entries, folder.entries, strict=True)
        )
        same += 1
    assert same >= 5
