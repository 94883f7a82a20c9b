"""The published files of a dataset: the person's own copies, or fetched once; checked by size and sha256 before use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warmstart.config.paths import expand_user
from warmstart.errors import UserError
from warmstart.ingest.fetching.download import cache_folder, fetch, is_published


def dataset_cache(config: Mapping[str, Any]) -> Path:
    """The folder for what is fetched of a dataset. Each has its own, since sets may have files of the same names."""
    return cache_folder() / str(config["name"])


def fetch_published(config: Mapping[str, Any], which: str, instead: str) -> Path:
    """The file ``config["files"][which]`` below ``config["url"]``, fetched when it is not there yet.

    config: the ``data`` group. instead: what a person without a network can do. Raises UserError where it cannot be had.
    """
    file = config["files"][which]
    return fetch(
        config["url"] + file["name"],
        sha256=file["sha256"],
        size=file["bytes"],
        instead=instead,
        folder=dataset_cache(config),
    )


def own_copy(config: Mapping[str, Any], which: str) -> Path | None:
    """The same file in ``data.folder``, None where there is none. Raises UserError where it is not the published one."""
    file = config["files"][which]
    path = Path(expand_user(config["folder"])) / str(file["name"])
    if not path.exists():
        return None
    if not is_published(path, file["sha256"], file["bytes"]):
        raise UserError(
            f"data.folder: {path} is not the published file of {file['bytes']:,} bytes (or not all of it): fetch it again"
        )
    return path
