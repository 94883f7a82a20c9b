"""Writing scan/: what was found of every photo of a source, used or not. The audit reads it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from warmstart.config.data_schema import Collection, Data, Photos
from warmstart.dataset.manifest import SPLITS
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.curation import Curation
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS
from warmstart.ingest.sources.open import is_array_source
from warmstart.ingest.splitting.assignment import UNASSIGNED
from warmstart.records.photos import Fate, PhotoRow
from warmstart.records.scan import ChangedLabel, Corrections, Leak, NearPair, ScanRecord, SourceKind

MEASURED = ("brightness", "contrast", "saturation", "sharpness", "red", "green", "blue")


def photo_row(
    path: str, class_name: str, split: str, fate: Fate, reason: str, unit: int, group: str, statistics: np.void
) -> PhotoRow:
    """A line of photos.csv. statistics: a scalar of ``IMAGE_STATISTICS``; what is not known is empty in the line."""
    # One call: a field of a scalar takes as long as all of them.
    known = dict(zip(IMAGE_STATISTICS.names or (), statistics.item(), strict=True))
    measured = {key: known[key] if math.isfinite(known[key]) else None for key in MEASURED}
    if not any(known[key] for key in MEASURED):
        measured = dict.fromkeys(MEASURED)
    return PhotoRow(
        path=path,
        class_name=class_name,
        split=split,  # type: ignore[arg-type]  # train, val, test or empty
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
        **measured,
    )


def write_scan(
    folder: Path, catalogue: Catalogue, curation: Curation, splits: np.ndarray, data: Collection, largest: int
) -> None:
    """Write ``photos.csv``, a line per candidate in the order of the listing, and ``scan.json`` into ``folder``.

    splits: int8 (N,), where each photo went, -1 for those not used. largest: side of the largest images that a recipe
    is trained on.
    """
    ready = ("", *SPLITS)
    with PhotoRow.open_rows(folder / "photos.csv") as add:
        for photo, path in enumerate(catalogue.paths):
            used, reason = splits[photo] != UNASSIGNED, curation.left_out.get(photo, "")
            class_name, unit = catalogue.classes[catalogue.labels[photo]], int(curation.units[photo])
            split = SPLITS[splits[photo]] if used else ready[curation.ready[photo] + 1]
            fate: Fate = "used" if used else "left_out" if reason else "unused"
            group, statistics = catalogue.groups[photo] or "", catalogue.statistics[photo]
            add(photo_row(path, class_name, split, fate, reason, unit, group, statistics))
    replace(_found(catalogue, curation, data), size=largest).write(folder / "scan.json")


def _found(catalogue: Catalogue, curation: Curation, data: Collection) -> ScanRecord:
    names = catalogue.paths
    not_searched = isinstance(data, Photos) and not data.near_duplicates  # which is not the same as none found
    near = [NearPair(names[p.a], names[p.b], int(p.distance), bool(p.mirrored)) for p in curation.duplicates.near]
    split_of = [SPLITS[max(0, ready)] for ready in curation.ready]
    leaks = [Leak(names[e.a], names[e.b], [split_of[e.a], split_of[e.b]], e.kind) for e in curation.leaks]
    before = sorted(curation.original_classes.items())
    changed = [ChangedLabel(names[i], name, catalogue.classes[curation.labels[i]]) for i, name in before]
    dropped = [names[photo] for photo in sorted(curation.corrections.dropped)]
    return replace(
        scan_record(data, catalogue.classes, "arrays" if is_array_source(data) else "files"),
        skipped=list(catalogue.skipped),
        notes=list(catalogue.notes),
        ready_made=bool((curation.ready >= 0).any()),
        exact=[[names[photo] for photo in group] for group in curation.duplicates.exact],
        near=None if not_searched else near,
        conflicts=[[names[photo] for photo in group] for group in curation.conflicts],
        leaks=leaks,
        on_leak=curation.on_leak,
        corrections=Corrections(curation.corrections.file, changed, dropped),
    )


def scan_record(data: Data, classes: list[str], kind: SourceKind) -> ScanRecord:
    """scan.json of a dataset in which nothing was found."""
    return ScanRecord(
        dataset=data.name,
        classes=list(classes),
        kind=kind,
        size=data.size,
        fit=data.fit,
        skipped=[],
        notes=[],
        ready_made=False,
        exact=[],
        near=[],
        conflicts=[],
        leaks=[],
        on_leak="stop",
        corrections=Corrections(None, [], []),
        folds=data.folds if isinstance(data, Collection) else None,
    )
