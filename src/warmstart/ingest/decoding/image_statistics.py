"""What is measured of every photo while it is decoded."""

from __future__ import annotations

import hashlib

import numpy as np
from PIL import Image

from warmstart.dataset.preprocessing import MIN_DECODED_SIDE_PX

HASH_SIDE = 32  # the DCT of a perceptual hash is of so many pixels a side
# A row a photo, some 110 bytes, so that a million of them fit into memory.
IMAGE_STATISTICS = np.dtype(
    [
        ("sha256", "V32"),  # of the file, as bytes
        ("bytes", "u8"),
        ("width", "u4"),  # pixels, upright as its EXIF says
        ("height", "u4"),
        ("format", "S8"),  # the decoder's name for it: JPEG, PNG …
        ("mode", "S8"),  # RGB, L, CMYK, P, I;16 …
        ("frames", "u4"),  # more than 1: animated, the first is taken
        ("brightness", "f4"),  # mean of the grey values, 0 to 1
        ("contrast", "f4"),  # their standard deviation, 0 to 0.5
        ("saturation", "f4"),  # mean of HSV's S in the large, 0 to 1; 0 for grey
        ("sharpness", "f4"),  # log10 of the variance of the Laplacian at a common size; low: blurred
        ("red", "f4"),  # means of the channels, 0 to 1
        ("green", "f4"),
        ("blue", "f4"),
        ("hash", "u8"),  # perceptual hash, 64 bits
        ("mirror", "u8"),  # of the mirrored photo
    ]
)
# The longer side, in pixels, at which photos are compared. Smaller ones stay: enlarged, they would seem blurred.
COMMON_SIDE = MIN_DECODED_SIDE_PX
FLAT = 0.01  # the variance that stands for none: a sharpness of -2


def measure(image: Image.Image, *, hashes: bool = True) -> np.ndarray:
    """Measure a decoded image, ``RGB`` or ``L``: a 0-d array of ``IMAGE_STATISTICS``, without what the file says.

    Everything is of the photo reduced to ``COMMON_SIDE``, so that it hardly depends on how large the file is. Sharpness
    is the variance of the Laplacian of grey values 0 to 255 (J. L. Pech-Pacheco and others, "Diatom autofocusing in
    brightfield microscopy", 2000) as log10: some 3 for a sharp photo, a unit less for one blurred by 0.5 % of its
    width, -2 for one colour. hashes: whether ``hash`` and ``mirror`` are wanted, which take half of the time.
    """
    statistics = np.zeros((), dtype=IMAGE_STATISTICS)
    longest = max(image.size)
    small = image.reduce(max(1, longest // COMMON_SIDE))
    grey = small.convert("L")
    if longest > COMMON_SIDE:
        scale = COMMON_SIDE / longest
        reduced = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        grey = grey.resize(reduced, Image.Resampling.BOX)
    values = np.asarray(grey, dtype=np.float32)
    brightness = _mean(values)
    values -= brightness
    statistics["brightness"], statistics["contrast"] = brightness / 255, np.sqrt(_mean_square(values)) / 255
    statistics["sharpness"] = np.log10(max(laplacian_variance(values), FLAT))
    tiny = small.resize((HASH_SIDE, HASH_SIDE), Image.Resampling.BOX)  # colours and shapes in the large
    if image.mode == "RGB":
        planes = np.asarray(tiny, dtype=np.float32).reshape(-1, 3).T.copy()
        statistics["red"], statistics["green"], statistics["blue"] = (_mean(plane) / 255 for plane in planes)
        largest = planes.max(axis=0)
        statistics["saturation"] = _mean((largest - planes.min(axis=0)) / np.maximum(largest, 1))
    else:
        statistics["red"] = statistics["green"] = statistics["blue"] = statistics["brightness"]
    if hashes:
        pixels = np.asarray(tiny.convert("L"))
        statistics["hash"], statistics["mirror"] = perceptual_hash(pixels), perceptual_hash(pixels[:, ::-1])
    return statistics


def measure_array(pixels: np.ndarray) -> np.ndarray:
    """Measure an image that comes from no file, uint8 (H, W) or (H, W, 3), without format, mode and hashes."""
    statistics = measure(Image.fromarray(pixels), hashes=False)
    statistics["sha256"] = np.void(hashlib.sha256(pixels.tobytes()).digest())
    statistics["bytes"] = pixels.nbytes
    statistics["height"], statistics["width"] = pixels.shape[:2]
    statistics["frames"] = 1
    return statistics


def perceptual_hash(grey: np.ndarray) -> int:
    """The DCT hash of a grey image, uint8 (H, W) of any size and proportions: 64 bits, 0 to 2⁶⁴ - 1.

    The image is squashed to 32 × 32; a bit says whether one of its 8 × 8 lowest frequencies is above their median, the
    lowest frequency first. Changed copies differ in a few bits, unrelated photos in 32 on average. ImageHash's
    ``phash`` (https://github.com/JohannesBuchner/imagehash), after N. Krawetz, "Looks Like It", 2011.
    """
    import imagehash  # it imports SciPy's transforms: a third of a second, in the process that hashes only

    bits = imagehash.phash(Image.fromarray(np.ascontiguousarray(grey))).hash
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def laplacian_variance(grey: np.ndarray) -> float:
    """The variance of the Laplacian (4 and -1 at four neighbours) of float (H, W); 0 where a side is less than 3."""
    if min(grey.shape) < 3:
        return 0.0
    edges = 4 * grey[1:-1, 1:-1]
    for neighbour in (grey[:-2, 1:-1], grey[2:, 1:-1], grey[1:-1, :-2], grey[1:-1, 2:]):
        edges -= neighbour
    return _mean_square(edges) - _mean(edges) ** 2


# NumPy's own mean and std take longer than all the rest on so few values.
def _mean(values: np.ndarray) -> float:
    return float(values.reshape(-1) @ np.ones(values.size, dtype=values.dtype)) / values.size


def _mean_square(values: np.ndarray) -> float:
    flat = values.reshape(-1)
    return float(flat @ flat) / flat.size
