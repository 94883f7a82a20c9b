"""Files that are no photos, or not whole ones."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

import numpy as np

from warmstart.audit.findings import Finding, Item, graded, names, number
from warmstart.audit.scan import Scan
from warmstart.audit.tell import tell
from warmstart.decoding.reasons import NO_MEMORY, TOO_LARGE

NEED_DECODER = (".heic", ".heif", ".hif", ".avif", ".jxl")
# What decoders say of a file that ends too early.
CUT = ("truncated", "premature", "unexpected end", "incomplete", "image file is broken")
# A file whose content is of the one kind and whose name says the other.
SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jfif", ".jpe"),
    "MPO": (".jpg", ".jpeg", ".mpo"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
}
MOVING = ("GIF", "PNG", "WEBP", "TIFF", "AVIF")  # an MPO's second frame is no animation
TOO_MANY = 0.2  # of all photos: the folder is damaged, or not what it seems


def unreadable(scan: Scan) -> list[Finding]:
    """Photos that cannot be decoded, by why."""
    kinds: dict[str, list[Item]] = {
        "no_decoder": [],
        "truncated": [],
        "not_images": [],
        "too_large": [],
        "unreadable": [],
    }
    for index in np.flatnonzero(~scan.usable & ~scan.measured).tolist():
        if reason := scan.reasons.get(index, ""):
            kinds[_kind(scan.paths[index], reason)].append(Item((scan.paths[index],), reason))
    untried = [item for item in scan.record["skipped"] if _needs_decoder(item["path"], item["reason"])]
    kinds["no_decoder"] += [Item((item["path"],), item["reason"]) for item in untried]
    of = len(scan) + len(untried)
    said = {
        "no_decoder": (
            ("is in a format that nothing here can decode", "are in formats that nothing here can decode"),
            "Left out, for want of a decoder.",
            "Do what is said of each file below, or save it as JPEG.",
        ),
        "truncated": (
            ("is cut off before its end", "are cut off before their end"),
            "Left out. This comes of a download or a copy that was broken off.",
            "Fetch what is cut off again from where it came, or delete it.",
        ),
        "not_images": (
            ("is not an image despite its name", "are not images despite their names"),
            "Left out: something else was saved under the name of an image.",
            "The reason given with each file says what it is: fetch the image again, or delete the file.",
        ),
        "too_large": (
            ("is too large to decode", "are too large to decode"),
            "Left out: decoding would take too much memory.",
            "Scale each down to some thousand pixels a side, or save it as JPEG, which is decoded at an eighth of its size.",
        ),
        "unreadable": (
            ("cannot be read", "cannot be read"),
            "Left out, for the reason given with each file.",
            "Fetch what cannot be read again from where it came, or delete it.",
        ),
    }
    found = []
    for key, items in kinds.items():
        (one, many), meaning, remedy = said[key]
        if items:
            title = number(len(items), f"file {one}", f"files {many}")
            found.append(
                Finding(
                    key, graded(len(items), of, look=0, stop=TOO_MANY), title, len(items), of, meaning, remedy, items
                )
            )
    return found


def skipped(scan: Scan) -> list[Finding]:
    """Files beside the photos that were not even tried."""
    foreign = [item for item in scan.record["skipped"] if not _needs_decoder(item["path"], item["reason"])]
    if not foreign:
        return []
    endings = Counter(PurePosixPath(item["path"]).suffix.lower() or "without ending" for item in foreign)
    title = f"{number(len(foreign), 'other file lies', 'other files lie')} among the photos"
    meaning = (
        f"Not taken for photos ({names(f'{n} {ending}' for ending, n in endings.most_common())}), and without effect."
    )
    remedy = "Nothing, unless a photo of yours is in this list."
    items = [Item((item["path"],), item["reason"]) for item in foreign]
    return [Finding("skipped", "fine", title, len(items), len(scan) + len(foreign), meaning, remedy, items)]


def understood(scan: Scan) -> list[Finding]:
    """How the folders or names of the source were read, where that may surprise."""
    notes = scan.record.get("notes", [])
    if not notes:
        return []
    title = f"How the photos' folders were read: {'; '.join(notes)}"
    meaning = "Concluded from the names and the shape of the folders."
    remedy = "Nothing, if that is meant; else rename the folders, or add --set data.layout=classes where the folders at the top are the classes."
    return [Finding("understood", "fine", title, len(scan), len(scan), meaning, remedy)]


def animated(scan: Scan) -> list[Finding]:
    """Files with several frames."""
    moving = scan.usable & (scan.numbers["frames"] > 1) & np.isin(scan.words["format"], MOVING)
    return tell(
        scan,
        moving,
        "animated",
        lambda n: f"{number(n, 'file has', 'files have')} more than one frame",
        "The first frame is taken. Of an animation that fades in, the first frame is empty.",
        "Look at each first frame; replace what does not show its class.",
        lambda i: f"{scan.numbers['frames'][i]:.0f} frames",
    )


def wrong_suffix(scan: Scan) -> list[Finding]:
    """Files whose content is of another format than their name says."""
    ending = np.array([PurePosixPath(path).suffix.lower() for path in scan.paths], dtype=np.str_)
    wrong = np.zeros(len(scan), dtype=bool)
    for name, endings in SUFFIXES.items():
        wrong |= (scan.words["format"] == name) & ~np.isin(ending, endings)
    return tell(
        scan,
        wrong & scan.usable,
        "wrong_suffix",
        lambda n: f"{number(n, 'file is', 'files are')} of another format than the name says",
        "Decoded by the content, so nothing is lost here. Other programs may refuse such a file.",
        "Nothing; give the right ending to what you pass on.",
        lambda i: f"is {scan.words['format'][i]}",
        severity="fine",
    )


def _kind(path: str, reason: str) -> str:
    if reason.startswith((TOO_LARGE, NO_MEMORY)):
        return "too_large"
    if any(word in reason.lower() for word in CUT):
        return "truncated"
    if reason != "empty file" and _needs_decoder(path, reason):
        return "no_decoder"
    return "not_images" if "not an image" in reason else "unreadable"


def _needs_decoder(path: str, reason: str) -> bool:
    words = reason.lower().replace(",", " ").split()
    return PurePosixPath(path).suffix.lower() in NEED_DECODER or any(ending[1:] in words for ending in NEED_DECODER)
