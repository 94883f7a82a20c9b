"""Photos that are there more than once: files that are the same byte for byte, and copies that only look the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from warmstart.dataset.row_array import RowArray
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.duplicates.candidates import affordable_radius, close_pairs
from warmstart.ingest.duplicates.resemblance import resemble, small_copies

# Bits in which the hashes of two copies may differ. Two unrelated photos of a million come within 12 bits some millions
# of times, so that all the million would be read again: there it is 10.
RADIUS, RADIUS_OF_MANY, MANY = 12, 10, 200_000
CROWD, FEW = 8, 10_000  # candidates a photo on average, or altogether, that are still compared on their pixels
TINY = 64  # pixels; below, one digit or icon resembles another so much that copies have to be equal
ROUNDS = 32  # how many photos with one hash the others with that hash are compared with
TOLD_APART = 4  # how many photos with one hash, none a copy of another, are compared with photos of other hashes
BLOCK, READ = 128, 16  # pairs that are compared, and images that are read, at once


@dataclass(frozen=True)
class NearPair:
    """Photos ``a`` < ``b`` (rows of the catalogue) that show the same picture. distance: bits in which their hashes
    differ. mirrored: ``b`` is ``a`` with left and right exchanged. correlation: of their grey values, coarsely, up to
    1; 0 where there is only one.
    """

    a: int
    b: int
    distance: int
    mirrored: bool
    correlation: float


@dataclass
class Duplicates:
    """exact: groups of photos whose files are equal byte for byte, each in the order of the listing, and so the groups.
    near: confirmed pairs of copies, sorted; of an exact group only the first photo is compared, and where several
    photos have the same hash, each is linked to the first that it is a copy of, not to one another. radius: the
    distance within which hashes were searched; below ``RADIUS`` where many photos are so alike, or there are so many,
    that wider would not end.
    """

    exact: list[list[int]] = field(default_factory=list)
    near: list[NearPair] = field(default_factory=list)
    radius: int = RADIUS

    def units(self, number: int, links: Iterable[tuple[int, int]] = ()) -> np.ndarray:
        """What has to stay together: int64 (number,), for each photo the first photo that it hangs together with,
        directly or by others.

        links: more pairs of photos that stay together.
        """
        parent = np.arange(number)

        def root(photo: int) -> int:
            while parent[photo] != photo:
                parent[photo] = parent[parent[photo]]
                photo = int(parent[photo])
            return photo

        exact = ((group[0], other) for group in self.exact for other in group[1:])
        for pairs in (exact, ((pair.a, pair.b) for pair in self.near), links):
            for a, b in pairs:
                first, second = sorted((root(a), root(b)))
                parent[second] = first
        # A parent is never behind its child, so one pass in order is enough to reach every root.
        for photo in np.flatnonzero(parent != np.arange(number)).tolist():
            parent[photo] = parent[parent[photo]]
        return parent


def find_duplicates(catalogue: Catalogue, decoded: RowArray, *, near: bool = True) -> Duplicates:
    """Find the exact and, if asked, the near duplicates among the photos of ``catalogue``.

    decoded: uint8 (N, size, size, 1 or 3), the images that ``catalogue.rows`` counts; only those of candidates are
    read, a few at a time. Near duplicates are searched by ``facts["hash"]`` and ``facts["mirror"]`` and confirmed by
    ``resemble``. A photo that cannot be read is compared byte for byte only, and a file that was never read (no bytes)
    not at all.
    """
    exact = equal_files(catalogue.statistics)
    if not near:
        return Duplicates(exact)
    later = np.zeros(len(catalogue), dtype=bool)
    later[[photo for group in exact for photo in group[1:]]] = True
    photos = np.flatnonzero((catalogue.rows >= 0) & ~later)
    if len(photos) < 2:
        return Duplicates(exact)
    found = _same_hash(catalogue, decoded, photos)
    copies = np.zeros(len(catalogue), dtype=bool)
    copies[[pair.b for pair in found]] = True
    candidates, radius = _candidates(catalogue.statistics, photos[~copies[photos]])
    found += _confirm(catalogue, decoded, candidates)
    best: dict[tuple[int, int], NearPair] = {}
    for pair in found:  # a photo that is its own mirror image is found both ways: once is enough
        best.setdefault((pair.a, pair.b), pair)
    return Duplicates(exact, sorted(best.values(), key=lambda pair: (pair.a, pair.b)), radius)


def equal_files(facts: np.ndarray) -> list[list[int]]:
    """Groups of rows of ``IMAGE_STATISTICS`` with the same sha256, in order; files that could not be read at all are in
    none.
    """
    read = np.flatnonzero(facts["sha256"] != np.zeros(1, dtype=facts.dtype["sha256"]))
    order = read[np.argsort(facts["sha256"][read], kind="stable")]
    digests = facts["sha256"][order]
    ends = np.flatnonzero(np.append(digests[1:] != digests[:-1], True)) + 1
    groups = [
        order[start:end].tolist() for start, end in zip(np.append(0, ends[:-1]), ends, strict=True) if end - start > 1
    ]
    return sorted(groups)


def _same_hash(catalogue: Catalogue, decoded: RowArray, photos: np.ndarray) -> list[NearPair]:
    """Copies among photos of equal hashes: the first is compared with the others, the first that is no copy with those
    left, and so on.

    So ten thousand white images are ten thousand comparisons.
    """
    hashes = catalogue.statistics["hash"]
    left = photos[np.argsort(hashes[photos], kind="stable")]
    found: list[NearPair] = []
    for _ in range(ROUNDS):
        leads = np.append(True, hashes[left[1:]] != hashes[left[:-1]])[: len(left)]
        leader = left[np.flatnonzero(leads)[np.cumsum(leads) - 1]]
        pairs = np.stack([leader, left, np.zeros_like(left), np.zeros_like(left)], axis=1)[~leads]
        if not len(pairs):
            break
        copies = _confirm(catalogue, decoded, pairs)
        found += copies
        left = np.setdiff1d(pairs[:, 1], [pair.b for pair in copies])
        left = left[np.argsort(hashes[left], kind="stable")]
    return found


def _candidates(facts: np.ndarray, photos: np.ndarray) -> tuple[np.ndarray, int]:
    """Pairs of photos with hashes close to one another or to one another's mirror image, and the radius that was
    searched.

    int64 (n, 4): a, b, distance, whether mirrored; not mirrored first, then in order.
    """
    photos = photos[np.argsort(facts["hash"][photos], kind="stable")]
    hashes, starts, counts = np.unique(facts["hash"][photos], return_index=True, return_counts=True)
    member = np.arange(len(photos)) - np.repeat(starts, counts)
    photos = photos[member < TOLD_APART]
    counts = np.minimum(counts, TOLD_APART)
    starts = np.cumsum(counts) - counts
    radius = affordable_radius(
        hashes, RADIUS if len(photos) <= MANY else RADIUS_OF_MANY, max(CROWD, FEW / max(1, len(hashes)))
    )
    found = [np.empty((0, 4), dtype=np.int64)]
    for pairs in close_pairs(hashes, None, radius):
        for i in range(TOLD_APART):
            for j in range(TOLD_APART):
                some = pairs[(counts[pairs[:, 0]] > i) & (counts[pairs[:, 1]] > j)]
                a, b = photos[starts[some[:, 0]] + i], photos[starts[some[:, 1]] + j]
                found.append(np.stack([np.minimum(a, b), np.maximum(a, b), some[:, 2], np.zeros_like(a)], axis=1))
    for pairs in close_pairs(hashes, facts["mirror"][photos], radius):
        for j in range(TOLD_APART):
            some = pairs[counts[pairs[:, 1]] > j]
            a, b = photos[some[:, 0]], photos[starts[some[:, 1]] + j]
            some = np.stack([np.minimum(a, b), np.maximum(a, b), some[:, 2], np.ones_like(a)], axis=1)
            found.append(some[a != b])
    candidates = np.concatenate(found)
    candidates = candidates[np.lexsort(candidates.T[[2, 1, 0, 3]])]
    # Mirror images find one another from both sides; the smaller distance is kept.
    again = (candidates[1:, [0, 1, 3]] == candidates[:-1, [0, 1, 3]]).all(axis=1)
    return candidates[~np.append(np.zeros(min(1, len(candidates)), dtype=bool), again)], radius


def _confirm(catalogue: Catalogue, decoded: RowArray, pairs: np.ndarray) -> list[NearPair]:
    """Those of the pairs, int64 (n, 4), that are copies by their pixels."""
    confirmed: list[NearPair] = []
    tiny = np.minimum(catalogue.statistics["width"], catalogue.statistics["height"]) < TINY
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start : start + BLOCK]
        photos, place = np.unique(block[:, :2], return_inverse=True)
        rows = catalogue.rows[photos]
        small = np.concatenate([small_copies(decoded[rows[i : i + READ]]) for i in range(0, len(rows), READ)])
        a, b = np.moveaxis(small[place.reshape(-1, 2)], 1, 0)
        mirrored = block[:, 3] > 0
        same, correlation = resemble(
            a, np.where(mirrored[:, None, None, None], b[:, :, ::-1], b), tiny[block[:, :2]].any(axis=1)
        )
        for k in np.flatnonzero(same).tolist():
            confirmed.append(
                NearPair(int(block[k, 0]), int(block[k, 1]), int(block[k, 2]), bool(mirrored[k]), float(correlation[k]))
            )
    return confirmed
