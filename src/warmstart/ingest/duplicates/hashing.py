"""Perceptual hashes: 64 bits that change little where a photo changes little."""

from __future__ import annotations

import numpy as np
from PIL import Image

HASH_SIDE = 32  # the DCT is of so many pixels a side: an image of this size is hashed as it is


def perceptual_hash(grey: np.ndarray) -> int:
    """The DCT hash of a grey image, uint8 (H, W) of any size and proportions: 64 bits, 0 to 2⁶⁴ - 1.

    The image is squashed to 32 × 32; a bit says whether one of its 8 × 8 lowest frequencies is above their median, the
    lowest frequency first. Recompressed, resized and brightened copies differ in a few bits, unrelated photos in 32 on
    average. ImageHash's ``phash`` (https://github.com/JohannesBuchner/imagehash), after N. Krawetz, "Looks Like It",
    2011.
    """
    import imagehash  # it imports SciPy's transforms: a third of a second, in the process that hashes only

    bits = imagehash.phash(Image.fromarray(np.ascontiguousarray(grey))).hash
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def hamming(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The number of bits in which hashes differ: uint64 arrays of shapes that broadcast → uint8, 0 to 64."""
    distances: np.ndarray = np.bitwise_count(np.bitwise_xor(a, b))
    return distances
