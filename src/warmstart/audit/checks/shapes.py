"""Photos of unusual size, proportions or colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from warmstart.audit.findings import Finding, find_photos, item
from warmstart.audit.messages import message
from warmstart.audit.scan import Scan

MIN_SIDE_PX = 32
# A photo whose shorter side is less than this share of the training size is mostly invented pixels.
MIN_SIDE_SHARE = 0.25
MAX_ASPECT = 3.0  # longer to shorter side
MANY_UPSCALED_SHARE = 0.25
PLAIN_MODES = ("RGB", "L", "")
MADE_SQUARE = {"squash": "Squeezed into a square", "crop": "Cropped to a square", "pad": "Padded to a square"}
CONVERSIONS = {
    "CMYK": "inks of print, converted to red, green and blue",
    "YCCK": "inks of print, converted to red, green and blue",
    "P": "a palette, converted to full colour",
    "PA": "a palette with transparency, laid on white",
    "RGBA": "transparency, laid on white",
    "LA": "grey with transparency, laid on white",
    "1": "black and white without grey",
    "F": "numbers with decimals, brought to 8 bits",
    "L": "grey among colour",
    "RGB": "colour among grey",
}


def tiny(scan: Scan) -> Iterator[Finding]:
    """Photos with next to nothing in them."""
    return find_photos(
        scan,
        is_tiny(scan),
        kind="tiny",
        note=lambda row: _size(scan, row),
        severity="look",
        order=_shorter_side(scan),
        limit=_min_side(scan),
        size=scan.record.size,
    )


def upscaled(scan: Scan) -> Iterator[Finding]:
    """Photos smaller than what the networks see."""
    side, size = _shorter_side(scan), scan.record.size
    small = scan.usable & (side < size) & ~is_tiny(scan)
    many = small.sum() > MANY_UPSCALED_SHARE * max(1, scan.usable.sum())
    return find_photos(
        scan,
        small,
        kind="upscaled",
        note=lambda row: _size(scan, row),
        severity="look" if many else "fine",
        order=side,
        size=size,
    )


def extreme_aspect(scan: Scan) -> Iterator[Finding]:
    """Strips and panoramas."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = scan.numbers["width"] / scan.numbers["height"]
        ratio = np.fmax(ratio, 1 / ratio)
    return find_photos(
        scan,
        scan.usable & (ratio > MAX_ASPECT),
        kind="extreme_aspect",
        note=lambda row: f"{_size(scan, row)}, {ratio[row]:.1f} : 1",
        order=-ratio,
        limit=MAX_ASPECT,
        made_square=MADE_SQUARE.get(scan.record.fit, "Made square"),
        fit=scan.record.fit,
    )


def modes(scan: Scan) -> Iterator[Finding]:
    """Photos that are neither plain colour nor plain grey, and grey ones among colour."""
    kinds, known = scan.words["mode"], scan.usable & scan.measured
    odd = known & ~np.isin(kinds, PLAIN_MODES) & (scan.words["format"] != "GIF")  # a GIF has only a palette
    grey, colour = known & (kinds == "L"), known & (kinds == "RGB")
    if grey.any() and colour.any():
        odd |= grey if grey.sum() <= colour.sum() else colour
    counts = Counter(kinds[odd].tolist())
    variant = "" if (known & ~odd).any() else "/all_one" if len(counts) == 1 else "/all"
    return find_photos(
        scan,
        odd,
        kind="modes",
        variant=variant,
        note=lambda row: f"{kinds[row]}: {_conversion(str(kinds[row]))}",
        severity="fine",
        listed="; ".join(f"{n:,} × {_conversion(mode)}" for mode, n in counts.most_common()),
    )


def corrections(scan: Scan) -> Iterator[Finding]:
    """What a person's corrections changed."""
    applied = scan.record.corrections
    items = [item(change.path, note=f"{change.before} became {change.after}") for change in applied.changed]
    items += [item(path, note="dropped") for path in applied.dropped]
    if n := len(items):
        changed, dropped = len(applied.changed), len(applied.dropped)
        sentences = message("corrections", changed, dropped=dropped, file=str(applied.file))
        yield Finding(kind="corrections", severity="fine", count=n, of=len(scan), message=sentences, items=items)


def is_deep(scan: Scan) -> np.ndarray:
    """bool (N,): photos whose files store more than 8 bits a value."""
    modes = scan.words["mode"]
    return np.asarray(np.char.startswith(modes, "I") | np.char.endswith(modes, ";16") | (modes == "F"))


def is_tiny(scan: Scan) -> np.ndarray:
    """bool (N,): usable photos of so few pixels that nothing can be seen."""
    return np.asarray(scan.usable & (_shorter_side(scan) < _min_side(scan)))


def _min_side(scan: Scan) -> float:
    return max(MIN_SIDE_PX, MIN_SIDE_SHARE * scan.record.size)


def _shorter_side(scan: Scan) -> np.ndarray:
    """float64 (N,), in pixels; NaN where unknown."""
    return np.asarray(np.minimum(scan.numbers["width"], scan.numbers["height"]))


def _size(scan: Scan, row: int) -> str:
    return f"{scan.numbers['width'][row]:.0f} × {scan.numbers['height'][row]:.0f}"


def _conversion(mode: str) -> str:
    if mode.startswith("I") or mode.endswith(";16"):
        return "16 bits a value, brought to 8"
    return CONVERSIONS.get(mode, f"{mode}, converted")
