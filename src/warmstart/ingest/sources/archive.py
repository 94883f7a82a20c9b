"""A zip archive of photos in class folders, such as the public Cats-and-Dogs archive. It is read in place."""

from __future__ import annotations

import lzma
import os
import zlib
from pathlib import Path

from warmstart.config.paths import expand_user
from warmstart.ingest.fetching.archives import BROKEN, Limits, ZipArchive, doubtful_names, zip_members
from warmstart.ingest.sources.class_folders import list_entries
from warmstart.ingest.sources.listing import Listing
from warmstart.ingest.sources.walk import need_file


class ZipReader:
    """Reads members of a zip file; opens it once per process, since an open zip cannot be sent to a worker."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self._open: tuple[int, ZipArchive] | None = None

    def __call__(self, path: str) -> bytes:
        try:
            if self._open is None or self._open[0] != os.getpid():
                self._open = (os.getpid(), ZipArchive(self.archive))
            return self._open[1].read(path)
        except (*BROKEN, zlib.error, lzma.LZMAError, EOFError, KeyError, RuntimeError) as error:
            raise OSError(f"damaged in the archive: {error}") from None

    def __getstate__(self) -> dict[str, object]:
        return {"archive": self.archive, "_open": None}


def list_archive(archive: str | Path, limits: Limits | None = None, layout: str = "auto") -> Listing:
    """List the images of a zip archive, with or without a folder around its class folders. layout: the key data.layout.

    Raises UserError when it is missing, no zip archive, not harmless (see ``zip_members``), or without class folders.
    """
    path = Path(expand_user(str(archive)))
    need_file(path, f"data.archive: {path}", "use data=image_folder")
    members = zip_members(path, limits)
    names = [member.name for member in members if member.kind == "file"]
    folders = [member.name[:-1] for member in members if member.kind == "folder"]
    return list_entries(
        names, f"data.archive: {path}", ZipReader(path), folders, layout=layout, notes=doubtful_names(members)
    )
