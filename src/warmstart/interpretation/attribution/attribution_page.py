"""The page of where a recipe looks when it is right and when it is wrong: maps drawn, measured and stored."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from warmstart.drawing.png import save_png
from warmstart.files.plain import write_bytes, write_json
from warmstart.interpretation.attribution.attribute import Attribution, attribute, check_outputs
from warmstart.interpretation.attribution.captions import NO_MAP, NO_STATISTICS, galleries
from warmstart.interpretation.attribution.galleries import draw_gallery, draw_means, draw_photos, has_evidence
from warmstart.interpretation.attribution.gradcam import METHOD, TARGET, positive_share
from warmstart.interpretation.attribution.map_statistics import conflict_index, describe_maps, mean_maps, mean_photos
from warmstart.interpretation.examples import (
    Example,
    pick_confident_wrong,
    pick_more_wrong,
    pick_right,
    pick_sample,
    pick_wrong,
)
from warmstart.interpretation.subject import Subject

MIN_ERRORS = 32  # in the comparison of right with wrong, where there are so many


def write_attributions(subject: Subject, folder: Path) -> dict[str, object]:
    """Write the galleries, mean.png and statistics.json, maps.npz and, last, manifest.json; returns the summary.

    The galleries are right.png, wrong.png, confident_wrong.png and conflict.png. mean.png and statistics.json are over
    ``options.maps`` test images. maps.npz holds, for each gallery, its maps for the predicted class, ``right_maps``,
    and for the true one, ``right_true_maps``, signed, float32 (N, h, w), with ``right_rows``, their rows in the test
    split; and the mean map of each class, ``mean_maps``. A network without a feature map gets the first three galleries
    as photos with predictions, and a manifest. Raises UserError, before anything is written, for a layer whose output
    is no map and for outputs that are not finite.
    """
    images, classes, examples, options = subject.images, subject.store.classes, subject.examples, subject.options
    cam_layer, n, seed = subject.cam_layer, options.images, options.seed
    picked = {
        "right": pick_right(examples, n, seed),
        "wrong": pick_wrong(examples, n, seed),
        "confident_wrong": pick_confident_wrong(examples, n),
    }
    n_wrong = sum(e.wrong for e in examples)
    totals = {"test": len(examples), "test_wrong": n_wrong}
    if cam_layer is None:
        check_outputs(subject.model, images, [e for some in picked.values() for e in some], options.batch_size)
        texts = galleries(subject.recipe, len(examples), n_wrong, 0, seed, NO_MAP)
        for key, chosen in picked.items():
            save_png(draw_photos(texts[key], chosen, images, classes), folder / f"{key}.png")
        facts: dict[str, object] = {"method": None, "explained": None, "layer": None}
        records = [_prediction(key, e, classes) for key, some in picked.items() for e in some]
        write_json(folder / "manifest.json", {**facts, "scales": None, "pictures": records})
        counts = {**totals, **{key: len(some) for key, some in picked.items()}}
        return {**facts, "map": None, "counts": counts, "statistics": None, "no_statistics": NO_MAP}

    sample = pick_sample(examples, options.maps, seed)
    more = pick_more_wrong(examples, sample, MIN_ERRORS, seed) if sample else []
    needed = [e for some in (*picked.values(), sample, more) for e in some]
    maps = attribute(subject.model, cam_layer, images, needed, len(classes), options.batch_size)
    shown = {key: [maps[e.row] for e in some] for key, some in picked.items()}
    sampled = [maps[e.row] for e in sample]
    shown["conflict"] = _most_conflict(sampled, n)
    scales = {key: max((float(np.abs(e.predicted).max()) for e in some), default=0.0) for key, some in shown.items()}
    facts = {"method": METHOD, "explained": TARGET, **cam_layer.to_dict()}
    how = f"Grad-CAM of the {TARGET}: {cam_layer.description}."
    texts = galleries(subject.recipe, len(examples), n_wrong, len(sample), seed, how)
    arrays: dict[str, np.ndarray] = {}
    for key, some in shown.items():
        save_png(draw_gallery(texts[key], some, images, classes, scales[key]), folder / f"{key}.png")
        arrays[f"{key}_maps"] = _stacked([e.predicted for e in some])
        arrays[f"{key}_true_maps"] = _stacked([e.true for e in some])
        arrays[f"{key}_rows"] = np.array([e.example.row for e in some], dtype=np.int64)
    statistics = None
    if sample:
        means, of_class = mean_maps(sampled, len(classes))
        title = f"{subject.recipe}: mean maps of {len(sample)} test images"
        photos = mean_photos(sampled, images, len(classes))
        save_png(draw_means(means, of_class, photos, classes, title), folder / "mean.png")
        arrays["mean_maps"] = means
        statistics = describe_maps(sampled, [maps[e.row] for e in more], seed)
        write_json(folder / "statistics.json", {**facts, **statistics})
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(folder / "maps.npz", buffer.getvalue())
    records = [_record(key, e, classes, scales[key]) for key, some in shown.items() for e in some]
    # Last, as the sign that the pictures it names are there.
    write_json(folder / "manifest.json", {**facts, "scales": scales, "pictures": records})
    counts = {**totals, **{key: len(some) for key, some in shown.items()}}
    shape = next((list(e.predicted.shape) for e in maps.values()), None)
    why_not = None if statistics else NO_STATISTICS
    return {**facts, "map": shape, "counts": counts, "statistics": statistics, "no_statistics": why_not}


def _stacked(maps: Sequence[np.ndarray]) -> np.ndarray:
    return np.stack(maps) if maps else np.zeros((0, 1, 1), dtype=np.float32)


def _most_conflict(sample: Sequence[Attribution], count: int) -> list[Attribution]:
    """Of the sample, the images whose maps speak most for both sides; maps of zeros last."""
    if not sample:
        return []
    conflict = np.nan_to_num(conflict_index(np.stack([e.predicted for e in sample])), nan=-1.0)
    return [sample[i] for i in np.lexsort(([e.example.row for e in sample], -conflict))[:count]]


def _prediction(gallery: str, e: Example, classes: Sequence[str]) -> dict[str, object]:
    values = {"true": classes[e.label], "predicted": classes[e.predicted], "p": e.p, "p_true": e.p_true, "loss": e.loss}
    return {"gallery": gallery, "file": e.path, "row": e.row, **values}


def _record(gallery: str, e: Attribution, classes: Sequence[str], scale: float) -> dict[str, object]:
    share = positive_share(e.predicted)
    return {
        **_prediction(gallery, e.example, classes),
        "positive_share": share,
        "conflict": None if share is None else min(share, 1 - share),
        "evidence": has_evidence(e.predicted, scale),
        "evidence_for_true": has_evidence(e.true, scale),
    }
