"""Whether the prepared images are those that a configuration asks for, which every stage makes sure of before it
begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warmstart.config.data_schema import Csv, Data, Folder
from warmstart.config.paths import PATH_KEYS
from warmstart.config.typed import to_typed
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.ingest.sources.folder import FolderReader
from warmstart.ingest.sources.open import open_listing
from warmstart.records.photos import PhotoRow
from warmstart.records.preparation import Preparation


def check_prepared(options: Mapping[str, Any], images_dir: str | Path) -> None:
    """Refuse (UserError) prepared images that are missing or that were prepared with other options.

    options: the configuration's group ``data``. It is open, since a stage may not read all of it: keys that it lacks
    are not compared.
    """
    record = preparation_file(images_dir)
    by_hand = f"`python pipelines/prepare.py data={options['name']}`"
    command = f"`dvc repro prepare` or {by_hand}"
    if not record.exists() or not Path(images_dir, "meta.json").exists():
        raise UserError(f"the images of {options['name']} are not prepared: run {command}, with your data options")
    prepared = Preparation.read(record).options
    for key, value in options.items():
        if key == "workers" or value == prepared.get(key):
            continue
        if key in ("folder", "csv") and _same_photos(options, images_dir):
            continue
        # A file that was moved prepares nothing anew under DVC, which compares contents.
        run = by_hand if f"data.{key}" in PATH_KEYS else command
        raise UserError(
            f"{images_dir} was prepared with data.{key}={prepared.get(key)}, but this run says {value}: "
            f"run {run} with your data options, or give this run the same ones"
        )


def _same_photos(options: Mapping[str, Any], images_dir: str | Path) -> bool:
    """Whether the photos have the same names, classes and contents as the prepared ones: then their folder or table was
    moved or copied, which ``dvc repro`` does not prepare again.
    """
    try:
        data = to_typed(Data, options)
        if not isinstance(data, Folder | Csv):
            return False
        listing = open_listing(data)
        assert isinstance(listing.read, FolderReader)
        files = [listing.read.file(entry.path) for entry in listing.entries]
        now = [
            (entry.path, entry.class_name, file.stat().st_size)
            for entry, file in zip(listing.entries, files, strict=True)
        ]
        before = PhotoRow.read_rows(Path(images_dir).with_name("scan") / "photos.csv")
        if now != [(row.path, row.class_name, row.bytes) for row in before]:
            return False
        return all(sha256_file(file) == row.sha256 for file, row in zip(files, before, strict=True) if row.sha256)
    except (UserError, OSError):
        return False


def preparation_file(images_dir: str | Path) -> Path:
    """The file that says with which options images were prepared. It is beside them and not among them, since where
    they came from is no part of what they are.
    """
    return Path(images_dir).with_name("prepared.json")
