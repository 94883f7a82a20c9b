"""Writing the listings that DVC watches: for each stage its code, its libraries, and the files that it reads."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from warmstart.config.data_schema import Data
from warmstart.config.inputs import REQUEST, check_places
from warmstart.config.paths import absolute_paths
from warmstart.config.typed import to_typed
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir, write_text
from warmstart.inputs.choices import Choices, choices_of
from warmstart.inputs.code import Code
from warmstart.inputs.digests import UNREADABLE, Digests
from warmstart.inputs.files_read import FileRead, data_files, weights_files
from warmstart.inputs.made_with import MadeWith, join, made_with
from warmstart.inputs.news import changes

log = logging.getLogger(__name__)
HEADER = "# Written by pipelines/list_inputs.py: what is read or run, its bytes or its version, its digest, its name.\n"
DATA_STAGES = ("prepare", "audit", "feature_extract", "compare", "publish")
RECIPE_STAGES = ("train", "evaluate", "interpret")
CURVE_STAGE = "learning_curve"


def write_listings(conf: Path, folder: Path, kept: Path, here: Path, checkout: Path | None = None) -> int:
    """Replace ``folder`` by the listings ``<stage>`` and ``<stage>/<recipe>``; returns how many files they name.

    conf: holds the file that compose wrote for this. kept: the file that keeps digests from run to run; beside it
    ``.code`` keeps what is known of that. here: what relative paths are taken from. checkout: whose code it is; None:
    the same folder. Raises UserError where something that the configuration names does not exist.
    """
    request = yaml.safe_load((conf / REQUEST).read_text(encoding="utf-8"))
    data = absolute_paths({"data": request["data"]}, here)["data"]
    check_places(data)
    digests, code = Digests(kept), Code(checkout or here, kept.with_name(".code"))
    read: dict[str, list[FileRead]] = {
        "prepare": list(data_files(to_typed(Data, data, "data."))),
        "feature_extract": _weights(request["feature_extract"], here),
        **{f"train/{recipe}": _weights(backbone, here) for recipe, backbone in request["train"].items()},
    }
    backbone = str((request["feature_extract"] or {}).get("name", ""))
    made = {stage: made_with(code, stage, Choices(stage, data["source"], backbone=backbone)) for stage in DATA_STAGES}
    for recipe, chosen in request["chosen"].items():
        for stage in RECIPE_STAGES:
            entry = "fine_tune" if stage == "train" and chosen["recipe"]["phase"] == "fine_tune" else stage
            choices = choices_of(entry, {"data": data, **chosen}, chosen["interpret"])
            made[f"{stage}/{recipe}"] = made_with(code, entry, choices)
    for recipe, trained in request.get(CURVE_STAGE, {}).items():
        # What the trainings use is listed with them: the stage has no family and no phase of its own.
        own = made_with(code, CURVE_STAGE, Choices(CURVE_STAGE, data["source"], family="none", phase="none"))
        made[f"{CURVE_STAGE}/{recipe}"] = join(own, *(made[f"train/{name}"] for name in trained))
        read[f"{CURVE_STAGE}/{recipe}"] = [file for name in trained for file in read[f"train/{name}"]]
    with replace_dir(folder) as aside:
        for place, one in made.items():
            write_text(aside / place, HEADER + made_with_text(one) + files_text(read.get(place, ()), digests))
    digests.save()
    code.save()
    if news := changes(made, kept.with_name(f".{kept.name}.made_with")):
        log.info("%s", news)
    return sum(len(files) for files in read.values())


def made_with_text(made: MadeWith) -> str:
    """The lines of a listing about code and libraries."""
    lines = [f"code {digest} {json.dumps(path)}\n" for path, digest in made.code.items()]
    return "".join([*lines, *(f"library {version} {json.dumps(name)}\n" for name, version in made.libraries.items())])


def files_text(files: Sequence[FileRead], digests: Digests) -> str:
    """The lines of a listing about files from outside: a line for each, its path as a JSON string, so that no name can
    break a line or be taken for another. Raises UserError where a file other than a photo cannot be read.
    """
    lines = []
    for read, content in zip(files, digests.of([str(read.file) for read in files]), strict=True):
        if content.digest == UNREADABLE and read.role != "photo":
            raise UserError(f"{read.file} cannot be read: change its rights, or see whether its disk is there")
        lines.append(f"{read.role} {content.size} {content.digest} {json.dumps(read.name)}\n")
    return "".join(lines)


def _weights(backbone: Mapping[str, Any] | None, here: Path) -> list[FileRead]:
    found: Iterable[FileRead] = weights_files(absolute_paths({"backbone": backbone}, here)["backbone"])
    return list(found)
