"""Text in pictures drawn with Pillow."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

from warmstart.text.printable import printable

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def font(size: int) -> Font:
    """A font of ``size`` pixels: the DejaVu Sans that comes with matplotlib, else Pillow's own.

    Pillow's own has no accents and no Greek or Cyrillic letters. The file is found without importing matplotlib.
    """
    spec = find_spec("matplotlib")
    if spec and spec.origin:
        path = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if path.exists():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)


def ellipsize(text: str, width: int, size: int) -> str:
    """``text`` on one line, cut with an ellipsis where it would be wider than ``width`` pixels."""
    text = printable(" ".join(text.split())[: 4 * width])  # more would never fit, and measuring takes time
    if font(size).getlength(text) <= width:
        return text
    while text and font(size).getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wrap(text: str, width: int, size: int) -> list[str]:
    """``text`` in lines no wider than ``width`` pixels, broken between words."""
    lines: list[str] = []
    for word in printable(" ".join(text.split())).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font(size).getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(ellipsize(word, width, size))
    return lines
