"""The predictions for photos as one HTML page with small pictures, by class, that needs nothing beside it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from warmstart.decoding.image_file import UnreadableImage, load_image
from warmstart.drawing.data_uri import photo_uri
from warmstart.drawing.html import templates
from warmstart.models.image_model import ImageModel
from warmstart.serving.packaged import has_unsure_limit
from warmstart.serving.predict_photos import Prediction
from warmstart.serving.read_images import read_bytes
from warmstart.serving.sorting import Order, in_order
from warmstart.serving.unsure_messages import marked_sentence
from warmstart.text.printable import in_one_line, utf8_text
from warmstart.text.quantities import count, percent, plural

MAX_SHOWN = 300  # photos: some 2 MB of page
MAX_UNREADABLE = 50  # names
SIDE = 200  # pixels, the longer side of a picture


@dataclass(frozen=True)
class ShownPhoto:
    """picture: a data address; None where the file has gone since it was predicted. name: its path, shortened."""

    picture: str | None
    path: str
    name: str
    predicted: str
    confidence: float
    unsure: bool | None


@dataclass(frozen=True)
class ClassGroup:
    """Of a predicted class: how many photos, how many of them unsure, and those shown."""

    name: str
    photos: int
    unsure: int
    shown: list[ShownPhoto]


def render_gallery(
    model: ImageModel, predictions: Sequence[Prediction], order: Order = "uncertainty", max_shown: int = MAX_SHOWN
) -> str:
    """The page as HTML: how many photos are of each class, and under each class its photos in this order.

    The first ``max_shown`` of all photos are shown, whatever their class. Text from files is escaped, and there are no
    scripts.
    """
    readable = in_order((one for one in predictions if not one.error), order)
    shown = readable[:max_shown]
    folder = common_folder([one.path for one in shown])
    photos = Counter(one.predicted for one in readable)
    unsure = Counter(one.predicted for one in readable if one.unsure)
    groups = [
        ClassGroup(
            in_one_line(name),
            photos[name],
            unsure[name],
            [_show(one, folder) for one in shown if one.predicted == name],
        )
        for name in model.classes
    ]
    environment = templates(Path(__file__).parent)
    environment.filters |= {"count": count, "percent": percent, "plural": plural}
    return environment.get_template("gallery.html.jinja").render(
        groups=groups,
        photos=len(readable),
        shown=len(shown),
        order=order,
        folder=in_one_line(folder) if folder else "",
        origin=model.origin,
        marks=has_unsure_limit(model),
        marked_sentence=marked_sentence(model.unsure, unsure.total(), len(readable)) if model.unsure else "",
        unreadable=[(in_one_line(one.path), in_one_line(one.error)) for one in predictions if one.error],
        max_unreadable=MAX_UNREADABLE,
    )


def common_folder(paths: Sequence[str]) -> str:
    """The folder that all photos are below; empty where that would shorten nothing."""
    try:
        folder = os.path.commonpath([os.path.dirname(path) for path in paths])
    except ValueError:  # absolute and relative ones, or on several drives
        return ""
    return "" if folder in ("", os.sep) else folder


def _show(prediction: Prediction, folder: str) -> ShownPhoto:
    path = prediction.path
    name = os.path.relpath(path, folder) if folder else path
    assert prediction.confidence is not None
    return ShownPhoto(
        small_picture(Path(path)),
        in_one_line(path),
        in_one_line(name),
        in_one_line(utf8_text(prediction.predicted or "")),
        prediction.confidence,
        prediction.unsure,
    )


def small_picture(path: Path) -> str | None:
    """A photo as a data address, its longer side ``SIDE`` pixels; None where it cannot be read."""
    try:
        image, _ = load_image(read_bytes(path), "RGB", lambda width, height: (min(width, SIDE), min(height, SIDE)))
    except UnreadableImage:
        return None
    image.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    return photo_uri(image)
