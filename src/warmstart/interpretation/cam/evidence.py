"""Where a recipe looks when it is right and when it is wrong: class activation maps drawn, measured and filed."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.row_array import Rows
from warmstart.drawing.png import save_png
from warmstart.files.plain import write_bytes, write_json
from warmstart.interpretation.cam.examples import (
    Example,
    pick_confident_wrong,
    pick_more_wrong,
    pick_right,
    pick_sample,
    pick_wrong,
)
from warmstart.interpretation.cam.explain import Explained, check_outputs, explain
from warmstart.interpretation.cam.gallery import draw_gallery, draw_photos, has_evidence
from warmstart.interpretation.cam.maps import EXPLAINED, positive_share
from warmstart.interpretation.cam.mean import draw_means, mean_maps, mean_photos
from warmstart.interpretation.cam.measures import conflict_index
from warmstart.interpretation.cam.site import CHECKED, Site, choose_site
from warmstart.interpretation.cam.statistics import describe
from warmstart.interpretation.cam.words import NO_MAP, galleries
from warmstart.interpretation.options import Options

# As many errors as the comparison of right with wrong draws, where there are so many.
ERRORS = 32


def write_evidence(
    model: nn.Module,
    recipe: str,
    store: ImageStore,
    examples: Sequence[Example],
    options: Options,
    folder: Path,
    site: Site | None = None,
) -> dict[str, Any]:
    """Write the galleries right.png, wrong.png, confident_wrong.png and conflict.png; mean.png and statistics.json over
    ``options.maps`` test images; maps.npz and, last, manifest.json. Returns what was done, for the summary.

    model: an ImageModel in evaluation mode. examples: all test predictions. site: where maps are taken; None: chosen here. maps.npz holds, for each gallery, its maps for
    the predicted class, ``right_maps``, and for the true one, ``right_true_maps``, signed, float32 (N, h, w), with
    ``right_rows``, the rows of the test split that they belong to; and the mean map of each class, ``mean_maps``.
    A network without a feature map gets the galleries right, wrong and confident_wrong as photos with predictions, and a
    manifest; statistics then are None, with the reason.
    Raises UserError, before anything is written, for an unknown layer, one whose output is no map, and a network whose
    outputs are not numbers.
    """
    images, classes, n = store.images("test"), store.classes, options.images
    picked = {
        "right": pick_right(examples, n, options.seed),
        "wrong": pick_wrong(examples, n, options.seed),
        "confident_wrong": pick_confident_wrong(examples, n),
    }
    wrong = sum(e.predicted != e.true for e in examples)
    network: Any = model.network
    if options.layer is None and network.cam_layer is None:
        check_outputs(model, images, [e for some in picked.values() for e in some], options.batch_size)
        return _write_photos(recipe, picked, images, classes, len(examples), wrong, options, folder)

    site = site or site_of(model, store, examples, options)
    sample = pick_sample(examples, options.maps, options.seed)
    more = pick_more_wrong(examples, sample, ERRORS, options.seed) if sample else []
    wanted = [e for some in (*picked.values(), sample, more) for e in some]
    maps = explain(model, site, images, wanted, len(classes), options.batch_size)
    shown = {key: [maps[e.row] for e in some] for key, some in picked.items()}
    shown["conflict"] = _most_conflict([maps[e.row] for e in sample], n)
    scales = {key: max((float(np.abs(e.predicted).max()) for e in some), default=0.0) for key, some in shown.items()}
    facts = {"method": options.method, "explained": EXPLAINED, **site.to_dict()}

    texts = galleries(
        recipe, len(examples), wrong, len(sample), options.seed, f"Grad-CAM of the {EXPLAINED}: {site.words}."
    )
    for key, some in shown.items():
        save_png(draw_gallery(texts[key], some, images, classes, scales[key]), folder / f"{key}.png")
    arrays: dict[str, np.ndarray] = {}
    for key, some in shown.items():
        arrays |= {
            f"{key}_maps": _stack([e.predicted for e in some]),
            f"{key}_true_maps": _stack([e.true for e in some]),
        }
        arrays[f"{key}_rows"] = np.array([e.example.row for e in some], dtype=np.int64)
    statistics: dict[str, Any] | None = None
    if sample:
        means, counts = mean_maps([maps[e.row] for e in sample], len(classes))
        photos = mean_photos([maps[e.row] for e in sample], images, len(classes))
        save_png(
            draw_means(means, counts, photos, classes, f"{recipe}: mean maps of {len(sample)} test images"),
            folder / "mean.png",
        )
        arrays["mean_maps"] = means
        statistics = describe([maps[e.row] for e in sample], [maps[e.row] for e in more], options.seed)
        write_json(folder / "statistics.json", {**facts, **statistics})
    _write_arrays(folder / "maps.npz", arrays)
    records = [_record(key, e, classes, scales[key]) for key, some in shown.items() for e in some]
    # Last, as the sign that the pictures it names are there.
    write_json(folder / "manifest.json", {**facts, "scales": scales, "pictures": records})
    counted = {"test": len(examples), "test_wrong": wrong, **{key: len(some) for key, some in shown.items()}}
    shape = next((list(e.predicted.shape) for e in maps.values()), None)
    why_not = None if statistics else "interpret.maps is 0"
    return {**facts, "map": shape, "counts": counted, "statistics": statistics, "no_statistics": why_not}


def site_of(model: nn.Module, store: ImageStore, examples: Sequence[Example], options: Options) -> Site:
    """Where the maps of a recipe are taken, by its network and some test images. Raises UserError for an unknown ``interpret.layer``."""
    images = store.images("test")
    some = pick_sample(examples, CHECKED, options.seed)
    photos = torch.from_numpy(np.stack([images[e.row] for e in some]) if some else np.array(images[:1]))
    return choose_site(model, photos, options.layer)


def _most_conflict(sample: Sequence[Explained], count: int) -> list[Explained]:
    """Of the sample, the images whose maps speak most for both sides; maps of zeros last."""
    if not sample:
        return []
    conflict = np.nan_to_num(conflict_index(np.stack([e.predicted for e in sample])), nan=-1.0)
    return [sample[i] for i in np.lexsort(([e.example.row for e in sample], -conflict))[:count]]


def _write_photos(
    recipe: str,
    picked: Mapping[str, Sequence[Example]],
    images: Rows,
    classes: Sequence[str],
    n: int,
    wrong: int,
    options: Options,
    folder: Path,
) -> dict[str, Any]:
    texts = galleries(recipe, n, wrong, 0, options.seed, NO_MAP)
    for key, some in picked.items():
        save_png(draw_photos(texts[key], some, images, classes), folder / f"{key}.png")
    facts: dict[str, Any] = {"method": None, "explained": None, "layer": None}
    records = [_facts(key, e, classes) for key, some in picked.items() for e in some]
    write_json(folder / "manifest.json", {**facts, "scales": None, "pictures": records})
    counted = {"test": n, "test_wrong": wrong, **{key: len(some) for key, some in picked.items()}}
    return {**facts, "map": None, "counts": counted, "statistics": None, "no_statistics": NO_MAP}


def _stack(maps: Sequence[np.ndarray]) -> np.ndarray:
    return np.stack(maps) if maps else np.zeros((0, 1, 1), dtype=np.float32)


def _write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(path, buffer.getvalue())


def _facts(gallery: str, e: Example, classes: Sequence[str]) -> dict[str, Any]:
    said = {"true": classes[e.true], "predicted": classes[e.predicted], "p": e.p, "p_true": e.p_true, "loss": e.loss}
    return {"gallery": gallery, "file": e.path, "row": e.row, **said}


def _record(gallery: str, e: Explained, classes: Sequence[str], scale: float) -> dict[str, Any]:
    share = positive_share(e.predicted)
    return {
        **_facts(gallery, e.example, classes),
        "positive_share": share,
        "conflict": None if share is None else min(share, 1 - share),
        "evidence": has_evidence(e.predicted, scale),
        "evidence_for_true": has_evidence(e.true, scale),
    }
