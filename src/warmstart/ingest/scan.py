"""What was found of every photo of a source, used or not: the record that the audit reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.manifest import SPLITS
from warmstart.ingest.catalogue import Survey
from warmstart.ingest.curation import Decisions
from warmstart.ingest.decoding.image_statistics import FACTS
from warmstart.ingest.splitting.assignment import NOWHERE
from warmstart.records.images import SkippedFile
from warmstart.records.photos import Fate, PhotoRow
from warmstart.records.scan import ChangedLabel, Corrections, Leak, NearPair, ScanRecord, SourceKind

MEASURED = ("brightness", "contrast", "saturation", "sharpness", "red", "green", "blue")


def photo_row(
    statistics: np.void, *, path: str, class_name: str, split: str, fate: Fate, reason: str, unit: int, group: str
) -> PhotoRow:
    """The line of a photo. statistics: a scalar of ``FACTS``, zeros where the photo could not be read."""
    known = dict(zip(FACTS.names or (), statistics.item(), strict=True))  # one call: each field would cost as much
    measured = {name: known[name] for name in MEASURED}
    seen = any(measured.values())
    return PhotoRow(
        path=path,
        class_name=class_name,
        split=split,  # type: ignore[arg-type]
        fate=fate,
        reason=reason,
        unit=unit,
        group=group,
        sha256=known["sha256"].hex() if known["bytes"] else "",
        bytes=known["bytes"] or None,
        width=known["width"] or None,
        height=known["height"] or None,
        format=known["format"].decode("ascii", "replace"),
        mode=known["mode"].decode("ascii", "replace"),
        frames=known["frames"] or None,
        **{name: value if seen and math.isfinite(value) else None for name, value in measured.items()},
    )


def write_scan(
    folder: Path, survey: Survey, decisions: Decisions, splits: np.ndarray, config: Mapping[str, Any], kind: SourceKind
) -> None:
    """Write ``photos.csv``, a line per candidate in the order of the listing, and ``scan.json`` into ``folder``.

    splits: int8 (N,), where each photo went, -1 for those not used. kind: files | arrays.
    """
    ready = ("", *SPLITS)
    with PhotoRow.open_rows(folder / "photos.csv") as add:
        for photo, path in enumerate(survey.paths):
            used, reason = splits[photo] != NOWHERE, decisions.left_out.get(photo, "")
            row = photo_row(
                survey.facts[photo],
                path=path,
                class_name=survey.classes[survey.labels[photo]],
                split=SPLITS[splits[photo]] if used else ready[decisions.ready[photo] + 1],
                fate="used" if used else "left_out" if reason else "unused",
                reason=reason,
                unit=int(decisions.units[photo]),
                group=survey.groups[photo] or "",
            )
            add(row)
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
