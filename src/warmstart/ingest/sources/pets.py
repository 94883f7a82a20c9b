"""The Oxford-IIIT Pet dataset (Parkhi, Vedaldi, Zisserman, Jawahar, 2012): 37 breeds, with a trimap of each photo."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from warmstart.config.data_schema import Pets
from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.ingest.fetching.unpack import unpacked
from warmstart.ingest.sources.folder import FolderReader
from warmstart.ingest.sources.listing import Entry, Listing, classes_of
from warmstart.ingest.sources.published import dataset_cache, fetch_published, own_copy
from warmstart.ingest.sources.suffixes import IMAGE_SUFFIXES, is_hidden, suffix_of, what_else
from warmstart.ingest.sources.walk import why_not_read
from warmstart.records.images import SkippedFile
from warmstart.text.printable import utf8_text

SPECIES = {"1": "cat", "2": "dog"}
LISTS = {"train": "trainval.txt", "test": "test.txt"}  # the authors' own split; val comes out of the first
AGAIN = "fetch the annotations again"
INSTEAD = (
    "fetch both archives on a connected machine and set data.folder to their folder (under DVC: set.data.folder in "
    "params.yaml)"
)


def list_pets(data: Pets) -> Listing:
    """List the photos of the dataset, by species or breed, with its own split and its trimaps.

    data: the group of the configuration. Raises UserError where the files cannot be had or do not belong together.
    """
    photos, lists = _folder_of("images", data), _folder_of("annotations", data) / "annotations"
    names: dict[str, Entry] = {}
    for split, list_name in LISTS.items():
        for name, species, breed, line in _lines(lists / list_name):
            if name in names:
                raise UserError(f"{lists / list_name}, line {line} lists {name} a second time: {AGAIN}")
            names[name] = Entry(f"images/{name}.jpg", species if data.labels == "species" else breed, split)
    reasons = {name: why_not_read(photos / entry.path) for name, entry in names.items()}
    entries = [entry for name, entry in names.items() if not reasons[name]]
    skipped = [SkippedFile(names[name].path, reason) for name, reason in reasons.items() if reason]
    if not entries:
        raise UserError(f"{photos / 'images'} holds none of the {len(names):,} photos that {lists} lists")
    for found in sorted(os.listdir(photos / "images")):
        if found.removesuffix(".jpg") not in names and not is_hidden(found):
            photo = suffix_of(found) in IMAGE_SUFFIXES
            reason = f"not in {' or '.join(LISTS.values())}" if photo else what_else(found) or "not an image file"
            skipped.append(SkippedFile(f"images/{utf8_text(found)}", reason))
    classes = classes_of((entry.class_name for entry in entries), str(lists))
    entries.sort(key=lambda entry: entry.path)
    return Listing(entries, classes, FolderReader(photos), skipped, partial(_trimap, lists / "trimaps"))


def _trimap(folder: Path, path: str) -> bytes:
    """The bytes of the trimap of the photo ``path``: a PNG of 1 (pet), 2 (background) and 3 (border)."""
    return (folder / Path(path).with_suffix(".png").name).read_bytes()


def _folder_of(part: str, data: Pets) -> Path:
    """The folder that holds the folder ``part``: data.folder, or where an archive is unpacked once."""
    if not data.folder:
        archive = fetch_published(data, part, INSTEAD)
    else:
        folder = Path(expand_user(data.folder))
        if (folder / part).is_dir():
            return folder
        own = own_copy(data, part) if folder.is_dir() else None
        if own is None:
            what = f"has neither a folder {part} nor {data.files[part].name}" if folder.is_dir() else "is no folder"
            raise UserError(f"data.folder: {folder} {what}; null fetches the dataset")
        archive = own
    into = unpacked(archive, dataset_cache(data) / f"{part}-{data.files[part].sha256[:12]}")
    if not (into / part).is_dir():
        raise UserError(f"{archive} has no folder {part}: it is not the published archive")
    return into


def _lines(path: Path) -> Iterator[tuple[str, str, str, int]]:
    """Of each line ``NAME class species breed``: the name, cat or dog, the breed and the line's number."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({getattr(error, 'strerror', None) or error}): {AGAIN}") from None
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if not fields or line.startswith("#"):
            continue
        breed = fields[0].rpartition("_")[0]
        # The breed is in the name: cats' begin with a capital, dogs' with a small letter.
        if len(fields) != 4 or not breed or SPECIES.get(fields[2]) != ("cat" if breed[0].isupper() else "dog"):
            raise UserError(f"{path}, line {number} is {line!r}, not a name, class, species and breed: {AGAIN}")
        yield fields[0], SPECIES[fields[2]], breed, number
