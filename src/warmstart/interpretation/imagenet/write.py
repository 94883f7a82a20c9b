"""What the bare backbone says of photos, and where it looks for it: top5.png and imagenet.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from warmstart.drawing.png import save_png
from warmstart.errors import UserError
from warmstart.files.plain import write_json
from warmstart.interpretation.cam.maps import check_numbers, positive_share, signed_maps
from warmstart.interpretation.imagenet.classifier import BareClassifier, class_names, load_classifier, weights_at_hand
from warmstart.interpretation.imagenet.photos import Photo
from warmstart.interpretation.imagenet.picture import Answer, draw_answers

TOP, MAPS = 5, 2
# The checkpoint holds the backbone, not the classifier that it came with.
NOT_AT_HAND = "the classifier that {name} came with is not in the recipe's checkpoint, and its published weights are not on this machine"


def write_imagenet(
    backbone: str | None, photos: Sequence[Photo], folder: Path, *, weights: str | None = None
) -> dict[str, Any] | None:
    """Write top5.png and imagenet.json: the five most probable of ImageNet's classes for each photo, with the Grad-CAM of
    the first two. Returns what imagenet.json holds; None, and nothing is written, without a backbone.

    backbone: a recipe's ``network.backbone``, or None for one trained from scratch. weights: ``embedded``, ``published`` or
    a file, with the classifier; None takes what is on this machine and, where that is nothing, writes imagenet.json with the
    reason as ``not_shown`` and no picture.
    Raises UserError when weights that were asked for cannot be had.
    """
    if backbone is None:
        return None
    chosen = weights or weights_at_hand(backbone)
    try:
        if chosen is None:
            raise UserError(NOT_AT_HAND.format(name=backbone))
        model = load_classifier(backbone, chosen)
    except UserError as error:
        if weights is not None:
            raise
        facts: dict[str, Any] = {"backbone": backbone, "weights": chosen, "not_shown": str(error)}
        write_json(folder / "imagenet.json", facts)
        return facts
    answers = answer(model, photos)
    save_png(
        draw_answers(answers, f"{backbone}: what it says before any training here", model.layer_name),
        folder / "top5.png",
    )
    facts = {"backbone": backbone, "weights": chosen, "layer": model.layer_name, "side": model.side, "not_shown": None}
    facts["photos"] = [_record(a) for a in answers]
    write_json(folder / "imagenet.json", facts)
    return facts


def answer(model: BareClassifier, photos: Sequence[Photo]) -> list[Answer]:
    """The model's five most probable classes for each photo, and signed maps of the first two."""
    names = class_names()
    out = []
    for photo in photos:
        pixels = photo.square(model.side)
        image = torch.from_numpy(pixels.copy())[None]
        with torch.inference_mode():
            p = check_numbers(model(image).float()).softmax(1)[0]
        values, order = (t.tolist() for t in p.topk(TOP))
        layer = model.cam_layer
        maps = signed_maps(model, layer, image.expand(MAPS, -1, -1, -1), torch.tensor(order[:MAPS])).numpy()
        out.append(
            Answer(
                photo, pixels, [(i, names[i], value) for i, value in zip(order, values, strict=True)], np.asarray(maps)
            )
        )
    return out


def _record(a: Answer) -> dict[str, Any]:
    top = [{"index": index, "class": name, "p": p} for index, name, p in a.top]
    return {
        "file": a.photo.name,
        "class": a.photo.label,
        "top": top,
        "positive_share": [positive_share(m) for m in a.maps],
    }
