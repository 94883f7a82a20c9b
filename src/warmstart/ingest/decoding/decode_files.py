"""Decoding and measuring many files at once, on all cores, without one bad file stopping the rest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.decoding.image_file import JPEGS, Header, UnreadableImage, load_image
from warmstart.decoding.reasons import NO_MEMORY
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS, measure
from warmstart.ingest.decoding.worker_processes import Crash, map_blocks, restart_clock
from warmstart.ingest.sources.listing import Listing

ALONE = 96  # so few files are decoded before another process has started
CPU_SECONDS = 120  # of a processor's time; a file that takes more is given up
BLOCK_FILES, BLOCK_BYTES = 32, 2**22  # what a process decodes and sends at a time


@dataclass(frozen=True)
class Photo:
    """One file's outcome. statistics: a row of ``IMAGE_STATISTICS``. image: uint8 (size, size, channels), or None.
    resized: the same at other sizes.
    """

    statistics: np.ndarray | np.void
    image: np.ndarray | None
    reason: str = ""
    resized: tuple[np.ndarray, ...] = ()


def decode_file(
    path: str, read: Callable[[str], bytes], preprocessing: Preprocessing, others: Sequence[Preprocessing] = ()
) -> Photo:
    """Read, hash, decode and measure one file; every failure becomes a reason. read: gives the bytes of ``path``.

    others: of the same image at other sizes.
    """
    statistics = np.zeros((), dtype=IMAGE_STATISTICS)
    try:
        data = read(path)
    except OSError as error:
        return Photo(statistics, None, f"cannot be read: {error.strerror or error}")
    except MemoryError:
        return Photo(statistics, None, NO_MEMORY)
    except Exception as error:  # readers of archives raise anything
        return Photo(statistics, None, f"cannot be read: {error or type(error).__name__}")
    image, header, reason = None, None, ""
    resized: tuple[np.ndarray, ...] = ()
    try:
        decoded, header = load_image(data, preprocessing.mode, preprocessing.min_decode_size)
        statistics = measure(decoded)
        image = preprocessing.resized(decoded)
        resized = tuple(_resized(other, data, decoded, header, preprocessing) for other in others)
    except UnreadableImage as error:
        image, header, reason = None, error.header, str(error)
    except MemoryError:
        image, statistics, reason = None, np.zeros((), dtype=IMAGE_STATISTICS), NO_MEMORY
    if header:
        for name, value in header._asdict().items():
            statistics[name] = value
    statistics["sha256"] = np.void(hashlib.sha256(data).digest())
    statistics["bytes"] = len(data)
    return Photo(statistics, image, reason, resized)


def _resized(
    other: Preprocessing, data: bytes, decoded: Image.Image, header: Header, preprocessing: Preprocessing
) -> np.ndarray:
    """What ``other.decode(data)`` gives, of the decoded image where that is what it would decode.

    A JPEG may have been decoded at a part of its size, which is too little for larger images, or whole, which is not
    what smaller ones are made of.
    """
    whole = decoded.size == (header.width, header.height)
    if header.format not in JPEGS or (whole and other.size >= preprocessing.size):
        return other.resized(decoded)
    return other.decode(data)


def decode_files(
    paths: Sequence[str],
    listing: Listing,
    preprocessing: Preprocessing,
    workers: int,
    others: Sequence[Preprocessing] = (),
) -> Iterator[Photo]:
    """Decode files in the order given, a bounded number ahead of what has been taken.

    workers: processes; 0 for one per core. others: of the same images at other sizes. What crashes a process, or holds
    it up for minutes, is given up; just a few files are decoded in this process, without that protection. Raises
    UserError where processes cannot be started.
    """
    if len(paths) < ALONE:
        yield from (decode_file(path, listing.read, preprocessing, others) for path in paths)
        return
    photo_bytes = sum(each.size**2 * each.channels for each in (preprocessing, *others))
    size = max(1, min(BLOCK_FILES, BLOCK_BYTES // photo_bytes))
    work = partial(
        decode_block, read=listing.read, preprocessing=preprocessing, seconds=CPU_SECONDS, others=tuple(others)
    )
    for block in map_blocks(work, paths, size, workers or os.cpu_count() or 1):
        if isinstance(block, Crash):
            reason = f"crashed the decoder, or kept it busy for more than {CPU_SECONDS} seconds"
            yield Photo(np.zeros((), dtype=IMAGE_STATISTICS), None, reason)
        else:
            yield from block


def decode_block(
    paths: Sequence[str],
    read: Callable[[str], bytes],
    preprocessing: Preprocessing,
    seconds: float,
    others: Sequence[Preprocessing] = (),
) -> list[Photo]:
    """Decode some files, to be sent to another process at once. seconds: what one may take."""
    photos = []
    for path in paths:
        restart_clock(seconds)
        photos.append(decode_file(path, read, preprocessing, others))
    return photos
