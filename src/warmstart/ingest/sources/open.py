"""From the ``data`` group of the configuration to a listing of files, or to arrays. A new kind of source is one case here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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

ARRAY_SOURCES = ("digits", "idx")


def open_arrays(config: Mapping[str, Any]) -> ImageArrays:
    """The images of ``config["source"]``, one of ``ARRAY_SOURCES``. Raises UserError where they cannot be had."""
    return read_digits() if config["source"] == "digits" else read_idx_set(config)


def open_listing(config: Mapping[str, Any]) -> Listing:
    """List the files of ``config["source"]``: ``folder``, ``archive``, ``csv`` or ``pets``. Raises UserError where they cannot be had."""
    if config["source"] == "folder":
        if not config["folder"]:
            raise UserError("data.folder is not set: give the folder that has one sub-folder of photos per class")
        return list_folder(config["folder"], config["layout"])
    if config["source"] == "archive":
        archive = config["archive"] or fetch(
            config["url"],
            sha256=config["sha256"],
            size=config["bytes"],
            instead="fetch it on a connected machine and set data.archive to the file (under DVC: set.data.archive in params.yaml)",
        )
        return list_archive(archive, layout=config["layout"])
    if config["source"] == "csv":
        return list_table(config)
    if config["source"] == "pets":
        return list_pets(config)
    raise UserError(f"data.source is {config['source']!r}; it is critters, digits, idx, folder, archive, csv or pets")
