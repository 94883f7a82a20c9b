"""The page of whether a recipe's maps can be trusted: scores, controls and a verdict."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image

from warmstart.drawing.png import save_png
from warmstart.files.plain import write_json
from warmstart.interpretation.attribution.gradcam import METHOD
from warmstart.interpretation.attribution.map_statistics import to_plain
from warmstart.interpretation.faithfulness import messages
from warmstart.interpretation.faithfulness.deletion_insertion import DeletionInsertion
from warmstart.interpretation.faithfulness.sample import Sample, pick_balanced
from warmstart.interpretation.faithfulness.score_charts import Row, criteria_rows, draw_examples, draw_scores
from warmstart.interpretation.faithfulness.scores import Scores, score_sample
from warmstart.interpretation.faithfulness.verdict import Verdict, judge
from warmstart.interpretation.subject import Subject

N_EXAMPLES = 4


def write_scores(subject: Subject, folder: Path) -> dict[str, object] | None:
    """Write scores.json, scores.png and examples.png into ``folder``; returns the verdict and the scores.

    Each score is {value, low, high, n} or None. Without images to score, or for a network without a feature map, only
    scores.json is written, with the reason, and None returned. Raises UserError for a layer that gives no maps, and
    where the network's outputs are not finite.
    """
    model, recipe, options, cam_layer = subject.model, subject.recipe, subject.options, subject.cam_layer
    picked = pick_balanced(subject.examples, options.scored, options.seed)
    if cam_layer is None or model.network.cam_layer is None or not picked:
        why = messages.NOTHING_TO_SCORE if model.network.cam_layer is not None else messages.NO_FEATURE_MAP
        write_json(folder / "scores.json", {"recipe": recipe, "scored": False, "why": why})
        return None
    photos = np.stack([subject.images[e.row] for e in picked])
    sample = Sample(model, cam_layer, picked, photos, options.batch_size)
    perturbation = DeletionInsertion(sample, options.steps, options.seed)
    scores = score_sample(perturbation, subject)
    verdict = judge(scores.metrics, scores.why_not)
    control = judge(scores.controls["edges"], scores.why_not)
    curves = {"Grad-CAM": scores.gradcam, "middle": scores.centre}
    title = f"{recipe}: maps held against controls"
    save_png(draw_examples(perturbation, curves, N_EXAMPLES, title), folder / "examples.png")
    save_png(_chart(recipe, sample, scores, verdict, control), folder / "scores.png")
    metrics = to_plain(scores.metrics)
    # Last, as the sign that the pictures are there.
    write_json(
        folder / "scores.json",
        {
            "recipe": recipe,
            "scored": True,
            "method": METHOD,
            "explained": messages.EXPLAINED,
            **cam_layer.to_dict(),
            "map": list(cam_layer.cells),
            "steps": options.steps,
            "seed": options.seed,
            "n": len(picked),
            "images": {model.classes[c]: int((sample.labels == c).sum()) for c in np.unique(sample.labels)},
            "verdict": asdict(verdict),
            "scores": metrics,
            "controls": {name: to_plain(found) for name, found in scores.controls.items()},
            "failing_control": {"name": "edges", "verdict": asdict(control)},
            "endpoints": scores.ends,
            "not_scored": scores.why_not,
        },
    )
    return {"verdict": verdict.text, "trusted": verdict.trusted, "n": len(picked), **metrics}


def _chart(recipe: str, sample: Sample, scores: Scores, verdict: Verdict, control: Verdict) -> Image.Image:
    metrics, controls = scores.metrics, scores.controls
    compared = {"Grad-CAM": metrics, **{name: controls[key] for key, name in messages.CONTROLS.items()}}
    comparison = [
        *(Row(f"insertion − deletion: {name}", found["insertion_minus_deletion"]) for name, found in compared.items()),
        Row("pointing game on mosaics (0.5 by chance)", metrics.get("pointing_game")),
        Row("like another image's map (Spearman)", metrics["another_image_spearman"]),
    ]
    edges = [row for row in criteria_rows(controls["edges"], control) if row.found is not None]
    sections = [
        ("What the verdict rests on", criteria_rows(metrics, verdict)),
        ("For comparison", comparison),
        (f"Control, the photo's edges: {messages.EDGES_VERDICT[control.trusted]}", edges),
    ]
    layer, n = sample.cam_layer.description, len(sample.images)
    note = f"Grad-CAM of the {messages.EXPLAINED}: {layer}; {n} test images. {messages.CHART_NOTE}"
    return draw_scores(f"{recipe}: can its maps be trusted?", verdict, sections, note)
