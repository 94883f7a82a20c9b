"""What was found of every photo of a source, used or not: the record that the audit reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.manifest import SPLITS, open_table
from warmstart.files.cells import path_cell, text_cell
from warmstart.files.plain import write_json
from warmstart.ingest.catalogue import Survey
from warmstart.ingest.curation import Decisions
from warmstart.ingest.decoding.image_statistics import FACTS
from warmstart.ingest.splitting.assignment import NOWHERE

ABOUT = ("path", "class", "split", "fate", "reason", "unit", "group", "sha256")
WHOLE = ("bytes", "width", "height")
WORDS = ("format", "mode")
MEASURED = ("brightness", "contrast", "saturation", "sharpness", "red", "green", "blue")
SCAN_COLUMNS = (*ABOUT, *WHOLE, *WORDS, "frames", *MEASURED)


def fact_columns(facts: np.void) -> list[str]:
    """A scalar of ``FACTS`` as the columns from sha256 on; what is not known is empty."""
    known = dict(
        zip(FACTS.names or (), facts.item(), strict=True)
    )  # one call: a field of a scalar takes as long as all of them
    measured = [known[key] for key in MEASURED]
    return [
        known["sha256"].hex() if known["bytes"] else "",
        *(str(known[key] or "") for key in WHOLE),
        *(known[key].decode("ascii", "replace") for key in WORDS),
        str(known["frames"] or ""),
        *(map(_plain, measured) if any(measured) else [""] * len(measured)),
    ]


def _plain(value: float) -> str:
    """A plain decimal number of six digits after the point, without a tail of zeros."""
    return (f"{value:.6f}".rstrip("0").rstrip(".") or "0") if math.isfinite(value) else ""


def write_scan(
    folder: Path, survey: Survey, decisions: Decisions, splits: np.ndarray, config: Mapping[str, Any], kind: str
) -> None:
    """Write ``photos.csv``, a line per candidate in the order of the listing, and ``scan.json`` into ``folder``.

    splits: int8 (N,), where each photo went, -1 for those not used. kind: files | arrays.
    """
    ready = (None, *SPLITS)
    with open_table(folder / "photos.csv", SCAN_COLUMNS) as table:
        for photo, path in enumerate(survey.paths):
            used = splits[photo] != NOWHERE
            reason = decisions.left_out.get(photo, "")
            table.writerow(
                [
                    path_cell(path),
                    text_cell(survey.classes[survey.labels[photo]]),
                    SPLITS[splits[photo]] if used else ready[decisions.ready[photo] + 1] or "",
                    "used" if used else "left_out" if reason else "unused",
                    reason,
                    decisions.units[photo],
                    text_cell(survey.groups[photo] or ""),
                    *fact_columns(survey.facts[photo]),
                ]
            )
    names = survey.paths
    write_about(
        folder,
        survey.classes,
        config,
        kind,
        skipped=survey.skipped,
        notes=survey.notes,
        ready_made=bool((np.asarray(decisions.ready) >= 0).any()),
        exact=[[names[photo] for photo in group] for group in decisions.duplicates.exact],
        near=None
        if config.get("near_duplicates") is False  # not looked for, which is not the same as not found
        else [
            {"a": names[pair.a], "b": names[pair.b], "distance": int(pair.distance), "mirrored": bool(pair.mirrored)}
            for pair in decisions.duplicates.near
        ],
        conflicts=[[names[photo] for photo in group] for group in decisions.conflicts],
        leaks=[
            {
                "a": names[leak.a],
                "b": names[leak.b],
                "splits": [SPLITS[max(0, decisions.ready[photo])] for photo in (leak.a, leak.b)],
            }
            | {"kind": leak.kind}
            for leak in decisions.leaks
        ],
        on_leak=decisions.on_leak,
        corrections={
            "file": decisions.corrections.file,
            "changed": [
                {"path": names[photo], "from": before, "to": survey.classes[decisions.labels[photo]]}
                for photo, before in sorted(decisions.labelled.items())
            ],
            "dropped": [names[photo] for photo in sorted(decisions.corrections.dropped)],
        },
    )


def write_about(folder: Path, classes: Sequence[str], config: Mapping[str, Any], kind: str, **found: Any) -> None:
    """Write ``scan.json``: the dataset, and what was found, nothing where it is not said."""
    nothing: dict[str, Any] = {
        "skipped": [],
        "notes": [],
        "ready_made": False,
        "exact": [],
        "near": [],
        "conflicts": [],
        "leaks": [],
        "on_leak": "stop",
    }
    corrections: dict[str, Any] = {"file": None, "changed": [], "dropped": []}
    about = {
        "dataset": config["name"],
        "classes": list(classes),
        "kind": kind,
        "size": config["size"],
        "fit": config["fit"],
    }
    write_json(
        folder / "scan.json", about | nothing | {"corrections": corrections} | found | {"folds": config.get("folds")}
    )
