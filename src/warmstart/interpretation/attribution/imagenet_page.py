"""The page of where a network's own ImageNet classifier looks: the lesson's sanity step on the bare backbone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageOps

from warmstart.dataset import preprocessing
from warmstart.dataset.image_store import ImageStore
from warmstart.dataset.round_robin import round_robin_order
from warmstart.drawing.png import save_png
from warmstart.drawing.sheet import GAP_PX, INK, MARGIN_PX, MUTED, PAPER, SMALL_PX, TEXT_PX, heading, resize_to_fit
from warmstart.drawing.text_layout import ellipsize, font
from warmstart.errors import UserError
from warmstart.files.plain import write_json
from warmstart.interpretation.attribution.captions import IMAGENET, NOT_AT_HAND
from warmstart.interpretation.attribution.galleries import evidence_panel
from warmstart.interpretation.attribution.gradcam import check_finite, gradcam_maps, positive_share
from warmstart.interpretation.attribution.imagenet_classifier import (
    ImagenetClassifier,
    available_weights,
    load_classifier,
)

PANEL_PX, BARS_PX = 192, 250
BAR, TRACK = (0, 114, 178), (232, 232, 238)
TOP_K, N_MAPS = 5, 2
MAX_SIDE_PX = 1024  # far more than any backbone gets


@dataclass(frozen=True)
class Photo:
    """A photo by its name, with its class where it is from a dataset. pixels: uint8 (H, W, 3)."""

    name: str
    pixels: np.ndarray
    label: str | None = None

    def square(self, side: int) -> np.ndarray:
        """The middle square of the photo, uint8 (side, side, 3)."""
        image = ImageOps.fit(Image.fromarray(self.pixels), (side, side), Image.Resampling.BICUBIC)
        return np.asarray(image, dtype=np.uint8)


@dataclass(frozen=True)
class ImagenetPrediction:
    """What a network predicts for a photo.

    pixels: what the network got, uint8 (side, side, 3). top: index, name and probability, the most probable first.
    maps: signed, float32 (2, h, w), for the first two.
    """

    photo: Photo
    pixels: np.ndarray
    top: list[tuple[int, str, float]]
    maps: np.ndarray


def draw_predictions(predictions: Sequence[ImagenetPrediction], title: str, layer: str) -> Image.Image:
    """A row for each prediction, as an RGB image. layer: the name of the maps' layer."""
    width = 2 * MARGIN_PX + 3 * PANEL_PX + BARS_PX + 3 * 2 * GAP_PX
    head = heading(title, IMAGENET.format(layer=layer), width)
    top = head.height + 2
    step = PANEL_PX + SMALL_PX + 8 + MARGIN_PX
    image = Image.new("RGB", (width, top + len(predictions) * step), PAPER)
    image.paste(head, (0, 0))
    draw = ImageDraw.Draw(image)

    def caption(text: str, x: int, y: int) -> None:
        draw.text((x, y + PANEL_PX + 4), ellipsize(text, PANEL_PX, SMALL_PX), font=font(SMALL_PX), fill=MUTED)

    for i, p in enumerate(predictions):
        y = top + i * step
        image.paste(resize_to_fit(p.pixels, PANEL_PX), (MARGIN_PX, y))
        caption(f"{p.photo.label}: {p.photo.name}" if p.photo.label else p.photo.name, MARGIN_PX, y)
        _bars(draw, p.top, MARGIN_PX + PANEL_PX + 2 * GAP_PX, y)
        scale = float(np.abs(p.maps).max())
        for k, signed in enumerate(p.maps):
            x = MARGIN_PX + PANEL_PX + BARS_PX + 4 * GAP_PX + k * (PANEL_PX + 2 * GAP_PX)
            image.paste(evidence_panel(signed, p.pixels, scale, PANEL_PX), (x, y))
            caption(f"for {p.top[k][1]}", x, y)
    return image


def _bars(draw: ImageDraw.ImageDraw, top: Sequence[tuple[int, str, float]], x: int, y: int) -> None:
    step = PANEL_PX // len(top)
    for i, (_, name, p) in enumerate(top):
        line = y + i * step
        draw.text((x, line), ellipsize(name, BARS_PX - 56, TEXT_PX), font=font(TEXT_PX), fill=INK)
        draw.text((x + BARS_PX, line), f"{p:.3f}", font=font(TEXT_PX), fill=INK, anchor="ra")
        draw.rectangle((x, line + TEXT_PX + 6, x + BARS_PX, line + TEXT_PX + 13), fill=TRACK)
        if p * BARS_PX >= 1:
            draw.rectangle((x, line + TEXT_PX + 6, x + round(p * BARS_PX), line + TEXT_PX + 13), fill=BAR)


def read_photo(path: str | Path) -> Photo:
    """Any image file, upright as its EXIF says, at most 1,024 pixels wide and high. Raises UserError if unreadable."""
    return Photo(Path(path).name, preprocessing.read_photo(path, MAX_SIDE_PX))


def dataset_photos(store: ImageStore, count: int, seed: int) -> list[Photo]:
    """Test photos drawn at random, the classes taking turns. The same seed draws the same photos."""
    images, rows = store.images("test"), store.manifest("test")
    order = np.random.default_rng(seed).permutation(len(rows))
    shape = (*images.shape[1:3], 3)
    return [
        Photo(rows[i].path, np.ascontiguousarray(np.broadcast_to(images[i], shape)), rows[i].class_name)
        for i in order[round_robin_order(store.labels("test")[order])][:count]
    ]


def write_imagenet(backbone: str | None, photos: Sequence[Photo], folder: Path) -> dict[str, object] | None:
    """Write top5.png and imagenet.json: the five most probable classes of each photo, with Grad-CAM of the first two.

    Returns what imagenet.json holds; None, and nothing is written, without a backbone. Where the weights with their
    classifier are not on this machine, imagenet.json has the reason as ``not_shown`` and there is no picture.

    backbone: a recipe's ``network.backbone``, or None for one trained from scratch.
    """
    if backbone is None:
        return None
    weights = available_weights(backbone)
    facts: dict[str, object] = {"backbone": backbone, "weights": weights}
    try:
        if weights is None:
            raise UserError(NOT_AT_HAND.format(backbone=backbone))
        classifier = load_classifier(backbone, weights)
    except UserError as error:
        facts["not_shown"] = str(error)
    else:
        predictions = predict_photos(classifier, photos)
        title = f"{backbone}: what it says before any training here"
        save_png(draw_predictions(predictions, title, classifier.layer_name), folder / "top5.png")
        facts |= {"layer": classifier.layer_name, "side": classifier.model.preprocessing.size, "not_shown": None}
        facts["photos"] = [_record(p) for p in predictions]
    write_json(folder / "imagenet.json", facts)
    return facts


def predict_photos(classifier: ImagenetClassifier, photos: Sequence[Photo]) -> list[ImagenetPrediction]:
    """The five most probable classes of each photo, and signed maps of the first two."""
    model, layer = classifier.model, classifier.model.network.get_submodule(classifier.layer_name)
    out = []
    for photo in photos:
        pixels = photo.square(model.preprocessing.size)
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
