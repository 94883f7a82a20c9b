"""Decoding and measuring many files at once, on all cores, without one bad file stopping the rest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.decoding.image_file import UnreadableImage, load_image
from warmstart.decoding.reasons import NO_MEMORY
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS, measure
from warmstart.ingest.decoding.worker_processes import Crash, map_blocks, restart_clock
from warmstart.ingest.sources.listing import Listing

ALONE = 96  # so few files are decoded before another process has started
CPU_SECONDS = 120  # of a processor's time; a file that takes more is given up
BLOCK_FILES, BLOCK_BYTES = 32, 2**22  # what a process decodes and sends at a time


@dataclass(frozen=True)
class Photo:
    """One file's outcome. facts: a row of ``IMAGE_STATISTICS``. image: uint8 (size, size, channels), or None where
    ``reason`` says why.
    """

    facts: np.ndarray | np.void
    image: np.ndarray | None
    reason: str = ""


class Block(NamedTuple):
    """Some files' outcomes. facts: (n,) of ``IMAGE_STATISTICS``. images: uint8 (m, size, size, channels), of those that
    could be decoded, in order; reasons: why the others, by their place, could not.
    """

    facts: np.ndarray
    images: np.ndarray
    reasons: dict[int, str]


def decode_file(path: str, read: Callable[[str], bytes], preprocessing: Preprocessing) -> Photo:
    """Read, hash, decode and measure one file; every failure becomes a reason. read: gives the bytes of ``path``, or
    raises.
    """
    facts = np.zeros((), dtype=IMAGE_STATISTICS)
    try:
        data = read(path)
    except OSError as error:
        return Photo(facts, None, f"cannot be read: {error.strerror or error}")
    except MemoryError:
        return Photo(facts, None, NO_MEMORY)
    except Exception as error:  # readers of archives raise anything
        return Photo(facts, None, f"cannot be read: {error or type(error).__name__}")
    image, header, reason = None, None, ""
    try:
        decoded, header = load_image(data, preprocessing.mode, preprocessing.min_decode_size)
        facts = measure(decoded)
        image = preprocessing.resized(decoded)
    except UnreadableImage as error:
        header, reason = error.header, str(error)
    except MemoryError:
        facts, reason = np.zeros((), dtype=IMAGE_STATISTICS), NO_MEMORY
    if header:
        for name, value in header._asdict().items():
            facts[name] = value
    facts["sha256"] = np.void(hashlib.sha256(data).digest())
    facts["bytes"] = len(data)
    return Photo(facts, image, reason)


def decode_files(paths: Sequence[str], listing: Listing, preprocessing: Preprocessing, workers: int) -> Iterator[Photo]:
    """Decode files in the order given, a bounded number ahead of what has been taken.

    workers: processes; 0 for one per core. A process that a file crashes, or holds up for minutes, costs that file
    only; just a few files are decoded in this process, without that protection. Raises UserError where processes cannot
    be started.
    """
    if len(paths) < ALONE:
        yield from (decode_file(path, listing.read, preprocessing) for path in paths)
        return
    size = max(1, min(BLOCK_FILES, BLOCK_BYTES // (preprocessing.size**2 * preprocessing.channels)))
    work = partial(decode_block, read=listing.read, preprocessing=preprocessing, seconds=CPU_SECONDS)
    for block in map_blocks(work, paths, size, workers or os.cpu_count() or 1):
        if isinstance(block, Crash):
            yield Photo(
                np.zeros((), dtype=IMAGE_STATISTICS),
                None,
                f"crashed the decoder, or kept it busy for more than {CPU_SECONDS} seconds",
            )
            continue
        images = iter(block.images)
        for place, facts in enumerate(block.facts):
            reason = block.reasons.get(place, "")
            yield Photo(facts, None if reason else next(images), reason)


def decode_block(
    paths: Sequence[str], read: Callable[[str], bytes], preprocessing: Preprocessing, seconds: float
) -> Block:
    """Decode some files, to be sent to another process at once. seconds: what one may take."""
    photos = []
    for path in paths:
        restart_clock(seconds)
        photos.append(decode_file(path, read, preprocessing))
    images = np.zeros((len(photos), preprocessing.size, preprocessing.size, preprocessing.channels), dtype=np.uint8)
    good = [photo.image for photo in photos if photo.image is not None]
    for place, image in enumerate(good):
        images[place] = image
    reasons = {place: photo.reason for place, photo in enumerate(photos) if photo.reason}
    return Block(np.array([photo.facts for photo in photos], dtype=IMAGE_STATISTICS), images[: len(good)], reasons)
