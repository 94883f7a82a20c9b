"""Whether the prepared images are those that a configuration asks for, which every stage makes sure of before it begins."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warmstart.config.paths import PATH_KEYS
from warmstart.errors import UserError
from warmstart.files.cells import cell_path, cell_text
from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json
from warmstart.ingest.sources.folder import FolderReader
from warmstart.ingest.sources.open import open_listing


def check_prepared(config: Mapping[str, Any], images_dir: str | Path) -> None:
    """Refuse (UserError) prepared images that are missing or that another configuration prepared.

    config: the ``data`` group; keys that it lacks, because a stage may not read them, are not compared.
    """
    record = record_of(images_dir)
    by_hand = f"`python pipelines/prepare.py data={config['name']}`"
    command = f"`dvc repro prepare` or {by_hand}"
    if not record.exists() or not Path(images_dir, "meta.json").exists():
        raise UserError(f"the images of {config['name']} are not prepared: run {command}, with your data options")
    made = read_json(record)
    for key in config:
        if (
            key == "workers"
            or config[key] == made.get(key)
            or (key in ("folder", "csv") and _same_photos(config, images_dir))
        ):
            continue
        # A file that was moved prepares nothing anew under DVC, which compares contents.
        run = by_hand if f"data.{key}" in PATH_KEYS else command
        raise UserError(
            f"{images_dir} was prepared with data.{key}={made.get(key)}, but this run says {config[key]}: "
            f"run {run} with your data options, or give this run the same ones"
        )


def _same_photos(config: Mapping[str, Any], images_dir: str | Path) -> bool:
    """Whether the photos have the same names, classes and contents as the prepared ones: then their folder or table was moved or
    copied, which ``dvc repro`` does not prepare again.
    """
    if config.get("source") not in ("folder", "csv"):
        return False
    try:
        listing = open_listing(config)
        assert isinstance(listing.read, FolderReader)
        files = [listing.read.file(entry.path) for entry in listing.entries]
        now = [
            (entry.path, entry.class_name, str(file.stat().st_size))
            for entry, file in zip(listing.entries, files, strict=True)
        ]
        with Path(images_dir).with_name("scan").joinpath("photos.csv").open(encoding="utf-8", newline="") as table:
            then = list(csv.DictReader(table))
        if now != [(cell_path(row["path"]), cell_text(row["class"]), row["bytes"]) for row in then]:
            return False
        return all(sha256_file(file) == row["sha256"] for file, row in zip(files, then, strict=True) if row["sha256"])
    except (UserError, OSError):
        return False


def record_of(images_dir: str | Path) -> Path:
    """The file that says how images were prepared: beside them, not among them, since where they came from is no part of what they are."""
    return Path(images_dir).with_name("prepared.json")
