"""A zip archive of photos in class folders, such as the public Cats-and-Dogs archive."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path, PurePosixPath

from warmstart.data.sources.listing import Listing, list_entries
from warmstart.errors import UserError


class ZipReader:
    """Reads members of a zip file; opens it once per process, since an open zip cannot be sent to a worker."""

    def __init__(self, archive: Path, prefix: str) -> None:
        self.archive = archive
        self.prefix = prefix
        self._open: tuple[int, zipfile.ZipFile] | None = None

    def __call__(self, path: str) -> bytes:
        if self._open is None or self._open[0] != os.getpid():
            self._open = (os.getpid(), zipfile.ZipFile(self.archive))
        try:
            return self._open[1].read(self.prefix + path)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError) as error:
            raise OSError(f"damaged in the archive: {error}") from None

    def __getstate__(self) -> dict[str, object]:
        return {"archive": self.archive, "prefix": self.prefix, "_open": None}


def list_archive(archive: str | Path) -> Listing:
    """List the images of a zip archive, with or without a folder around its class folders.

    Raises UserError when the file is missing, is not a zip archive, or has no class folders.
    """
    path = Path(archive).expanduser()
    if not path.is_file():
        raise UserError(f"data.archive: {path} {'is a folder: use data=image_folder' if path.is_dir() else 'does not exist'}")
    try:
        with zipfile.ZipFile(path) as opened:
            names = [info.filename for info in opened.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        raise UserError(f"data.archive: {path} is not a whole zip archive ({error}): fetch it again") from None
    prefix = _common_folder(names)
    inside = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
    return list_entries(inside, f"data.archive: {path}", ZipReader(path, prefix))


def _common_folder(names: list[str]) -> str:
    """The folder that holds all class folders, such as ``PetImages/``: descend while there is just one with files below."""
    prefix = ""
    while True:
        below = {PurePosixPath(name[len(prefix) :]).parts for name in names if name.startswith(prefix)}
        folders = {parts[0] for parts in below if len(parts) > 1 and not parts[0].startswith((".", "__MACOSX"))}
        if len(folders) != 1 or all(len(parts) <= 2 for parts in below):
            return prefix
        prefix += folders.pop() + "/"
