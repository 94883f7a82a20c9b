"""Photos of unusual size, proportions or colours."""

from __future__ import annotations

from collections import Counter

import numpy as np

from warmstart.audit.findings import Finding, Item, number, photos
from warmstart.audit.scan import Scan
from warmstart.audit.tell import tell

TINY = 32  # pixels
# A photo whose shorter side is less than this share of the training size is mostly invented pixels.
TINY_SHARE = 0.25
LONG = 3.0  # longer to shorter side
MANY_UPSCALED = 0.25
PLAIN = ("RGB", "L", "")
HOW = {
    "CMYK": "inks of print, converted to red, green and blue",
    "YCCK": "inks of print, converted to red, green and blue",
    "P": "a palette, converted to full colour",
    "PA": "a palette with transparency, laid on white",
    "RGBA": "transparency, laid on white",
    "LA": "grey with transparency, laid on white",
    "1": "black and white without grey",
    "F": "numbers with decimals, brought to 8 bits",
}


def tiny(scan: Scan) -> list[Finding]:
    """Photos with next to nothing in them."""
    return tell(
        scan,
        is_tiny(scan),
        "tiny",
        lambda n: f"{number(n, 'photo is', 'photos are')} tiny",
        f"The shorter side has fewer than {_least(scan):.0f} pixels; enlarged to {scan.record['size']}, such a photo is a blur.",
        "Take a larger copy instead, or delete it: thumbnails often lie beside the photos that they were made of.",
        lambda i: _size(scan, i),
        severity="look",
        order=_shorter(scan),
    )


def upscaled(scan: Scan) -> list[Finding]:
    """Photos smaller than what the networks see."""
    side, size = _shorter(scan), scan.record["size"]
    small = scan.usable & (side < size) & ~is_tiny(scan)
    many = small.sum() > MANY_UPSCALED * max(1, scan.usable.sum())
    return tell(
        scan,
        small,
        "upscaled",
        lambda n: f"{number(n, 'photo is', 'photos are')} smaller than the training size",
        f"Enlarged to {size} pixels, which adds blur and no detail.",
        f"If there are many, choose a smaller training size (--size, now {size}), or find larger copies.",
        lambda i: _size(scan, i),
        severity="look" if many else "fine",
        order=side,
    )


def extreme_aspect(scan: Scan) -> list[Finding]:
    """Strips and panoramas."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = scan.numbers["width"] / scan.numbers["height"]
        ratio = np.fmax(ratio, 1 / ratio)
    what = {"squash": "Squeezed into a square", "crop": "Cropped to a square", "pad": "Padded to a square"}
    return tell(
        scan,
        scan.usable & (ratio > LONG),
        "extreme_aspect",
        lambda n: f"{number(n, 'photo has', 'photos have')} sides that differ by more than {LONG:.0f} : 1",
        f"{what.get(scan.record['fit'], 'Made square')} (data.fit={scan.record['fit']}), a strip loses most of what it shows.",
        "Cut out the part that shows the class, or delete the strip.",
        lambda i: f"{_size(scan, i)}, {ratio[i]:.1f} : 1",
        order=-ratio,
    )


def modes(scan: Scan) -> list[Finding]:
    """Photos that are not plain colour or grey, and grey ones among colour."""
    kinds, known = scan.words["mode"], scan.usable & scan.measured
    odd = known & ~np.isin(kinds, PLAIN) & (scan.words["format"] != "GIF")  # which has no other way
    grey, colour = known & (kinds == "L"), known & (kinds == "RGB")
    if grey.any() and colour.any():
        odd |= grey if grey.sum() <= colour.sum() else colour
    counts = Counter(kinds[odd].tolist())
    listed = "; ".join(f"{n:,} × {_mode(mode)}" for mode, n in counts.most_common())
    every = bool(odd.any()) and not (known & ~odd).any()
    one = every and len(counts) == 1
    return tell(
        scan,
        odd,
        "modes",
        lambda n: (
            f"All photos store colours in {'one way' if one else 'ways'} that has to be converted"
            if every
            else f"{number(n, 'photo stores its', 'photos store their')} colours in another way than the rest"
        ),
        f"Converted: {listed}.",
        "Nothing."
        if one
        else "Look whether this is mostly one class: then the conversion itself gives the class away.",
        lambda i: f"{kinds[i]}: {_mode(str(kinds[i]))}",
        severity="fine",
    )


def corrections(scan: Scan) -> list[Finding]:
    """What a person's corrections changed."""
    told = scan.record["corrections"]
    items = [Item((c["path"],), f"{c['from']} became {c['to']}") for c in told["changed"]]
    items += [Item((path,), "dropped") for path in told["dropped"]]
    if not items:
        return []
    changed, dropped = len(told["changed"]), len(told["dropped"])
    title = f"{photos(changed)} with a corrected label, {dropped:,} dropped"
    meaning = f"This is what {told['file']} says; the photos themselves are as they were."
    return [Finding("corrections", "fine", title, len(items), len(scan), meaning, "Nothing.", items)]


def is_deep(scan: Scan) -> np.ndarray:
    """bool (N,): photos whose files store more than 8 bits a value."""
    modes = scan.words["mode"]
    deep: np.ndarray = np.char.startswith(modes, "I") | np.char.endswith(modes, ";16") | (modes == "F")
    return deep


def is_tiny(scan: Scan) -> np.ndarray:
    """bool (N,): usable photos of so few pixels that nothing can be seen."""
    tiny: np.ndarray = scan.usable & (_shorter(scan) < _least(scan))
    return tiny


def _least(scan: Scan) -> float:
    size: int = scan.record["size"]
    return max(TINY, TINY_SHARE * size)


def _shorter(scan: Scan) -> np.ndarray:
    """float64 (N,): pixels of the shorter side; NaN where unknown."""
    side: np.ndarray = np.minimum(scan.numbers["width"], scan.numbers["height"])
    return side


def _size(scan: Scan, row: int) -> str:
    return f"{scan.numbers['width'][row]:.0f} × {scan.numbers['height'][row]:.0f}"


def _mode(mode: str) -> str:
    if mode.startswith("I") or mode.endswith(";16"):
        return "16 bits a value, brought to 8"
    return HOW.get(mode, {"L": "grey among colour", "RGB": "colour among grey"}.get(mode, f"{mode}, converted"))
