"""What was found of every photo of a source, used or not: the record that the audit reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.manifest import SPLITS, open_table
from warmstart.files.cells import path_cell, text_cell
from warmstart.ingest.catalogue import Survey
from warmstart.ingest.curation import Decisions
from warmstart.ingest.decoding.image_statistics import FACTS
from warmstart.ingest.splitting.assignment import NOWHERE
from warmstart.records.images import SkippedFile
from warmstart.records.scan import ChangedLabel, Corrections, Leak, NearPair, ScanRecord, SourceKind

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
    folder: Path, survey: Survey, decisions: Decisions, splits: np.ndarray, config: Mapping[str, Any], kind: SourceKind
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
    near = [
        NearPair(names[pair.a], names[pair.b], int(pair.distance), bool(pair.mirrored))
        for pair in decisions.duplicates.near
    ]
    replace(
        empty_scan_record(survey.classes, config, kind),
        skipped=[SkippedFile(**file) for file in survey.skipped],
        notes=survey.notes,
        ready_made=bool((np.asarray(decisions.ready) >= 0).any()),
        exact=[[names[photo] for photo in group] for group in decisions.duplicates.exact],
        # None: not searched for, which is not the same as not found.
        near=None if config.get("near_duplicates") is False else near,
        conflicts=[[names[photo] for photo in group] for group in decisions.conflicts],
        leaks=[
            Leak(
                names[leak.a], names[leak.b], [SPLITS[max(0, decisions.ready[p])] for p in (leak.a, leak.b)], leak.kind
            )
            for leak in decisions.leaks
        ],
        on_leak=decisions.on_leak,
        corrections=Corrections(
            file=decisions.corrections.file,
            changed=[
                ChangedLabel(names[photo], before, survey.classes[decisions.labels[photo]])
                for photo, before in sorted(decisions.labelled.items())
            ],
            dropped=[names[photo] for photo in sorted(decisions.corrections.dropped)],
        ),
    ).write(folder / "scan.json")


def empty_scan_record(classes: Sequence[str], config: Mapping[str, Any], kind: SourceKind) -> ScanRecord:
    """The content of ``scan.json`` of a dataset among whose images nothing was found. config: the ``data`` group."""
    return ScanRecord(
        dataset=config["name"],
        classes=list(classes),
        kind=kind,
        size=config["size"],
        fit=config["fit"],
        skipped=[],
        notes=[],
        ready_made=False,
        exact=[],
        near=[],
        conflicts=[],
        leaks=[],
        on_leak="stop",
        corrections=Corrections(None, [], []),
        folds=config.get("folds"),
    )
