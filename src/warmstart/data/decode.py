"""Decoding many files at once, on all cores, without one bad file stopping the rest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from warmstart.data.preprocess import Preprocessing, UnreadableImage
from warmstart.data.sources.listing import Listing

CHUNK = 64


@dataclass(frozen=True)
class Decoded:
    """One file's outcome. image: uint8 (size, size, channels), or None where ``reason`` says why there is none."""

    path: str
    sha256: str
    bytes: int
    image: np.ndarray | None
    reason: str = ""


def decode_file(path: str, listing: Listing, preprocessing: Preprocessing) -> Decoded:
    """Read, hash and decode one file; every failure becomes a reason."""
    try:
        data = listing.read(path)
    except OSError as error:
        return Decoded(path, "", 0, None, f"cannot be read: {error.strerror or error}")
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        return Decoded(path, sha256, len(data), preprocessing.decode(data))
    except UnreadableImage as error:
        return Decoded(path, sha256, len(data), None, str(error))


def decode_files(paths: Sequence[str], listing: Listing, preprocessing: Preprocessing, workers: int) -> Iterator[Decoded]:
    """Decode files in the order given. workers: processes; 0 for one per core, 1 for none beside this one."""
    work = partial(decode_file, listing=Listing([], listing.classes, listing.read), preprocessing=preprocessing)
    workers = workers or os.cpu_count() or 1
    if workers == 1 or len(paths) < 4 * CHUNK:
        yield from map(work, paths)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver" if os.name == "posix" else "spawn")) as pool:
        # A window at a time, so that a folder of 100,000 photos is never in memory at once.
        window = CHUNK * workers * 8
        for start in range(0, len(paths), window):
            yield from pool.map(work, paths[start : start + window], chunksize=CHUNK)
