"""Photos that are there more than once: files that are the same byte for byte, and copies that only look the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from warmstart.dataset.row_array import RowArray
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.duplicates.candidates import affordable_radius, close_pairs
from warmstart.ingest.duplicates.resemblance import resemble, small_copies

# Bits in which hashes of copies may differ. Of a million unrelated photos, millions of pairs come within 12 bits.
RADIUS, RADIUS_OF_MANY, MANY = 12, 10, 200_000
CROWD, FEW = 8, 10_000  # candidates a photo on average, or altogether, that are still compared on their pixels
TINY = 64  # pixels; below, digits and icons are so alike that copies have to be equal
ROUNDS = 32  # how many photos with one hash the others with that hash are compared with
TOLD_APART = 4  # how many photos with one hash, none a copy of another, are compared with photos of other hashes
BLOCK, READ = 128, 16  # pairs that are compared, and images that are read, at once


@dataclass(frozen=True)
class NearPair:
    """Photos ``a`` < ``b`` (rows of the catalogue). distance: differing bits. mirrored: left and right swapped."""

    a: int
    b: int
    distance: int
    mirrored: bool


@dataclass
class Duplicates:
    """exact: groups of photos whose files are equal byte for byte, in order, as in each group. near: confirmed pairs of
    copies, sorted; of an exact group only the first photo is compared, and of photos with one hash each is linked to
    the first that it is a copy of. radius: the distance within which hashes were searched; below ``RADIUS`` where
    photos are so many or so alike that a wider search would not end.
    """

    exact: list[list[int]] = field(default_factory=list)
    near: list[NearPair] = field(default_factory=list)
    radius: int = RADIUS

    def units(self, number: int, links: Iterable[tuple[int, int]] = ()) -> np.ndarray:
        """What has to stay together: int64 (number,), for each photo the first photo that it is linked to.

        links: more pairs of photos that stay together.
        """
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        exact = [(group[0], other) for group in self.exact for other in group[1:]]
        pairs = np.array([*exact, *((pair.a, pair.b) for pair in self.near), *links], dtype=np.int64).reshape(-1, 2)
        graph = coo_array((np.ones(len(pairs), dtype=bool), tuple(pairs.T)), shape=(number, number))
        component = connected_components(graph, directed=False)[1]
        return np.asarray(np.unique(component, return_index=True)[1][component])


def find_duplicates(catalogue: Catalogue, decoded: RowArray, *, near: bool = True) -> Duplicates:
    """Find the exact and, if asked, the near duplicates among the photos of ``catalogue``.

    decoded: uint8 (N, size, size, 1 or 3), the images that ``catalogue.rows`` counts; only candidates are read. Near
    duplicates are searched by the statistics ``hash`` and ``mirror`` and confirmed by ``resemble``. A photo that cannot
    be decoded is compared byte for byte only, and a file that was never read not at all.
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


def equal_files(statistics: np.ndarray) -> list[list[int]]:
    """Groups of rows of ``IMAGE_STATISTICS`` with the same sha256, in order; files that were not read are in none."""
    first: dict[bytes, int] = {}
    groups: dict[int, list[int]] = {}
    for row, digest in enumerate(statistics["sha256"].tolist()):
        if any(digest) and (leader := first.setdefault(digest, row)) != row:
            groups.setdefault(leader, [leader]).append(row)
    return sorted(groups.values())


def _same_hash(catalogue: Catalogue, decoded: RowArray, photos: np.ndarray) -> list[NearPair]:
    """Copies among photos of equal hashes: the first is compared with the others, the first non-copy with the rest, …

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


def _candidates(statistics: np.ndarray, photos: np.ndarray) -> tuple[np.ndarray, int]:
    """Pairs of photos with hashes close to one another or to one another's mirror image, and the radius searched.

    int64 (n, 4): a, b, distance, whether mirrored; not mirrored first, then in order.
    """
    photos = photos[np.argsort(statistics["hash"][photos], kind="stable")]
    hashes, starts, counts = np.unique(statistics["hash"][photos], return_index=True, return_counts=True)
    member = np.arange(len(photos)) - np.repeat(starts, counts)
    photos = photos[member < TOLD_APART]
    counts = np.minimum(counts, TOLD_APART)
    starts = np.cumsum(counts) - counts
    most = RADIUS if len(photos) <= MANY else RADIUS_OF_MANY
    radius = affordable_radius(hashes, most, max(CROWD, FEW / max(1, len(hashes))))
    found = [np.empty((0, 4), dtype=np.int64)]
    for pairs in close_pairs(hashes, None, radius):
        for i in range(TOLD_APART):
            for j in range(TOLD_APART):
                some = pairs[(counts[pairs[:, 0]] > i) & (counts[pairs[:, 1]] > j)]
                a, b = photos[starts[some[:, 0]] + i], photos[starts[some[:, 1]] + j]
                found.append(np.stack([np.minimum(a, b), np.maximum(a, b), some[:, 2], np.zeros_like(a)], axis=1))
    for pairs in close_pairs(hashes, statistics["mirror"][photos], radius):
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
        b = np.where(mirrored[:, None, None, None], b[:, :, ::-1], b)
        same = resemble(a, b, tiny[block[:, :2]].any(axis=1))
        confirmed += [NearPair(a, b, distance, bool(flip)) for a, b, distance, flip in block[same].tolist()]
    return confirmed
