"""Checking photos as ``prepare`` and ``audit`` do, without stopping where they would stop."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from warmstart.cli.messages import LEAKS
from warmstart.config.data_schema import Collection, Critters, Data, Photos
from warmstart.dataset.row_array import RowArray, RowWriter
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir

Counts = tuple[int, int, int]
DECODED = "decoded.npy"


@dataclass(frozen=True)
class PhotoCheck:
    """audit_lines: the audit in lines. reasons: why nothing can be trained on the photos, empty where it can.

    counts: photos to train, validate and test on. folds: 1 for none. seconds: of the check. classes: how many.
    """

    audit_lines: list[str]
    reasons: list[str]
    counts: Counts
    folds: int
    seconds: float
    classes: int = 2


def check_photos(data: Data, folder: Path, largest: int = 0) -> PhotoCheck:
    """Replace ``folder`` by scan/ and audit/ of the photos of ``data``. Raises UserError without photos.

    largest: side of the largest images that a recipe is trained on.
    """
    from warmstart.audit.text_summary import summary_lines
    from warmstart.audit.write_audit import write_audit

    start = time.perf_counter()
    with replace_dir(folder) as aside:
        images, pictures = aside / "images", None
        if isinstance(data, Critters):
            counts, reasons = _draw(data, images)
        else:
            counts, reasons, pictures = _survey(data, aside, max(data.size, largest))
        prepared = images if images.exists() else None
        found = write_audit(aside / "scan", prepared, aside / "audit", dataset=data.name, thumbnails=pictures)
        shutil.rmtree(images, ignore_errors=True)  # no longer needed, and large
        for file in (DECODED, "prepared.json"):
            (aside / file).unlink(missing_ok=True)
    folds, seconds = getattr(data, "folds", None) or 1, time.perf_counter() - start
    return PhotoCheck(summary_lines(found), reasons, counts, folds, seconds, len(found.classes))


def _draw(data: Critters, images: Path) -> tuple[Counts, list[str]]:
    from warmstart.ingest.prepare import prepare

    prepare(data, images)
    return (data.train, data.val, data.test), []


def _survey(data: Data, folder: Path, largest: int) -> tuple[Counts, list[str], Callable[[str], np.ndarray | None]]:
    """Write the scan; how many photos there are in each split, why there can be none, and each photo by its path."""
    from warmstart.ingest.checks import check_request
    from warmstart.ingest.prepare import decode_and_curate
    from warmstart.ingest.scan import write_scan
    from warmstart.ingest.sizes import Decoded, preprocessing_of
    from warmstart.ingest.write_splits import assign_splits

    assert isinstance(data, Collection)
    check_request(data)
    reasons = []
    # A leak is reported with all the rest.
    stops = isinstance(data, Photos) and data.on_leak == "stop"
    tolerant = replace(data, on_leak="allow") if stops else data  # type: ignore[call-arg]
    with RowWriter(folder / DECODED, (data.size, data.size, data.channels)) as pool:
        catalogue, curation = decode_and_curate(tolerant, [Decoded(preprocessing_of(data), pool)])
    if curation.leaks and stops:
        a, b = (catalogue.paths[photo] for photo in (curation.leaks[0].a, curation.leaks[0].b))
        reasons.append(LEAKS.format(count=len(curation.leaks), a=a, b=b))
    splits = np.full(len(catalogue), -1, dtype=np.int8)
    try:
        splits = assign_splits(catalogue, curation, data).splits
    except UserError as error:
        reasons.append(str(error))
    (folder / "scan").mkdir()
    write_scan(folder / "scan", catalogue, curation, splits, data, largest)
    images, row_of = RowArray([folder / DECODED]), dict(zip(catalogue.paths, catalogue.rows.tolist(), strict=True))

    def picture(path: str) -> np.ndarray | None:
        return images[row_of[path]] if row_of.get(path, -1) >= 0 else None

    train, val, test = (int((splits == number).sum()) for number in range(3))
    return (train, val, test), reasons, picture
