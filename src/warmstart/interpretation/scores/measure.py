"""All scores of a sample's maps and of the controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from warmstart.dataset.image_store import ImageStore
from warmstart.evaluation.intervals import Interval, wilson
from warmstart.interpretation.cam.examples import Example
from warmstart.interpretation.scores.controls import another, centre_gaussian, edge_maps, random_smooth
from warmstart.interpretation.scores.figures import figure
from warmstart.interpretation.scores.mosaics import Mosaics, MosaicScores, make_mosaics, score_maps, score_mosaics
from warmstart.interpretation.scores.perturbation import Curves, Perturbation, area
from warmstart.interpretation.scores.regions import energy_inside, points_inside
from warmstart.interpretation.scores.sample import Sample
from warmstart.interpretation.scores.sanity import Sanity, check_sanity
from warmstart.runtime.progress import step

# The two weak controls get a part of the images: where random maps stand is seen on few, and each costs what the maps cost.
WEAK_SHARE, WEAK_LEAST = 4, 8


@dataclass
class Scores:
    """figures: of the maps. controls: of each control, by its name. ends: p of the true class by class for whole, blurred and
    grey images. why: what could not be scored. gradcam, centre: the curves behind the first figures.
    """

    figures: dict[str, Interval | None] = field(default_factory=dict)
    controls: dict[str, dict[str, Interval | None]] = field(default_factory=dict)
    ends: dict[str, dict[str, float]] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    gradcam: Curves | None = None
    centre: Curves | None = None


def measure(
    sample: Sample, perturbation: Perturbation, store: ImageStore, examples: Sequence[Example], seed: int
) -> Scores:
    """Score a sample. perturbation: of the sample's images. examples: all test predictions, for mosaics."""
    scores = Scores(controls={"centre": {}, "another_image": {}, "random": {}, "edges": {}})
    scores.figures["blank"] = wilson(int(sample.blank.sum()), len(sample.blank))
    step("scores of the maps, deletion and insertion", 1, 3)
    _perturb(scores, sample, perturbation, seed)
    step("scores of the maps, mosaics", 2, 3)
    # Four images a mosaic: none is seen much more than twice, so that mosaics are not each other's copies.
    count = min(len(sample.images), len(examples) // 2)
    mosaics = make_mosaics(store.images("test"), examples, count, seed)
    _localise(scores, sample, mosaics, seed)
    masks = store.masks("test")
    if masks is not None:
        _evidence(scores, sample, np.stack([masks[e.row] for e in sample.examples]), seed)
    step("scores of the maps, random weights and noise", 3, 3)
    for key, sanity in check_sanity(sample, seed).items():
        _sanity(scores.figures if key == "gradcam" else scores.controls[key], scores.why, sanity, seed)
    return scores


def _perturb(scores: Scores, sample: Sample, perturbation: Perturbation, seed: int) -> None:
    large, n = sample.large, len(sample.images)
    few = min(n, max(WEAK_LEAST, n // WEAK_SHARE))
    gradcam = perturbation.curves(large)
    others: dict[str, Curves] = {
        "centre": perturbation.curves(np.broadcast_to(centre_gaussian(sample.size), large.shape)),
        "another_image": perturbation.curves(large[another(sample.labels)], few),
        "random": perturbation.curves(random_smooth(few, _cells(sample), sample.size, seed), few),
    }
    scores.gradcam, scores.centre = gradcam, others["centre"]
    scores.figures |= {
        "insertion_minus_deletion": figure(gradcam.scores, seed),
        "insertion": figure(area(gradcam.insertion), seed),
        "deletion": figure(area(gradcam.deletion), seed),
    }
    for key, curves in others.items():
        scores.controls[key]["insertion_minus_deletion"] = figure(curves.scores, seed)
        scores.figures[f"versus_{key}"] = figure(gradcam.scores[: len(curves.scores)] - curves.scores, seed)
    names = sample.model.classes
    scores.ends = {
        end: {names[c]: float(values[sample.labels == c].mean()) for c in np.unique(sample.labels)}
        for end, values in perturbation.ends.items()
    }


def _localise(scores: Scores, sample: Sample, mosaics: Mosaics | None, seed: int) -> None:
    if mosaics is None:
        scores.why["localisation"] = "mosaics need two classes with two test images each"
        return
    edges = edge_maps(mosaics.images, _cells(sample))
    for into, found in (
        (scores.figures, score_mosaics(sample, mosaics)),
        (scores.controls["edges"], score_maps(edges, edges, mosaics.first)),
    ):
        into |= _mosaic_figures(found, seed)
    if scores.figures["localisation"] is None:
        scores.why["localisation"] = "a map of one cell cannot point anywhere"


def _mosaic_figures(found: MosaicScores, seed: int) -> dict[str, Interval | None]:
    return {
        "mosaic_energy": figure(found.energy, seed),
        "localisation": figure(found.localisation, seed),
        "pointing_game": figure(found.pointing, seed),
    }


def _evidence(scores: Scores, sample: Sample, masks: np.ndarray, seed: int) -> None:
    centre = np.broadcast_to(centre_gaussian(sample.size), masks.shape)
    ours, middle = energy_inside(sample.large, masks), energy_inside(centre, masks)
    area = masks.mean(axis=(1, 2), dtype=np.float64)
    known = area > 0
    scores.figures |= {
        "evidence_energy": figure(ours[known], seed),
        "evidence_lift": figure(ours[known] / area[known], seed),
        "evidence_pointing_game": figure(points_inside(sample.large, masks)[known], seed),
        "evidence_versus_centre": figure((ours - middle)[known], seed),
    }
    scores.controls["centre"] |= {
        "evidence_energy": figure(middle[known], seed),
        "evidence_lift": figure(middle[known] / area[known], seed),
    }


def _sanity(into: dict[str, Interval | None], why: dict[str, str], sanity: Sanity, seed: int) -> None:
    for level, values in sanity.randomised.items():
        into[f"randomised_{level}_spearman"] = figure(values, seed)
    if not sanity.randomised:
        why["randomised_head_spearman"] = "no layer with weights comes after the maps"
    into["noise_spearman"] = figure(sanity.noise, seed)
    into["another_image_spearman"] = figure(sanity.another, seed)
    into["noise_minus_another"] = figure(sanity.noise - sanity.another, seed)


def _cells(sample: Sample) -> tuple[int, int]:
    return int(sample.maps.shape[1]), int(sample.maps.shape[2])
