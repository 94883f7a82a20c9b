"""Opening the bytes of an image file, whatever they are: its pixels, upright, or a reason in plain words."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image, ImageFile

from warmstart.decoding.colours import converted, stored_mode
from warmstart.decoding.reasons import TOO_LARGE, is_heif, reason_for

MAX_PIXELS = 100_000_000  # that are decoded: 0.4 GB
# A JPEG decodes at an eighth of its width and height, so it may be larger. A progressive one keeps 6 bytes a pixel
# until it is through.
MAX_JPEG, MAX_PROGRESSIVE = 1_000_000_000, 250_000_000
# Photographs and what else people keep them in. Pillow knows forty more formats, some of which start other programs.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "AVIF", "TIFF", "JPEG2000")
JPEGS = ("JPEG", "MPO")
MOVING = ("PNG", "WEBP", "AVIF", "GIF", "TIFF")  # a JPEG's further pictures are previews and depth maps
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112  # EXIF
_OTHERS_BOUND = Image.MAX_IMAGE_PIXELS

# A truncated photo must be reported, not completed with grey.
ImageFile.LOAD_TRUNCATED_IMAGES = False
# Odd metadata are no reason to worry whoever prepares 25,000 photos.
warnings.filterwarnings("ignore", module=r"PIL\.")


class Header(NamedTuple):
    """What a file says of itself. width, height: pixels, upright as its EXIF says. format, mode: Pillow's names.
    frames: 1 or more.
    """

    width: int
    height: int
    format: str
    mode: str
    frames: int


class UnreadableImage(Exception):
    """The bytes are not an image that can be decoded; the message says why. header: what could be read of it before."""

    def __init__(self, reason: str, header: Header | None = None) -> None:
        super().__init__(reason)
        self.header = header


def load_image(data: bytes, mode: str, enough: Callable[[int, int], tuple[int, int]]) -> tuple[Image.Image, Header]:
    """Decode the bytes of an image file; of several frames the first.

    mode: RGB or L. enough: from width and height to the smallest that will do, since a JPEG decodes at 1/2, 1/4 or 1/8
    of its size at a fraction of the cost. Returns the image, upright, in ``mode`` and at least so large as asked for
    (or whole), and its header. Raises UnreadableImage for anything that cannot be decoded whole, and, before a pixel is
    decoded, for more than ``MAX_PIXELS``; a JPEG of more is decoded at 1/8, up to ``MAX_JPEG`` pixels,
    ``MAX_PROGRESSIVE`` where it is progressive.
    """
    if not data:
        raise UnreadableImage("empty file")
    header = None
    try:
        image = _open(data)
        width, height = image.size
        header = Header(width, height, image.format or "", stored_mode(image, data), 1)
        _check_size(image, header)
        # A PNG may say so after its pixels; Pillow turns TIFF itself.
        turn = None if image.format in ("PNG", "TIFF") else _turn(image)
        if turn in (5, 6, 7, 8):
            header = header._replace(width=height, height=width)
        header = header._replace(frames=_frames(image))
        if image.format in JPEGS:
            image.draft(None, (width // 8, height // 8) if width * height > MAX_PIXELS else enough(width, height))
            if image.width * image.height > MAX_PIXELS:  # some odd JPEG that decodes whole or not at all
                raise UnreadableImage(f"{TOO_LARGE}: {width} × {height} pixels: scale it down", header)
        image.load()
        if image.format == "PNG" and (turn := _turn(image)) in (5, 6, 7, 8):
            header = header._replace(width=height, height=width)
        upright = image.transpose(TURNS[turn]) if turn in TURNS else image
        return converted(upright, mode), header
    except UnreadableImage:
        raise
    except Exception as error:  # decoders of damaged files raise anything
        raise UnreadableImage(reason_for(data, error), header) from None


def _check_size(image: Image.Image, header: Header) -> None:
    """Raise UnreadableImage for an image that takes too much memory to decode."""
    jpeg = image.format in JPEGS
    most = MAX_PIXELS if not jpeg else MAX_PROGRESSIVE if image.info.get("progressive") else MAX_JPEG
    if header.width * header.height > most:
        remedy = (
            "scale it down" if jpeg else "scale it down, or save it as JPEG, which is decoded at an eighth of its size"
        )
        kind = "progressive JPEG" if most == MAX_PROGRESSIVE else "JPEG" if jpeg else header.format
        raise UnreadableImage(
            f"{TOO_LARGE}: {header.width} × {header.height} pixels are more than {most // 10**6:,} megapixels, the "
            f"most for {kind}: {remedy}",
            header,
        )


def _open(data: bytes) -> Image.Image:
    formats = ("HEIF",) if is_heif(data) and _register_heif() else FORMATS
    # Pillow's own bound would name no width and height; ours follows before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    try:
        return Image.open(io.BytesIO(data), formats=formats)
    finally:
        Image.MAX_IMAGE_PIXELS = _OTHERS_BOUND


def _register_heif() -> bool:
    """Let Pillow open HEIC where the optional decoder is installed, and say whether it is."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _turn(image: Image.Image) -> int | None:
    """EXIF's orientation, 1 to 8; None where nothing, or nothing that can be read, is said."""
    try:
        return image.getexif().get(ORIENTATION)
    except Exception:  # damaged metadata leave a photo as it is
        return None


def _frames(image: Image.Image) -> int:
    if image.format not in MOVING:
        return 1
    try:
        return max(1, int(getattr(image, "n_frames", 1)))
    except Exception:  # damage in a later frame leaves the first as it is
        return 1
