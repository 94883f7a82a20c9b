"""Score a recipe's maps and file what was found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from warmstart.dataset.image_store import ImageStore
from warmstart.drawing.png import save_png
from warmstart.files.plain import write_json
from warmstart.interpretation.cam.evidence import site_of
from warmstart.interpretation.cam.examples import Example
from warmstart.interpretation.cam.site import Site
from warmstart.interpretation.options import Options
from warmstart.interpretation.scores.chart import Row, criteria_rows, draw_scores
from warmstart.interpretation.scores.examples import draw_examples
from warmstart.interpretation.scores.figures import plain
from warmstart.interpretation.scores.measure import Scores, measure
from warmstart.interpretation.scores.perturbation import Perturbation
from warmstart.interpretation.scores.sample import Sample, balanced, explain
from warmstart.interpretation.scores.verdict import Verdict, judge
from warmstart.models.image_model import ImageModel

SHOWN = 4
EXPLAINED = "log-odds of the true class"


def write_scores(
    model: ImageModel,
    recipe: str,
    store: ImageStore,
    examples: Sequence[Example],
    options: Options,
    folder: Path,
    site: Site | None = None,
) -> dict[str, Any] | None:
    """Write scores.json, scores.png and examples.png into ``folder``; returns the verdict and the key figures, each {value,
    low, high, n} or None, for the summary.

    model: in evaluation mode, and left as it was. examples: all test predictions. options: ``scored`` images, ``steps``,
    ``seed``, ``layer`` and ``batch_size`` are read. site: where maps are taken; None: chosen here. Without images to score, or for a network without a feature map, only
    scores.json is written, saying why, and None returned. Raises UserError for an unknown layer or one that gives no maps, and
    where the network's outputs are not numbers.
    """
    network: Any = model.network
    picked = balanced(examples, options.scored, options.seed)
    why = None
    if network.cam_layer is None:
        why = "the network has no feature map, so there are no class activation maps to score"
    elif not picked:
        why = "no test images were to be scored (interpret.scored)"
    if why:
        write_json(folder / "scores.json", {"recipe": recipe, "scored": False, "why": why})
        return None
    site = site or site_of(model, store, examples, options)
    images, labels = store.images("test"), np.array([e.true for e in picked], dtype=np.int64)
    photos = np.stack([images[e.row] for e in picked])
    maps = explain(model, site, photos, labels, options.batch_size)
    sample = Sample(model, site, picked, photos, labels, maps, options.batch_size)
    perturbation = Perturbation(model, photos, labels, options.steps, options.batch_size, options.seed)
    scores = measure(sample, perturbation, store, examples, options.seed)
    verdict = judge(scores.figures, scores.why)
    control = judge(scores.controls["edges"], scores.why)
    facts = {
        "method": options.method,
        "explained": EXPLAINED,
        **site.to_dict(),
        "map": list(maps.shape[1:]),
        "steps": options.steps,
    }
    counts = {model.classes[c]: int((labels == c).sum()) for c in np.unique(labels)}
    if scores.gradcam is not None and scores.centre is not None:
        known = {"Grad-CAM": scores.gradcam, "middle": scores.centre}
        save_png(
            draw_examples(sample, perturbation, known, SHOWN, f"{recipe}: maps held against controls"),
            folder / "examples.png",
        )
    save_png(_chart(recipe, sample, scores, verdict, control), folder / "scores.png")
    # Last, as the sign that the pictures are there.
    write_json(
        folder / "scores.json",
        {
            "recipe": recipe, "scored": True, **facts, "seed": options.seed, "n": len(picked), "images": counts,
            "verdict": verdict.to_dict(),
            "scores": plain(scores.figures),
            "controls": {name: plain(figures) for name, figures in scores.controls.items()},
            "failing_control": {"name": "edges", "verdict": control.to_dict()},
            "endpoints": scores.ends,
            "not_scored": scores.why,
        },
    )  # fmt: skip
    return {"verdict": verdict.text, "trusted": verdict.trusted, "n": len(picked), **plain(scores.figures)}


def _chart(recipe: str, sample: Sample, scores: Scores, verdict: Verdict, control: Verdict) -> Any:
    figures, controls = scores.figures, scores.controls
    about = f"Grad-CAM of the {EXPLAINED}: {sample.site.words}; {len(sample.images)} test images."
    rest = [
        Row("insertion − deletion: Grad-CAM", figures["insertion_minus_deletion"]),
        Row("insertion − deletion: centre Gaussian", controls["centre"]["insertion_minus_deletion"]),
        Row("insertion − deletion: another image's map", controls["another_image"]["insertion_minus_deletion"]),
        Row("insertion − deletion: random smooth map", controls["random"]["insertion_minus_deletion"]),
        Row("pointing game on mosaics (0.5 by chance)", figures.get("pointing_game")),
        Row("like another image's map (Spearman)", figures["another_image_spearman"]),
    ]
    answer = {False: "fails, as it must", True: "does NOT fail", None: "not decided"}[control.trusted]
    edges = [row for row in criteria_rows(controls["edges"], control) if row.found is not None]
    sections = [
        ("What the verdict rests on", criteria_rows(figures, verdict)),
        ("For comparison", rest),
        (f"Control, the photo's edges: {answer}", edges),
    ]
    marks = "Edges never ask the network. Dot and line: mean and 95 % interval. Upright: the bar, to be passed to the right, for random heads to the left."
    return draw_scores(f"{recipe}: can its maps be trusted?", verdict, sections, f"{about} {marks}")
