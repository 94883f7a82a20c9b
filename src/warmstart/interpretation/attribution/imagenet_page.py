"""The lesson's sanity step: what the bare backbone, with its own classifier, predicts for photos, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from warmstart.data import preprocess
from warmstart.data.store import ImageStore
from warmstart.data.turns import in_turns
from warmstart.drawing.png import save_png
from warmstart.errors import UserError
from warmstart.files import write_json
from warmstart.interpretation.attribution.captions import NOT_AT_HAND
from warmstart.interpretation.attribution.gradcam import check_finite, gradcam_maps, positive_share
from warmstart.interpretation.attribution.imagenet_classifier import (
    ImagenetClassifier,
    available_weights,
    load_classifier,
)
from warmstart.interpretation.attribution.imagenet_sheet import ImagenetPrediction, Photo, draw_predictions

TOP_K, N_MAPS = 5, 2
MAX_SIDE_PX = 1024  # far more than any backbone gets


def read_photo(path: str | Path) -> Photo:
    """Any image file, upright as its EXIF says, at most 1,024 pixels wide and high. Raises UserError if unreadable."""
    return Photo(Path(path).name, preprocess.read_photo(path, MAX_SIDE_PX))


def dataset_photos(store: ImageStore, count: int, seed: int) -> list[Photo]:
    """Test photos drawn at random, the classes taking turns. The same seed draws the same photos."""
    images, rows = store.images("test"), store.rows("test")
    order = np.random.default_rng(seed).permutation(len(rows))
    shape = (*images.shape[1:3], 3)
    return [
        Photo(rows[i]["path"], np.ascontiguousarray(np.broadcast_to(images[i], shape)), rows[i]["class"])
        for i in order[in_turns(store.labels("test")[order])][:count]
    ]


def write_imagenet(
    backbone: str | None, photos: Sequence[Photo], folder: Path, *, weights: str | None = None
) -> dict[str, object] | None:
    """Write top5.png and imagenet.json: the five most probable classes of each photo, with Grad-CAM of the first two.

    Returns what imagenet.json holds; None, and nothing is written, without a backbone.

    backbone: a recipe's ``network.backbone``, or None for one trained from scratch. weights: ``embedded``, ``published`` or
    a file, with the classifier. None takes what is on this machine; if that is nothing, imagenet.json has the reason as
    ``not_shown`` and there is no picture.
    Raises UserError when weights that were asked for cannot be had.
    """
    if backbone is None:
        return None
    chosen = weights or available_weights(backbone)
    facts: dict[str, object] = {"backbone": backbone, "weights": chosen}
    try:
        if chosen is None:
            raise UserError(NOT_AT_HAND.format(backbone=backbone))
        classifier = load_classifier(backbone, chosen)
    except UserError as error:
        if weights is not None:
            raise
        facts["not_shown"] = str(error)
    else:
        predictions = predict_photos(classifier, photos)
        title = f"{backbone}: what it says before any training here"
        save_png(draw_predictions(predictions, title, classifier.layer_name), folder / "top5.png")
        facts |= {"layer": classifier.layer_name, "side": classifier.side, "not_shown": None}
        facts["photos"] = [_record(p) for p in predictions]
    write_json(folder / "imagenet.json", facts)
    return facts


def predict_photos(classifier: ImagenetClassifier, photos: Sequence[Photo]) -> list[ImagenetPrediction]:
    """The five most probable classes of each photo, and signed maps of the first two."""
    model, layer = classifier.model, classifier.cam_layer
    out = []
    for photo in photos:
        pixels = photo.square(classifier.side)
        image = torch.from_numpy(pixels.copy())[None]
        p, order = (t.tolist() for t in check_finite(model.predict_proba(image))[0].topk(TOP_K))
        maps = gradcam_maps(model, layer, image.expand(N_MAPS, -1, -1, -1), torch.tensor(order[:N_MAPS])).numpy()
        top = [(i, model.classes[i], value) for i, value in zip(order, p, strict=True)]
        out.append(ImagenetPrediction(photo, pixels, top, maps))
    return out


def _record(p: ImagenetPrediction) -> dict[str, object]:
    return {
        "file": p.photo.name,
        "class": p.photo.label,
        "top": [{"index": index, "class": name, "p": value} for index, name, value in p.top],
        "positive_share": [positive_share(m) for m in p.maps],
    }
