"""In what a result differs from that of a run which nobody disturbed."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import torch

NOT_COMPARED = ("time", "time/epoch_s", "time/images_per_s")  # of history.csv
OF_TIMES = ("speed.json", "feature_extract.json")
TIMES = ("second", "time", "created", "per_s")  # in names of keys


def history(path: Path) -> list[dict[str, str]]:
    """The rows of history.csv without times."""
    with path.open(newline="") as stream:
        return [{key: value for key, value in row.items() if key not in NOT_COMPARED} for row in csv.DictReader(stream)]


def stamps(path: Path) -> list[str]:
    """When each epoch ended: tells an epoch that was kept from one that was trained again."""
    with path.open(newline="") as stream:
        return [row["time"] for row in csv.DictReader(stream)]


def model_differences(folder: Path, whole: Path) -> list[str]:
    """What is not equal in two ``model`` folders: names of files, figures of every epoch, every tensor bit by bit, the
    folds' too.
    """
    if not folder.exists():
        return ["no result"]
    found = [f"{name} is in one of them only" for name in sorted(names(folder) ^ names(whole))]
    for path in sorted(names(folder) & names(whole)):
        ours, theirs = folder / path, whole / path
        if path.endswith("history.csv"):
            ours_rows, theirs_rows = history(ours), history(theirs)
            if len(ours_rows) != len(theirs_rows):
                found.append(f"{path}: {len(ours_rows)} epochs, not {len(theirs_rows)}")
            elif ours_rows != theirs_rows:
                first = next(
                    number
                    for number, pair in enumerate(zip(ours_rows, theirs_rows, strict=True), 1)
                    if pair[0] != pair[1]
                )
                found.append(f"{path}: differs from epoch {first} on")
        elif path.endswith("model.ckpt"):
            found += [f"{path}: {name}" for name in tensor_differences(ours, theirs)[:1]]
        elif (
            path.endswith((".npy", "batch_norm.csv", "layers.json", "folds.json"))
            and ours.read_bytes() != theirs.read_bytes()
        ):
            found.append(f"{path} differs")
    return found


def tensor_differences(ours: Path, theirs: Path) -> list[str]:
    """The names of the tensors in two checkpoints that are not equal bit by bit."""
    states = [torch.load(path, map_location="cpu", weights_only=True)["state_dict"] for path in (ours, theirs)]
    if states[0].keys() != states[1].keys():
        return ["other tensors"]
    return [name for name, value in states[0].items() if not torch.equal(bits(value), bits(states[1][name]))]


def bits(value: torch.Tensor) -> torch.Tensor:
    """A tensor's bytes: a NaN equals itself, and 0 is not -0."""
    return value.detach().contiguous().reshape(-1).view(torch.uint8)


def names(folder: Path) -> set[str]:
    """The files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def file_differences(folder: Path, whole: Path) -> list[str]:
    """The files below two folders that are not equal byte by byte, but for those that hold times alone."""
    if not folder.exists():
        return ["no result"]
    both = names(folder) & names(whole)
    alone = sorted(names(folder) ^ names(whole))
    return alone + [
        name
        for name in sorted(both)
        if not name.endswith(OF_TIMES) and (folder / name).read_bytes() != (whole / name).read_bytes()
    ]


def without_times(value: Any) -> Any:
    """JSON without what is a time, a duration or a rate, also in sentences."""
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if not any(word in key for word in TIMES)}
    if isinstance(value, str):
        return re.sub(r"\d[\d.,]* ?(ms|s|seconds?|min|minutes?|h|hours?)\b", "…", value)
    return [without_times(item) for item in value] if isinstance(value, list) else value


def json_differs(ours: Path, theirs: Path) -> bool:
    """Whether two JSON files say something else, but for times."""
    return bool(without_times(json.loads(ours.read_text())) != without_times(json.loads(theirs.read_text())))


def litter(place: Path) -> list[str]:
    """What was left by processes that are gone: names with a dot beside results, and files in the folder for temporary
    ones.

    place: a try's folder, with ``state`` and ``tmp``.
    """
    beside = [path for path in place.rglob(".*") if path.relative_to(place).parts[0] not in ("state", ".resume")]
    return sorted(str(path.relative_to(place)) for path in [*beside, *(place / "tmp").rglob("*")])
