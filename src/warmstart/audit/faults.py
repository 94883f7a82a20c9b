"""Files that are no photos, or not whole ones."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

import numpy as np

from warmstart.audit.findings import Finding, Item, graded, names, number
from warmstart.audit.scan import Scan
from warmstart.audit.tell import tell

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
    kinds: dict[str, list[Item]] = {"no_decoder": [], "truncated": [], "not_images": [], "unreadable": []}
    for index in np.flatnonzero(~scan.usable & ~scan.measured).tolist():
        if reason := scan.reasons.get(index, ""):
            kinds[_kind(scan.paths[index], reason)].append(Item((scan.paths[index],), reason))
    untried = [item for item in scan.record["skipped"] if _needs_decoder(item["path"], item["reason"])]
    kinds["no_decoder"] += [Item((item["path"],), item["reason"]) for item in untried]
    of = len(scan) + len(untried)
    said = {
        "no_decoder": (
            ("is in a format that nothing here can decode", "are in formats that nothing here can decode"),
            "They are left out, every one of them.",
            "Do what the reasons below say, or save them as JPEG; then prepare again.",
        ),
        "truncated": (
            ("is cut off before its end", "are cut off before their end"),
            "They are left out. Files are cut off by a download or a copy that was broken off.",
            "Fetch them again from where they came, or delete them.",
        ),
        "not_images": (
            ("is no picture, whatever its name says", "are no pictures, whatever their names say"),
            "They are left out: something else was saved under the name of a picture.",
            "Open one in a text editor to see what it is; then fetch the picture again, or delete the file.",
        ),
        "unreadable": (
            ("cannot be read", "cannot be read"),
            "They are left out, for the reasons given below.",
            "Fetch them again from where they came, or delete them.",
        ),
    }
    found = []
    for key, items in kinds.items():
        (one, many), meaning, remedy = said[key]
        if items:
            title = number(len(items), f"file {one}", f"files {many}")
            found.append(Finding(key, graded(len(items), of, look=0, stop=TOO_MANY), title, len(items), of, meaning, remedy, items))
    return found


def skipped(scan: Scan) -> list[Finding]:
    """Files beside the photos that were not even tried."""
    foreign = [item for item in scan.record["skipped"] if not _needs_decoder(item["path"], item["reason"])]
    if not foreign:
        return []
    endings = Counter(PurePosixPath(item["path"]).suffix.lower() or "without ending" for item in foreign)
    title = f"{number(len(foreign), 'other file lies', 'other files lie')} among the photos"
    meaning = f"They were not taken for photos ({names(f'{n} {ending}' for ending, n in endings.most_common())}) and change nothing."
    remedy = "Nothing has to be done, unless a photo of yours is in this list."
    items = [Item((item["path"],), item["reason"]) for item in foreign]
    return [Finding("skipped", "fine", title, len(items), len(scan) + len(foreign), meaning, remedy, items)]


def animated(scan: Scan) -> list[Finding]:
    """Files with several frames."""
    moving = scan.usable & (scan.numbers["frames"] > 1) & np.isin(scan.words["format"], MOVING)
    return tell(
        scan,
        moving,
        "animated",
        lambda n: f"{number(n, 'file has', 'files have')} more than one frame",
        "The first frame of each is taken. Of an animation that fades in, the first frame is empty.",
        "Look at the first frames below; replace those that do not show their class.",
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
        "They are decoded by what they are, so nothing is lost here. Other programs may refuse them.",
        "Nothing has to be done; rename them if you pass them on.",
        lambda i: f"is {scan.words['format'][i]}",
        severity="fine",
    )


def _kind(path: str, reason: str) -> str:
    if any(word in reason.lower() for word in CUT):
        return "truncated"
    if reason != "empty file" and _needs_decoder(path, reason):
        return "no_decoder"
    return "not_images" if "not an image" in reason else "unreadable"


def _needs_decoder(path: str, reason: str) -> bool:
    words = reason.lower().replace(",", " ").split()
    return PurePosixPath(path).suffix.lower() in NEED_DECODER or any(ending[1:] in words for ending in NEED_DECODER)
