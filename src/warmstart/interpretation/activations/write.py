"""The page of a network's activations: pictures and figures."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warmstart.dataset.image_store import ImageStore
from warmstart.drawing.png import save_png
from warmstart.errors import UserError
from warmstart.files.plain import write_json
from warmstart.interpretation.activations.chart import write_sparsity
from warmstart.interpretation.activations.choose import choose_photo, is_gate, shown_layers, strongest
from warmstart.interpretation.activations.depth import with_depth
from warmstart.interpretation.activations.picture import STRONGEST, draw_layer, draw_overview
from warmstart.interpretation.activations.sites import RECTIFIERS, Site, find_sites, read_maps
from warmstart.interpretation.activations.survey import SMALL, Survey, pick_rows, survey
from warmstart.interpretation.activations.top_photos import PER_CHANNEL, draw_top_photos
from warmstart.interpretation.cam.examples import Example
from warmstart.interpretation.options import Options
from warmstart.models.image_model import ImageModel

PHOTOS = 256
NONE = "The network has no convolution: there are no maps to show."
OFF = {
    "off": "share of a photo's values that are 0 (mean over photos, with its 95 % interval)",
    "silent": "share of channels that are 0 everywhere on a photo (mean over photos, with its 95 % interval)",
    "dead": "channels that are 0 everywhere on all photos",
    "threshold": f"where a non-linearity has no exact zero: at most {SMALL:.0%} of the layer's root mean square, instead of 0",
    "left out": "layers without a non-linearity after them, where 0 means nothing, and those on pooled maps (squeeze and excitation)",
}


def write_activations(
    model: ImageModel,
    recipe: str,
    store: ImageStore,
    examples: Sequence[Example],
    options: Options,
    folder: Path,
    photo: np.ndarray | None = None,
) -> dict[str, Any]:
    """Write overview.png, sparsity.png, top_photos.png, layers/<layer>.png and activations.json; returns the headline figures.

    photo: uint8 (size, size, channels) to show; None: the most confident right test photo. examples: all test predictions.
    Sparsity and top photos are of up to 256 test photos, evenly spread. A network without a convolution has the JSON file alone.
    Raises UserError for a photo of another shape.
    """
    images = store.images("test")
    example = None if photo is not None else choose_photo(examples)
    shown_photo = images[example.row] if example else photo
    assert shown_photo is not None
    if shown_photo.shape != images.shape[1:]:
        raise UserError(
            f"the photo has the shape {shown_photo.shape}; the network takes {images.shape[1:]} (height, width, channels)"
        )
    batch = model.normalise(torch.from_numpy(np.array(shown_photo)[None]))
    sites = find_sites(model.network, batch)
    if not sites:
        write_json(folder / "activations.json", {"note": NONE, "layers": []})
        return {"layers": 0, "note": NONE}
    maps = [one[0].numpy() for one in read_maps(model.network, batch, sites)]
    shown = shown_layers(sites)
    what = f"{example.path}, p = {example.p:.3f}" if example else "the photo given"
    pictures = {}
    for i in shown:
        pictures[i] = f"layers/{sites[i].name}.png"
        layer = sites[i].layer
        title = f"{recipe}: {sites[i].title}, {layer.channels} channels of {layer.height}×{layer.width}"
        save_png(draw_layer(maps[i], sites[i], title, f"{what}."), folder / pictures[i])
    note = f"{what}. Each channel on its own scale, dark is 0; strongest: most varied over places; its number below."
    if any(sites[i].activation is None for i in shown):
        note += " Red and blue: layers without a non-linearity, above and below 0."
    some = [sites[i] for i in shown]
    save_png(
        draw_overview(shown_photo, [maps[i] for i in shown], some, f"{recipe}: strongest channels by depth", note),
        folder / "overview.png",
    )

    rows = pick_rows(len(images), PHOTOS)
    watched = {i: strongest(maps[i], STRONGEST) for i in shown}
    seen = survey(model, images, rows, sites, watched, options.batch_size)
    note = f"Of {len(rows)} test photos, the {PER_CHANNEL} with the largest mean of the channel's map, best first. Channels: the strongest on {what}."
    save_png(
        draw_top_photos(images, seen.top, sites, f"{recipe}: photos that excite a channel most", note),
        folder / "top_photos.png",
    )

    layers = [_record(i, sites, maps[i], seen, pictures.get(i)) for i in range(len(sites))]
    counted = [layer for layer in layers if layer["off"] is not None]
    depth = {key: with_depth([layer[key]["value"] for layer in counted]) for key in ("off", "silent", "dead")}
    if counted:
        said = _said(depth["off"])
        write_sparsity(
            counted,
            f"{recipe}: {said}",
            f"convolutions in order of depth; n = {len(rows)} photos",
            folder / "sparsity.png",
        )
    figures = {"photos": len(rows), "layers": len(sites), "counted": len(counted), "depth": depth}
    shown_as = {"path": example.path, "row": example.row, "p": example.p} if example else None
    # Last, as the sign that the pictures it names are there.
    write_json(
        folder / "activations.json",
        {**figures, "photo": shown_as, "meaning": OFF, "layers": layers, "top_photos": _top(seen, sites, store)},
    )
    return figures


def _record(i: int, sites: Sequence[Site], maps: np.ndarray, seen: Survey, picture: str | None) -> dict[str, Any]:
    site, layer = sites[i], sites[i].layer
    counted = site.activation is not None and not is_gate(sites, i)
    dead = int(seen.dead[i].sum())
    channels = strongest(maps, STRONGEST)
    return {
        "name": layer.name,
        "short": site.title,
        "activation": site.activation,
        "channels": layer.channels,
        "height": layer.height,
        "width": layer.width,
        "depthwise": layer.depthwise,
        "gate": is_gate(sites, i),
        "picture": picture,
        "strongest": [{"channel": c, "mean": float(maps[c].mean()), "max": float(maps[c].max())} for c in channels],
        "off": _mean(seen.off[i]) if counted else None,
        "silent": _mean(seen.silent[i]) if counted else None,
        "dead": {"value": dead / layer.channels, "channels": dead} if counted else None,
        "threshold": float(seen.threshold[i]) if counted and site.activation not in RECTIFIERS else 0.0,
    }


def _mean(values: np.ndarray) -> dict[str, float]:
    """The mean with its normal 95 % interval, cut to [0, 1]."""
    half = 1.96 * float(values.std(ddof=1)) / sqrt(len(values)) if len(values) > 1 else 0.0
    value = float(values.mean())
    return {"value": value, "low": max(0.0, value - half), "high": min(1.0, value + half), "n": len(values)}


def _said(depth: dict[str, Any] | None) -> str:
    if depth is None:
        return "share of values that are 0: too few layers to tell a trend"
    return f"share of values that are 0: {depth['verdict']} (ρ = {depth['spearman']:+.2f}, n = {depth['n']} layers)"


def _top(seen: Survey, sites: Sequence[Site], store: ImageStore) -> list[dict[str, Any]]:
    paths = [row["path"] for row in store.rows("test")]
    return [
        {
            "layer": sites[i].layer.name,
            "channel": channel,
            "photos": [
                {"path": paths[row], "row": int(row), "mean": float(s)}
                for row, s in zip(rows, scores, strict=True)
                if s > 0
            ],
        }
        for i, top in seen.top.items()
        for channel, rows, scores in zip(top.channels, top.rows, top.scores, strict=True)
    ]
