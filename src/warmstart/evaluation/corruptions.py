"""Photos as bad cameras, bad light and bad copies make them: four corruptions of prepared images, in three severities.

Kinds and amounts are those of D. Hendrycks and T. Dietterich, "Benchmarking neural network robustness to common
corruptions and perturbations", ICLR 2019 (ImageNet-C, 224 px). The width of the blur is scaled to the images' side; the
other amounts are of a pixel or of a block of eight.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

SEVERITIES = (1, 3, 5)  # of the paper's five; 0 is the image as it is
SOURCE_SIDE = 224  # pixels


@dataclass(frozen=True)
class Corruption:
    """amounts: by severity, in the order of ``SEVERITIES``. what: the amount in words. function: of uint8 images (N, H,
    W, C), an amount and random numbers.
    """

    title: str
    what: str
    amounts: tuple[float, float, float]
    function: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


def corrupt(images: np.ndarray, kind: str, severity: int, seed: int = 0) -> np.ndarray:
    """The images corrupted, uint8 (N, H, W, C) with 1 or 3 channels. kind: key of ``CORRUPTIONS``. severity: 0 or one
    of ``SEVERITIES``.

    The same images, kind and seed meet the same random numbers at every severity.
    """
    if not severity:
        return images
    corruption = CORRUPTIONS[kind]
    rng = np.random.default_rng([seed, list(CORRUPTIONS).index(kind)])
    return corruption.function(images, corruption.amounts[SEVERITIES.index(severity)], rng)


def _noise(images: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    noisy = rng.standard_normal(images.shape, dtype=np.float32)
    noisy *= 255 * deviation
    noisy += images
    return _to_bytes(noisy)


def _blur(images: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    kernel = ImageFilter.GaussianBlur(deviation * images.shape[1] / SOURCE_SIDE)
    return _each(images, lambda picture: picture.filter(kernel))


def _jpeg(images: np.ndarray, quality: float, rng: np.random.Generator) -> np.ndarray:
    def copied(picture: Image.Image) -> Image.Image:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=int(quality))
        return Image.open(stream)

    return _each(images, copied)


def _brightness(images: np.ndarray, more: float, rng: np.random.Generator) -> np.ndarray:
    """Raise the value of hue, saturation and value, which scales the channels of a pixel alike; black turns grey."""
    value = images.max(axis=3, keepdims=True).astype(np.float32)
    raised = np.minimum(value + 255 * more, 255)
    scaled = np.where(value > 0, images * (raised / np.maximum(value, 1)), raised)
    return _to_bytes(scaled)


def _to_bytes(values: np.ndarray) -> np.ndarray:
    rounded: np.ndarray = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded


def _each(images: np.ndarray, change: Callable[[Image.Image], Image.Image]) -> np.ndarray:
    grey = images.shape[3] == 1
    changed = [np.asarray(change(Image.fromarray(image[..., 0] if grey else image))) for image in images]
    return np.stack(changed).reshape(images.shape)


CORRUPTIONS: dict[str, Corruption] = {
    "gaussian_noise": Corruption("Gaussian noise", "standard deviation, white being 1", (0.08, 0.18, 0.38), _noise),
    "gaussian_blur": Corruption("Gaussian blur", "standard deviation in pixels of 224", (1, 3, 6), _blur),
    "jpeg": Corruption("JPEG", "quality", (25, 15, 7), _jpeg),
    "brightness": Corruption("brightness", "added to the value, white being 1", (0.1, 0.3, 0.5), _brightness),
}
