"""Looking at photos as ``prepare`` and ``audit`` do, without stopping at what they would stop at."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.row_array import RowArray, RowWriter
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir
from warmstart.ingest.sources.open import ARRAY_SOURCES

Counts = tuple[int, int, int]
DECODED = "decoded.npy"


@dataclass(frozen=True)
class Looked:
    """lines: what the audit says. reasons: why nothing can be trained on the photos as they are; empty where it can. counts: photos
    to train on, to validate and to test on. folds: 1 where there are none. seconds: that decoding and looking took. classes: how many.
    """

    lines: list[str]
    reasons: list[str]
    counts: Counts
    folds: int
    seconds: float
    classes: int = 2

    @property
    def trainable(self) -> bool:
        """Whether recipes can be run on them."""
        return not self.reasons


def look_at(config: Mapping[str, Any], folder: Path) -> Looked:
    """Replace ``folder`` by scan/ and audit/ of the photos of ``config``, the ``data`` group. Raises UserError where there are none."""
    from warmstart.audit.find import find
    from warmstart.audit.scan import read_scan
    from warmstart.audit.summary import summary_lines
    from warmstart.audit.write import audit

    start = time.perf_counter()
    with replace_dir(folder) as aside:
        images, pictures = aside / "images", None
        if config["source"] == "critters":
            counts, reasons = _draw(config, images)
        else:
            counts, reasons, pictures = _survey(config, aside)
        audit(
            aside / "scan", images if images.exists() else None, aside / "audit", dataset=config["name"], thumbnails=pictures
        )  # fmt: skip
        found = find(read_scan(aside / "scan"), None)
        shutil.rmtree(images, ignore_errors=True)  # seen, and large
        for file in (DECODED, "prepared.json"):
            (aside / file).unlink(missing_ok=True)
    return Looked(
        summary_lines(found), reasons, counts, config.get("folds") or 1, time.perf_counter() - start, len(found.classes)
    )


def _draw(config: Mapping[str, Any], images: Path) -> tuple[Counts, list[str]]:
    from warmstart.ingest.prepare import prepare

    prepare(config, images)
    return (config["train"], config["val"], config["test"]), []


def _survey(config: Mapping[str, Any], folder: Path) -> tuple[Counts, list[str], Callable[[str], np.ndarray | None]]:
    """Write the scan; how many photos there are in each split, why there can be none, and each photo by its path."""
    from warmstart.ingest.checks import check_request
    from warmstart.ingest.prepare import look, preprocessing_of
    from warmstart.ingest.scan import write_scan
    from warmstart.ingest.write_splits import choose

    check_request(config)
    reasons = []
    # A leak is to be told with all the rest.
    tolerant = {**config, "on_leak": "allow" if config.get("on_leak") == "stop" else config.get("on_leak")}
    with RowWriter(folder / DECODED, (config["size"], config["size"], config["channels"])) as pool:
        survey, decisions = look(tolerant, preprocessing_of(config), pool)
    if decisions.leaks and config.get("on_leak") == "stop":
        a, b = (survey.paths[photo] for photo in (decisions.leaks[0].a, decisions.leaks[0].b))
        reasons.append(
            f"the split that the photos come with leaks: {len(decisions.leaks)} photos of one part are in another too, such as {a} and {b}. "
            "Mend it, or add --set data.on_leak=drop, which takes them out of the training part"
        )
    splits = np.full(len(survey), -1, dtype=np.int8)
    try:
        splits = choose(survey, decisions, config).splits
    except UserError as error:
        reasons.append(str(error))
    (folder / "scan").mkdir()
    write_scan(
        folder / "scan", survey, decisions, splits, config, "arrays" if config["source"] in ARRAY_SOURCES else "files"
    )
    images, place_of = RowArray([folder / DECODED]), dict(zip(survey.paths, survey.places.tolist(), strict=True))

    def picture(path: str) -> np.ndarray | None:
        return images[place_of[path]] if place_of.get(path, -1) >= 0 else None

    train, val, test = (int((splits == number).sum()) for number in range(3))
    return (train, val, test), reasons, picture
