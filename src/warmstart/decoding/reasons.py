"""Why a file is no image that can be decoded, in plain words."""

from __future__ import annotations

import sys

from PIL import UnidentifiedImageError, features

NO_MEMORY = "does not fit into memory"
TOO_LARGE = "too large to decode"
NEEDS = "{name}, for which a decoder is missing here: {remedy}"
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
AVIF_BRANDS = (b"avif", b"avis")
# How files of other kinds begin that are found under the name of an image, such as the error page of a web site.
FOREIGN = {
    b"%PDF": "a PDF document",
    b"%!PS": "a PostScript document",
    b"8BPS": "a Photoshop document",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"<svg": "an SVG drawing",
    b"<?xml": "an XML document",
}
FOREIGN_LOWER = {beginning.lower(): name for beginning, name in FOREIGN.items()}
BEGINNINGS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"BM": "BMP",
}


def is_heif(data: bytes) -> bool:
    """Whether the bytes begin as those of a HEIC or HEIF file do."""
    return data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS


def reason_for(data: bytes, error: Exception) -> str:
    """Say what is wrong with ``data``, the bytes of a file, which the decoder answered with ``error``."""
    said = str(error)
    if isinstance(error, UnidentifiedImageError):
        return _unidentified(data)
    if isinstance(error, MemoryError):
        return NO_MEMORY
    if isinstance(error, EOFError) or "truncated" in said.lower():
        return "truncated: the file ends before the image does"
    kind = _begins(data, BEGINNINGS)
    # What the decoder says helps whoever repairs the file, unless it speaks of Python.
    of_python = isinstance(error, (AttributeError, KeyError, TypeError, NameError)) or any(c in said for c in "<>{}'\"")
    plain = said and not of_python
    return f"damaged{f' {kind}' if kind else ''}{f' ({said})' if plain else ''}"


def _unidentified(data: bytes) -> str:
    if is_heif(data):
        if sys.modules.get("pillow_heif"):
            return "damaged HEIC"
        return NEEDS.format(name="HEIC", remedy="pip install pillow-heif, or save it as JPEG")
    if data[4:8] == b"ftyp" and data[8:12] in AVIF_BRANDS and not features.check("avif"):
        return NEEDS.format(name="AVIF", remedy="pip install --upgrade pillow, or save it as JPEG")
    if data[4:12] == b"JXL \r\n\x87\n" or data[:2] == b"\xff\x0a":
        return NEEDS.format(name="JXL", remedy="save it as JPEG or PNG")
    if data[4:8] == b"ftyp" and data[8:12] not in AVIF_BRANDS:
        return "not an image: a video"
    if kind := _begins(data, BEGINNINGS):
        return f"damaged {kind}: nothing after its first bytes makes sense"
    if kind := _begins(data[:256].removeprefix(b"\xef\xbb\xbf").lstrip().lower(), FOREIGN_LOWER):
        return f"not an image: {kind}"
    if not any(data):
        return "not an image: nothing but zeros"
    return "not an image: text" if _is_text(data[:256]) else "not an image"


def _begins(data: bytes, names: dict[bytes, str]) -> str | None:
    return next((name for beginning, name in names.items() if data.startswith(beginning)), None)


def _is_text(data: bytes) -> bool:
    return all(byte >= 32 or byte in b"\t\r\n" for byte in data) and data.isascii()
