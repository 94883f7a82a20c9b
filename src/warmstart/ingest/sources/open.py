"""From the ``data`` options to a listing of files, or to arrays. A new kind of source is one case here."""

from __future__ import annotations

from warmstart.config.data_schema import Archive, Csv, Data, Digits, Folder, Idx, Pets
from warmstart.errors import UserError
from warmstart.ingest.fetching.download import fetch
from warmstart.ingest.sources.archive import list_archive
from warmstart.ingest.sources.arrays import ImageArrays
from warmstart.ingest.sources.digits import read_digits
from warmstart.ingest.sources.folder import list_folder
from warmstart.ingest.sources.idx import read_idx_set
from warmstart.ingest.sources.listing import Listing
from warmstart.ingest.sources.pets import list_pets
from warmstart.ingest.sources.table import list_table

NO_FOLDER = "data.folder is not set: give the folder that has one sub-folder of photos per class"
FETCH_BY_HAND = (
    "fetch it on a connected machine and set data.archive to the file (under DVC: set.data.archive in params.yaml)"
)


def is_array_source(data: Data) -> bool:
    """Whether the images come as one array and not as files."""
    return isinstance(data, Digits | Idx)


def open_arrays(data: Data) -> ImageArrays:
    """The images of a source that ``is_array_source``. Raises UserError where they cannot be had."""
    return read_idx_set(data) if isinstance(data, Idx) else read_digits()


def open_listing(data: Data) -> Listing:
    """List the files of a source that is a folder, an archive, a table or the Pet dataset. Raises UserError where they
    cannot be had.
    """
    if isinstance(data, Folder):
        if not data.folder:
            raise UserError(NO_FOLDER)
        return list_folder(data.folder, data.layout)
    if isinstance(data, Archive):
        archive = data.archive or fetch(data.url, sha256=data.sha256, size=data.bytes, instead=FETCH_BY_HAND)
        return list_archive(archive, layout=data.layout)
    if isinstance(data, Csv):
        return list_table(data)
    if isinstance(data, Pets):
        return list_pets(data)
    raise UserError(f"data.source is {data.source!r}; it is critters, digits, idx, folder, archive, csv or pets")
