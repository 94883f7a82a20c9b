"""Which files outside the checkout a stage reads: of photos, exactly what their source accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from warmstart.config.data_schema import Archive, Csv, Data, Folder, Idx, Pets
from warmstart.config.weights_path import weights_file
from warmstart.ingest.sources.folder import FolderReader
from warmstart.ingest.sources.idx import find_file
from warmstart.ingest.sources.open import open_listing
from warmstart.ingest.sources.pets import list_pets
from warmstart.ingest.sources.walk import need_file, why_not_read


class FileRead(NamedTuple):
    """A file that is read. role: what for (photo, mask, archive …). name: its path from the root of its source; nothing
    where the role says all, so that a file or folder of another name, or in another place, is the same. file: where it
    is.
    """

    role: str
    name: str
    file: Path


def data_files(data: Data) -> Iterator[FileRead]:
    """What ``prepare`` reads, in an order that depends on nothing else. data: its paths are absolute.

    What is fetched is not among it: its digest is in the configuration. Raises UserError where something that is named
    does not exist or cannot be read, and where the source has no photos that could be prepared.
    """
    for key, table in (("csv", getattr(data, "csv", None)), ("corrections", getattr(data, "corrections", None))):
        if table:
            need_file(table, f"data.{key}: {table}")
            yield FileRead(key, "", Path(table))
    if isinstance(data, Archive) and data.archive:
        need_file(data.archive, f"data.archive: {data.archive}", "use data=image_folder")
        yield FileRead("archive", "", Path(data.archive))
    elif isinstance(data, Pets) and data.folder:
        yield from _pets(data, Path(data.folder))
    elif isinstance(data, Idx) and data.folder:
        for which in data.files:
            yield FileRead("file", which, find_file(data, which))
    elif isinstance(data, Folder | Csv):
        listing = open_listing(data)
        assert isinstance(listing.read, FolderReader)
        for entry in listing.entries:
            yield FileRead("photo", entry.path, listing.read.file(entry.path))


def weights_files(backbone: Mapping[str, Any] | None) -> Iterator[FileRead]:
    """The local file of pretrained weights, if there is one. backbone: {name, weights}. Raises UserError where it does
    not exist.
    """
    file = weights_file(backbone["name"], backbone["weights"]) if backbone else None
    if file:
        need_file(file, f"backbone.weights: {file}")
        yield FileRead("weights", "", file)


def _pets(data: Pets, folder: Path) -> Iterator[FileRead]:
    """The published archives where they are not unpacked, else the photos and what is known of them."""
    parts = [part for part in data.files if not (folder / part).is_dir()]
    archives = [folder / data.files[part].name for part in parts]
    for part, archive in zip(parts, archives, strict=True):
        if why_not_read(archive) is None:
            yield FileRead("archive", part, archive)
    if len(parts) == len(data.files) and all(why_not_read(archive) is None for archive in archives):
        return  # nothing is unpacked to be listed
    for list_name in ("trainval.txt", "test.txt"):
        if why_not_read(file := folder / "annotations" / list_name) is None:
            yield FileRead("list", list_name, file)
    for entry in list_pets(data).entries:
        yield FileRead("photo", entry.path, folder / entry.path)
        mask = folder / "annotations/trimaps" / Path(entry.path).with_suffix(".png").name
        if entry.split == "test" and why_not_read(mask) is None:
            yield FileRead("mask", entry.path, mask)
