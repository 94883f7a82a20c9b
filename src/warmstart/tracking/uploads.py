"""Folders of artifacts that are uploaded whole, and only when their content has changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlflow.entities import Run
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking.client import MlflowClient

from warmstart.files.digest import digest, sha256_file

_TAG = "warmstart.files.plain."


def folder_files(folder: Path | None, leave_out: tuple[str, ...] = ()) -> dict[str, Path]:
    """The files under ``folder`` by relative path.

    Hidden files are left out, and those whose ending or first folder is in ``leave_out``.
    """
    if folder is None or not folder.is_dir():
        return {}
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name: path
        for name, path in found.items()
        if not any(part.startswith(".") for part in name.split("/"))
        and not any(name.endswith(ending) or name.startswith(f"{ending}/") for ending in leave_out)
    }


def put_files(client: MlflowClient, run: Run, name: str, files: Mapping[str, Path]) -> bool:
    """Make the run's artifact folder ``name`` hold exactly ``files`` (relative path -> file of that name).

    True when it was changed. The digest of what was uploaded stays in a tag, so that the next call with the same
    content does nothing. No files means that the caller has none to offer: what an earlier one uploaded stays.
    """
    if not files:
        return False
    content = digest({path: sha256_file(file) for path, file in files.items()})
    repository: Any = get_artifact_repository(run.info.artifact_uri)
    if run.data.tags.get(_TAG + name) == content and repository.list_artifacts(name):
        return False
    repository.delete_artifacts(name)
    for path, file in files.items():
        repository.log_artifact(str(file), f"{name}/{path}".rpartition("/")[0])
    client.set_tag(run.info.run_id, _TAG + name, content)
    return True
