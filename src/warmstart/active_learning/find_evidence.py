"""The evidence for the rule on a dataset: that of an earlier call where nothing has changed, else simulated."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from warmstart.active_learning.evidence import weigh
from warmstart.active_learning.labelled import LabelledPhotos, compute_test_vectors
from warmstart.active_learning.messages import ONE_CLASS, SIMULATING, TOO_FEW
from warmstart.active_learning.simulation import (
    MIN_GROWTH,
    MIN_START,
    PER_CLASS,
    REPETITIONS,
    choose_penalty,
    label_counts,
    simulate,
)
from warmstart.errors import UserError
from warmstart.files.digest import digest
from warmstart.models.image_model import ImageModel
from warmstart.records.suggestion import LabellingEvidence, Suggestion
from warmstart.runtime.devices import DevicePlan
from warmstart.text.quantities import plural

log = logging.getLogger(__name__)
VERSION = 1  # of the simulation; increase it when its figures change


def find_evidence(
    labelled: LabelledPhotos, model: ImageModel, compute: DevicePlan, earlier: Path
) -> tuple[LabellingEvidence | None, str]:
    """The evidence, or None and why there is none. earlier: suggest.json of an earlier call, where there was one."""
    made_of = digest({"version": VERSION, "repetitions": REPETITIONS, "labelled": labelled.digest()})
    known = _earlier(earlier)
    if known and known.made_of == made_of:
        return known, ""
    pool, n_classes = labelled.sample("train"), len(labelled.store.classes)
    sizes = label_counts(len(pool.labels), n_classes)
    tests = len(labelled.store.labels("test"))
    if sizes is None or not tests:
        needed = plural(2 * MIN_GROWTH * max(MIN_START, PER_CLASS * n_classes), "training photo")
        return None, TOO_FEW.format(needed=needed, have=plural(len(pool.labels), "photo"), test=tests)
    if len(np.unique(pool.labels)) < 2:
        return None, ONE_CLASS
    log.info(SIMULATING)
    penalty = choose_penalty(pool, labelled.sample("val"), sizes)
    test = compute_test_vectors(labelled, model, compute)
    curves = simulate(pool, test, sizes, penalty)
    return weigh(curves, len(pool.labels), penalty, made_of), ""


def _earlier(path: Path) -> LabellingEvidence | None:
    if not path.exists():
        return None
    try:
        return Suggestion.read(path).evidence
    except UserError:  # of another version, or damaged: it is simulated again
        return None
