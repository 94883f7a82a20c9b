"""All scores of a sample's maps and of the controls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from warmstart.interpretation.attribution.map_statistics import mean_intervals
from warmstart.interpretation.faithfulness import messages
from warmstart.interpretation.faithfulness.controls import centre_gaussian, edge_maps, other_image, random_smooth
from warmstart.interpretation.faithfulness.deletion_insertion import Curves, DeletionInsertion, area
from warmstart.interpretation.faithfulness.localisation import (
    energy_inside,
    make_mosaics,
    points_inside,
    score_maps,
    score_mosaics,
)
from warmstart.interpretation.faithfulness.randomisation import sanity_checks
from warmstart.interpretation.faithfulness.sample import Sample, flat_maps
from warmstart.interpretation.faithfulness.verdict import HEAD
from warmstart.interpretation.subject import Subject
from warmstart.runtime.progress import step
from warmstart.statistics.intervals import Interval
from warmstart.statistics.proportions import wilson_interval

# The two weak controls get a part of the images: few show where random maps are, and each costs what the maps cost.
WEAK_CONTROLS_PART, MIN_WEAK_CONTROLS_IMAGES = 4, 8

Metrics = dict[str, Interval | None]


@dataclass(frozen=True)
class Scores:
    """metrics: of the maps. controls: of each control, by its name. ends: p of the true class by class for whole,
    blurred and grey images. why_not: what could not be scored. gradcam, centre: the curves of the maps and of the
    centre Gaussian.
    """

    metrics: Metrics
    controls: dict[str, Metrics]
    ends: dict[str, dict[str, float]]
    why_not: dict[str, str]
    gradcam: Curves
    centre: Curves


def score_sample(perturbation: DeletionInsertion, subject: Subject) -> Scores:
    """Score the sample of a perturbation."""
    sample, seed = perturbation.sample, perturbation.seed
    step("scores of the maps, deletion and insertion", 1, 3)
    curves = _curves(perturbation)
    gradcam = curves.pop("gradcam")
    areas = {"insertion": area(gradcam.insertion), "deletion": area(gradcam.deletion)}
    metrics: Metrics = {
        "blank": wilson_interval(int(flat_maps(sample.maps).sum()), len(sample.maps)),
        **mean_intervals({"insertion_minus_deletion": gradcam.scores, **areas}, seed),
    }
    controls: dict[str, Metrics] = {}
    for key, found in curves.items():
        controls[key] = mean_intervals({"insertion_minus_deletion": found.scores}, seed)
        metrics |= mean_intervals({f"versus_{key}": gradcam.scores[: len(found.scores)] - found.scores}, seed)
    controls["edges"] = {}
    why_not: dict[str, str] = {}
    step("scores of the maps, mosaics", 2, 3)
    # Four images a mosaic: none is seen much more than twice, so that mosaics are not each other's copies.
    mosaics = make_mosaics(subject.images, subject.examples, min(len(sample.images), len(subject.examples) // 2), seed)
    if mosaics is None:
        why_not["localisation"] = messages.NO_MOSAICS
    else:
        edges = edge_maps(mosaics.images, sample.cam_layer.cells)
        metrics |= mean_intervals(score_mosaics(sample, mosaics), seed)
        controls["edges"] |= mean_intervals(score_maps(edges, edges, mosaics.first), seed)
        if metrics["localisation"] is None:
            why_not["localisation"] = messages.ONE_CELL
    masks = subject.store.masks("test")
    if masks is not None:
        ours, centre = _evidence(sample, np.stack([masks[e.row] for e in sample.examples]))
        metrics |= mean_intervals(ours, seed)
        controls["centre"] |= mean_intervals(centre, seed)
    step("scores of the maps, random weights and noise", 3, 3)
    for key, sanity in sanity_checks(sample, seed).items():
        (metrics if key == "gradcam" else controls[key]).update(mean_intervals(sanity, seed))
        if HEAD not in sanity:
            why_not[HEAD] = messages.NO_HEAD
    names = sample.model.classes
    ends = {
        end: {names[c]: float(values[sample.labels == c].mean()) for c in np.unique(sample.labels)}
        for end, values in perturbation.ends.items()
    }
    return Scores(metrics, controls, ends, why_not, gradcam, curves["centre"])


def _curves(perturbation: DeletionInsertion) -> dict[str, Curves]:
    """Of the maps, ``gradcam``, and of the controls ``centre``, ``another_image`` and ``random``."""
    sample = perturbation.sample
    large, n = sample.large, len(sample.images)
    few = min(n, max(MIN_WEAK_CONTROLS_IMAGES, n // WEAK_CONTROLS_PART))
    return {
        "gradcam": perturbation.curves(large),
        "centre": perturbation.curves(np.broadcast_to(centre_gaussian(sample.size), large.shape)),
        "another_image": perturbation.curves(large[other_image(sample.labels)], few),
        "random": perturbation.curves(random_smooth(few, sample.cam_layer.cells, sample.size, perturbation.seed), few),
    }


def _evidence(sample: Sample, masks: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Metrics of the maps and of the centre Gaussian, without images whose mask, (N, H, W) of 0 and 1, is empty."""
    ours = energy_inside(sample.large, masks)
    centre = energy_inside(np.broadcast_to(centre_gaussian(sample.size), masks.shape), masks)
    share = masks.mean(axis=(1, 2), dtype=np.float64)
    known = share > 0
    return {
        "evidence_energy": ours[known],
        "evidence_lift": ours[known] / share[known],
        "evidence_pointing_game": points_inside(sample.large, masks)[known],
        "evidence_versus_centre": (ours - centre)[known],
    }, {"evidence_energy": centre[known], "evidence_lift": centre[known] / share[known]}
