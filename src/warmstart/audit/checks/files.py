"""Files that are no photos, or not whole ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

import numpy as np

from warmstart.audit.findings import Finding, find_photos, item, severity_of_share
from warmstart.audit.messages import message, names
from warmstart.audit.scan import Scan
from warmstart.decoding.reasons import NO_MEMORY, TOO_LARGE
from warmstart.records.audit import FindingItem

NEED_DECODER = (".heic", ".heif", ".hif", ".avif", ".jxl")
# In what decoders say of a file that ends too early.
TRUNCATED_PHRASES = ("truncated", "premature", "unexpected end", "incomplete", "image file is broken")
SUFFIXES_OF_FORMAT = {
    "JPEG": (".jpg", ".jpeg", ".jfif", ".jpe"),
    "MPO": (".jpg", ".jpeg", ".mpo"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
}
ANIMATED_FORMATS = ("GIF", "PNG", "WEBP", "TIFF", "AVIF")  # an MPO's second frame is no animation
UNREADABLE_KINDS = ("no_decoder", "truncated", "not_images", "too_large", "unreadable")
STOP_SHARE = 0.2  # of all photos unreadable: the folder is damaged, or is not what it seems


def unreadable(scan: Scan) -> Iterator[Finding]:
    """Photos that cannot be decoded, by why."""
    cases: dict[str, list[FindingItem]] = {kind: [] for kind in UNREADABLE_KINDS}
    for row in np.flatnonzero(~scan.usable & ~scan.measured).tolist():
        if reason := scan.reasons.get(row, ""):
            cases[_unreadable_kind(scan.paths[row], reason)].append(item(scan.paths[row], note=reason))
    untried = [file for file in scan.record.skipped if _needs_decoder(file.path, file.reason)]
    cases["no_decoder"] += [item(file.path, note=file.reason) for file in untried]
    of = len(scan) + len(untried)
    for kind, items in cases.items():
        if n := len(items):
            severity = severity_of_share(n, of, look=0, stop=STOP_SHARE)
            yield Finding(kind=kind, severity=severity, count=n, of=of, message=message(kind, n), items=items)


def skipped(scan: Scan) -> Iterator[Finding]:
    """Files beside the photos that were not even tried."""
    foreign = [file for file in scan.record.skipped if not _needs_decoder(file.path, file.reason)]
    endings = Counter(PurePosixPath(file.path).suffix.lower() or "without ending" for file in foreign)
    if n := len(foreign):
        sentences = message("skipped", n, endings=names(f"{k} {ending}" for ending, k in endings.most_common()))
        items = [item(file.path, note=file.reason) for file in foreign]
        yield Finding(kind="skipped", severity="fine", count=n, of=len(scan) + n, message=sentences, items=items)


def understood(scan: Scan) -> Iterator[Finding]:
    """How the folders or names of the source were read, where that may surprise."""
    n = len(scan)
    if notes := scan.record.notes:
        sentences = message("understood", n, notes="; ".join(notes))
        yield Finding(kind="understood", severity="fine", count=n, of=n, message=sentences)


def animated(scan: Scan) -> Iterator[Finding]:
    """Files with several frames."""
    frames = scan.numbers["frames"]
    return find_photos(
        scan,
        scan.usable & (frames > 1) & np.isin(scan.words["format"], ANIMATED_FORMATS),
        kind="animated",
        note=lambda row: f"{frames[row]:.0f} frames",
    )


def wrong_suffix(scan: Scan) -> Iterator[Finding]:
    """Files whose content is of another format than their name says."""
    suffixes = np.array([PurePosixPath(path).suffix.lower() for path in scan.paths], dtype=np.str_)
    formats = scan.words["format"]
    wrong = np.zeros(len(scan), dtype=bool)
    for name, own in SUFFIXES_OF_FORMAT.items():
        wrong |= (formats == name) & ~np.isin(suffixes, own)
    return find_photos(
        scan, wrong & scan.usable, kind="wrong_suffix", note=lambda row: f"is {formats[row]}", severity="fine"
    )


def _unreadable_kind(path: str, reason: str) -> str:
    if reason.startswith((TOO_LARGE, NO_MEMORY)):
        return "too_large"
    if any(phrase in reason.lower() for phrase in TRUNCATED_PHRASES):
        return "truncated"
    if reason != "empty file" and _needs_decoder(path, reason):
        return "no_decoder"
    return "not_images" if "not an image" in reason else "unreadable"


def _needs_decoder(path: str, reason: str) -> bool:
    words = reason.lower().replace(",", " ").split()
    return PurePosixPath(path).suffix.lower() in NEED_DECODER or any(suffix[1:] in words for suffix in NEED_DECODER)
