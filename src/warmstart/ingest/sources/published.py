"""The published files of a dataset: the person's own copies, or fetched once; checked by size and sha256 before use."""

from __future__ import annotations

from pathlib import Path

from warmstart.config.data_schema import Data, Idx, Pets
from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.ingest.fetching.download import cache_folder, fetch, is_published


def dataset_cache(data: Data) -> Path:
    """The folder for what is fetched of a dataset. Each has its own, since sets may have files of the same names."""
    return cache_folder() / data.name


def fetch_published(data: Pets | Idx, which: str, instead: str) -> Path:
    """The file ``files[which]`` of the options below ``data.url``, fetched when it is not there yet.

    data: the group of the configuration. instead: what a person without a network can do. Raises UserError where it
    cannot be had.
    """
    file = data.files[which]
    return fetch(
        data.url + file.name,
        sha256=file.sha256,
        size=file.bytes,
        instead=instead,
        folder=dataset_cache(data),
    )


def own_copy(data: Pets | Idx, which: str) -> Path | None:
    """The same file in ``data.folder``, None where there is none. Raises UserError where it is not the
    published one.
    """
    file = data.files[which]
    path = Path(expand_user(data.folder or "")) / file.name
    if not path.exists():
        return None
    if not is_published(path, file.sha256, file.bytes):
        raise UserError(
            f"data.folder: {path} is not the published file of {file.bytes:,} bytes (or not all of it): fetch it again"
        )
    return path
