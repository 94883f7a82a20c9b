"""Masks of where the class is to be seen, brought to the size of the prepared photos, in the same way as these."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.dataset.row_array import RowWriter
from warmstart.errors import UserError
from warmstart.runtime.progress import progress

PET, BACKGROUND, BORDER = 1, 2, 3
NEAREST = Image.Resampling.NEAREST  # a mask has no shades


def write_masks(
    folder: Path, paths: Sequence[str], mask: Callable[[str], bytes] | None, preprocessing: Preprocessing
) -> None:
    """Write ``masks_test.npy``, uint8 (N, size, size), 1 where the pet or its border is and 0 elsewhere, a mask per
    test image.

    paths: of the test images, in their order. mask: of a photo's path, the bytes of its trimap; None where the source
    has none: then nothing is written. Raises UserError where a trimap cannot be read.
    """
    if mask is None:
        return
    with RowWriter(folder / "masks_test.npy", (preprocessing.size, preprocessing.size)) as out:
        for path in progress(paths, "reading masks", total=len(paths)):
            try:
                out.append(_fitted(_evidence(mask(path)), preprocessing)[None])
            except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
                raise UserError(f"the trimap of {path} cannot be read ({error}): fetch the annotations again") from None


def _evidence(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        trimap = np.asarray(image)
    if trimap.ndim != 2 or not np.isin(trimap, (PET, BACKGROUND, BORDER)).all():
        raise ValueError(f"it holds other values than {PET}, {BACKGROUND} and {BORDER}")
    return Image.fromarray((trimap != BACKGROUND).astype(np.uint8))


def _fitted(mask: Image.Image, preprocessing: Preprocessing) -> np.ndarray:
    """uint8 (size, size): the geometry of ``Preprocessing.resized``, with the nearest pixel for each."""
    square = (preprocessing.size, preprocessing.size)
    if preprocessing.fit == "crop":
        return np.asarray(ImageOps.fit(mask, square, NEAREST))
    if preprocessing.fit == "pad":
        return np.asarray(ImageOps.pad(mask, square, NEAREST, color=0))
    return np.asarray(mask.resize(square, NEAREST))
