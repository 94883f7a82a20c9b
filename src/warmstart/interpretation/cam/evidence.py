"""Where a recipe looks when it is right and when it is wrong: class activation maps of examples, drawn and filed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from warmstart.data.store import ImageStore
from warmstart.drawing.png import save_png
from warmstart.files import write_bytes, write_json
from warmstart.interpretation.cam.examples import Example, pick_right, pick_wrong
from warmstart.interpretation.cam.gallery import Picture, draw_gallery, has_evidence
from warmstart.interpretation.cam.maps import EXPLAINED, enlarge, find_layer, positive_share, signed_maps
from warmstart.interpretation.options import Options


def write_evidence(
    model: nn.Module, recipe: str, store: ImageStore, examples: Sequence[Example], options: Options, folder: Path
) -> dict[str, Any]:
    """Draw right.png and wrong.png, and file maps.npz and manifest.json beside them. Returns what was done, for the
    summary.

    model: an ImageModel in evaluation mode. examples: all test predictions. maps.npz holds ``right_maps`` and
    ``wrong_maps``, signed, float32 (N, h, w), with the rows of the test split that they belong to. Raises UserError for
    an unknown layer.
    """
    network: Any = model.network
    name, layer = find_layer(network, options.layer)
    picked = {
        "right": pick_right(examples, options.images, options.seed),
        "wrong": pick_wrong(examples, options.images),
    }
    images = store.images("test")
    maps = {key: _explain(model, layer, images, some, options.batch_size) for key, some in picked.items()}
    scale = max((float(np.abs(m).max()) for m in maps.values() if m.size), default=0.0)
    facts = {"method": options.method, "explained": EXPLAINED, "layer": name}

    n, wrong = len(examples), sum(e.predicted != e.true for e in examples)
    texts = _texts(recipe, n, wrong, options.seed)
    how = f"Grad-CAM of the {EXPLAINED}; layer {name}. Evidence: each map on its own scale. Red and blue: one scale."
    records: list[dict[str, Any]] = []
    for key, some in picked.items():
        large = enlarge(maps[key], store.size)
        shares = [positive_share(m) for m in maps[key]]
        pictures = [Picture(e, images[e.row], *drawn) for e, *drawn in zip(some, large, shares, strict=True)]
        title, note = texts[key]
        save_png(
            draw_gallery(pictures, store.classes, title, f"{note} {how}" if some else note, scale),
            folder / f"{key}.png",
        )
        records += [_record(key, e, m, store.classes, scale) for e, m in zip(some, maps[key], strict=True)]

    arrays = {f"{key}_maps": m for key, m in maps.items()}
    rows = {f"{key}_rows": np.array([e.row for e in some], dtype=np.int64) for key, some in picked.items()}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays, **rows)  # type: ignore[arg-type]
    write_bytes(folder / "maps.npz", buffer.getvalue())
    # Last, as the sign that the pictures it names are there.
    write_json(folder / "manifest.json", {**facts, "scale": scale, "pictures": records})
    counts = {"test": n, "test_wrong": wrong, **{key: len(some) for key, some in picked.items()}}
    shape = next((list(m.shape[1:]) for m in maps.values() if len(m)), None)
    return {**facts, "map": shape, "counts": counts}


def _explain(model: nn.Module, layer: nn.Module, images: np.ndarray, examples: Sequence[Example], batch_size: int) -> np.ndarray:
    """Signed maps for the predicted class of each example, float32 (N, h, w). images: uint8 (N, H, W, C)."""
    if not examples:
        return np.zeros((0, 1, 1), dtype=np.float32)
    photos = torch.from_numpy(np.stack([images[e.row] for e in examples]))
    predicted = torch.tensor([e.predicted for e in examples], dtype=torch.int64)
    maps: np.ndarray = signed_maps(model, layer, photos, predicted, batch_size).numpy()
    return maps


def _texts(recipe: str, n: int, wrong: int, seed: int) -> dict[str, tuple[str, str]]:
    """Title and note of each gallery."""
    right = n - wrong
    half = f"{right} of {n} test images are right. First some of the most confident quarter, then others (seed {seed})."
    most = f"{wrong} of {n} test images are wrong. The most confident come first."
    return {
        "right": (f"{recipe}: right", half) if right else (f"{recipe}: nothing right", f"All {n} test images are wrong."),
        "wrong": (f"{recipe}: wrong", most) if wrong else (f"{recipe}: nothing wrong", f"All {n} test images are right."),
    }


def _record(gallery: str, e: Example, signed: np.ndarray, classes: Sequence[str], scale: float) -> dict[str, Any]:
    return {
        "gallery": gallery,
        "file": e.path,
        "row": e.row,
        "true": classes[e.true],
        "predicted": classes[e.predicted],
        "p": e.p,
        "p_true": e.p_true,
        "loss": e.loss,
        "positive_share": positive_share(signed),
        "evidence": has_evidence(signed, scale),
    }
