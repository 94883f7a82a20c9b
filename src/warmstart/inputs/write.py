"""Writing the listings that DVC watches: a line for each file that a stage reads, with its size and its digest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from warmstart.config.inputs import REQUEST, check_places
from warmstart.config.paths import absolute_paths
from warmstart.errors import UserError
from warmstart.files import replace_dir, write_text
from warmstart.inputs.digests import UNREADABLE, Digests
from warmstart.inputs.files_read import FileRead, data_files, weights_files

NOTHING = "this stage reads no file from outside\n"
HEADER = "# what is read, its bytes, its sha256, and its path from where the source begins\n"


def write_listings(conf: Path, folder: Path, kept: Path, here: Path) -> int:
    """Replace ``folder`` by the listings of what the stages read from outside: ``prepare``, ``feature_extract`` and ``train/<recipe>``.

    conf: holds the file that compose wrote for this. kept: the file that keeps digests from run to run. here: what relative paths are
    taken from. Returns how many files are listed. Raises UserError where something that the configuration names does not exist.
    """
    request = yaml.safe_load((conf / REQUEST).read_text(encoding="utf-8"))
    data = absolute_paths({"data": request["data"]}, here)["data"]
    check_places(data)
    digests = Digests(kept)
    with replace_dir(folder) as aside:
        listed = _write(aside / "prepare", data_files(data), digests)
        listed += _write(aside / "feature_extract", _weights(request["feature_extract"], here), digests)
        for recipe, backbone in request["train"].items():
            _write(aside / "train" / recipe, _weights(backbone, here), digests)
    digests.save()
    return listed


def listing_text(files: Iterable[FileRead], digests: Digests) -> str:
    """The listing of ``files``: UTF-8, a line for each, its path as a JSON string, so that no name can break a line or be taken for
    another. Raises UserError where a file other than a photo cannot be read.
    """
    every = list(files)
    lines = []
    for read, content in zip(every, digests.of([str(read.file) for read in every]), strict=True):
        if content.digest == UNREADABLE and read.role != "photo":
            raise UserError(f"{read.file} cannot be read: change its rights, or see whether its disk is there")
        lines.append(f"{read.role} {content.size} {content.digest} {json.dumps(read.name)}\n")
    return HEADER + "".join(lines) if lines else NOTHING


def _weights(backbone: Mapping[str, Any] | None, here: Path) -> Iterable[FileRead]:
    return weights_files(absolute_paths({"backbone": backbone}, here)["backbone"])


def _write(path: Path, files: Iterable[FileRead], digests: Digests) -> int:
    text = listing_text(files, digests)
    write_text(path, text)
    return text.count("\n") - 1
