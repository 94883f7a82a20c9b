"""Which photos to label next: read, compared with what is labelled, ordered, and shown with evidence for the order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from warmstart.active_learning import messages
from warmstart.active_learning.badge import badge_order
from warmstart.active_learning.copies import Copies, find_copies
from warmstart.active_learning.curve_chart import labelling_chart
from warmstart.active_learning.find_evidence import find_evidence
from warmstart.active_learning.labelled import LabelledPhotos, find_labelled
from warmstart.active_learning.reasons import find_neighbours, reasons, usual_distance
from warmstart.active_learning.suggestion_page import render_suggestions
from warmstart.active_learning.unlabelled import UnlabelledPhotos, read_unlabelled
from warmstart.config.schema import ComputeOptions
from warmstart.dataset.image_store import ImageStore
from warmstart.drawing.chart import figure_png
from warmstart.errors import UserError
from warmstart.files.plain import replace_dir, write_bytes, write_text
from warmstart.models.decision import decide
from warmstart.models.image_model import ImageModel
from warmstart.records.scan import ScanRecord
from warmstart.records.suggestion import SuggestedPhoto, Suggestion
from warmstart.runtime.console import warn
from warmstart.runtime.devices import plan_device
from warmstart.serving.find_photos import SkippedFiles, find_photos
from warmstart.serving.messages import NO_PHOTOS, NONE_READABLE, PHOTOS_MISSING, listed
from warmstart.serving.package import load_package
from warmstart.serving.predict_files import report_skipped
from warmstart.text.printable import in_one_line, utf8_text
from warmstart.text.quantities import plural

TABLE, PAGE, CHART = "suggest.csv", "index.html", "curve.png"
MAX_TRAIN_ROWS = 1 << 14  # of the training features, of which the centre is the mean


@dataclass(frozen=True)
class Suggestions:
    """The summary, and the photos, the first first."""

    found: Suggestion
    photos: list[SuggestedPhoto]


def suggest_photos(dataset: Path, recipe: str, sources: Sequence[Path], count: int, out: Path) -> Suggestions:
    """Choose ``count`` of the photos in ``sources``, files and folders, and replace the folder ``out``: suggest.csv,
    suggest.json, index.html and, where there is evidence for the rule, curve.png.

    dataset: its folder. recipe: one on cached features that has been evaluated. A photo that cannot be read is reported
    on standard error. Raises UserError where no photo is left to label, and where there are no features.
    """
    if not any(os.path.lexists(source) for source in sources):
        raise UserError(PHOTOS_MISSING.format(photos=listed(sources)))
    model = load_package(dataset / "recipes" / recipe / "evaluate/package")
    labelled = find_labelled(dataset, model)
    compute = plan_device(ComputeOptions(precision="32-true"))
    model = model.to(compute.device).eval()
    skipped = SkippedFiles(report=lambda folder, reason: warn(f"{in_one_line(folder)}: {reason}"))
    paths = list(find_photos(sources, skipped))
    photos = read_unlabelled(paths, model, compute)
    for path, reason in photos.unreadable:
        warn(f"{in_one_line(path)}: {in_one_line(reason)}")
    report_skipped(skipped)
    if not photos.paths:
        raise UserError((NONE_READABLE if paths else NO_PHOTOS).format(photos=listed(sources)))
    copies = find_copies(photos, ImageStore(dataset / "images"), near=_near_copies_wanted(dataset))
    left = photos.take(np.flatnonzero(~(copies.labelled | copies.repeated)))
    if not left.paths:
        known = int(copies.labelled.sum())
        raise UserError(messages.NONE_LEFT.format(photos=len(photos.paths), labelled=known))
    if len(left.paths) < count:
        warn(messages.FEWER.format(asked=plural(count, "photo"), left=plural(len(left.paths), "photo")))
    rows = _choose(model, labelled, left, min(count, len(left.paths)))
    evidence, why_not = find_evidence(labelled, model, compute, out / Suggestion.FILE)
    found = _summary(dataset.name, recipe, sources, count, photos, copies, len(rows))
    found = replace(found, evidence=evidence, no_evidence=why_not)
    with replace_dir(out) as folder:
        SuggestedPhoto.write_rows(folder / TABLE, rows)
        found.write(folder / Suggestion.FILE)
        write_text(folder / PAGE, render_suggestions(found, rows, photos.unreadable))
        if evidence:
            write_bytes(folder / CHART, figure_png(labelling_chart(evidence)))
    return Suggestions(found, rows)


def _choose(model: ImageModel, labelled: LabelledPhotos, photos: UnlabelledPhotos, count: int) -> list[SuggestedPhoto]:
    train = labelled.vectors("train")
    centre = train[:MAX_TRAIN_ROWS].mean(axis=0)
    vectors = photos.vectors - centre
    order = badge_order(photos.probabilities, (vectors**2).sum(axis=1), lambda row: vectors @ vectors[row], count)
    chosen = photos.take(order)
    neighbours = find_neighbours(chosen.vectors, train, centre)
    why = reasons(model, chosen.probabilities, neighbours.distances, usual_distance(train, centre))
    labels = decide(chosen.probabilities, model.threshold)
    known = labelled.store.manifest("train")
    return [
        SuggestedPhoto(
            place + 1,
            utf8_text(chosen.paths[place]),
            model.classes[label],
            float(chosen.probabilities[place, label]),
            why[place],
            known[neighbours.rows[place]].path,
            float(neighbours.distances[place]),
        )
        for place, label in enumerate(labels.tolist())
    ]


def _near_copies_wanted(dataset: Path) -> bool:
    """Whether ``prepare`` looked for near copies."""
    scan = dataset / "scan/scan.json"
    return not scan.exists() or ScanRecord.read(scan).near is not None


def _summary(
    dataset: str, recipe: str, sources: Sequence[Path], count: int, photos: UnlabelledPhotos, copies: Copies,
    suggested: int,
) -> Suggestion:  # fmt: skip
    return Suggestion(
        dataset=dataset,
        recipe=recipe,
        sources=[utf8_text(source) for source in sources],
        count=count,
        found=len(photos.paths) + len(photos.unreadable),
        unreadable=len(photos.unreadable),
        labelled_already=int(copies.labelled.sum()),
        repeated=int(copies.repeated.sum()),
        suggested=suggested,
        evidence=None,
        no_evidence="",
    )
