"""Ready-made splits that have the same photo in two parts, and what is done about it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.ingest.duplicates.find import Duplicates
from warmstart.text.printable import printable

MAX_ITEMS_SHOWN = 5
KINDS = {"exact": "the same file as", "near": "the same photo as", "group": "of the same group as"}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Leak:
    """Photo ``a`` is in an earlier split (of train, val, test) than photo ``b``, which is the same or belongs to it.
    kind: exact | near | group.
    """

    a: int
    b: int
    kind: str


def find_leaks(
    duplicates: Duplicates, groups: Sequence[str | None], units: np.ndarray, splits: np.ndarray
) -> list[Leak]:
    """Find what is in two splits: for each photo, one that it equals in each later split, and every near duplicate.

    units: int64 (N,), what belongs together by any of these. splits: int8 (N,), indices into ``SPLITS``, -1 for photos
    not used. Every unit in two splits has a leak.
    """
    leaks = [leak for group in duplicates.exact for leak in _across(group, splits, "exact")]
    for pair in duplicates.near:
        if min(splits[pair.a], splits[pair.b]) >= 0 and splits[pair.a] != splits[pair.b]:
            a, b = sorted((pair.a, pair.b), key=lambda photo: splits[photo])
            leaks.append(Leak(a, b, "near"))
    reported = {(leak.a, int(splits[leak.b])) for leak in leaks}
    by_group: dict[str, list[int]] = defaultdict(list)
    for photo, name in enumerate(groups):
        if name is not None:
            by_group[name].append(photo)
    of_groups = [leak for group in by_group.values() for leak in _across(group, splits, "group")]
    leaks += [leak for leak in of_groups if (leak.a, int(splits[leak.b])) not in reported]
    # Two photos can belong together through a third one that is not used.
    known = {int(units[leak.a]) for leak in leaks}
    kind = "near" if duplicates.near else "group"
    leaks += [
        next(_across(unit, splits, kind)) for unit in straddling(units, splits) if int(units[unit[0]]) not in known
    ]
    return leaks


def straddling(units: np.ndarray, splits: np.ndarray) -> list[list[int]]:
    """The photos of every unit that is in more than one split."""
    used = np.flatnonzero(splits >= 0)
    order = used[np.argsort(units[used], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(units[order])) + 1)
    return [group.tolist() for group in groups if len(group) > 1 and len(np.unique(splits[group])) > 1]


def _across(group: Sequence[int], splits: np.ndarray, kind: str) -> Iterator[Leak]:
    parts: dict[int, list[int]] = defaultdict(list)
    for photo in group:
        if splits[photo] >= 0:
            parts[int(splits[photo])].append(photo)
    return (Leak(a, parts[late][0], kind) for early, late in combinations(sorted(parts), 2) for a in parts[early])


def resolve_leaks(
    leaks: Sequence[Leak], on_leak: str, units: np.ndarray, splits: np.ndarray, paths: Sequence[str], name: str
) -> dict[int, str]:
    """Do as ``data.on_leak`` says; returns photo → why it leaves. Raises UserError for ``stop``."""
    if not leaks:
        return {}
    if on_leak == "stop":
        raise UserError(_complaint(leaks, splits, paths, name))
    if on_leak == "allow":
        log.warning("%s; data.on_leak=allow keeps them: what is measured on them flatters", _count(leaks, name))
        return {}
    why: dict[int, str] = {}
    for leak in leaks:
        why.setdefault(leak.a, f"leak: {KINDS[leak.kind]} {paths[leak.b]}, which is in {SPLITS[splits[leak.b]]}")
    out: dict[int, str] = {}
    for unit in straddling(units, splits):
        last = max(unit, key=lambda photo: splits[photo])
        for photo in unit:
            if splits[photo] < splits[last]:
                out[photo] = why.get(photo, f"leak: it belongs to {paths[last]}, which is in {SPLITS[splits[last]]}")
    log.warning("%s; data.on_leak=drop leaves out %d photos of the earlier split", _count(leaks, name), len(out))
    return out


def _count(leaks: Sequence[Leak], name: str) -> str:
    number = len({leak.a for leak in leaks})
    photos = "1 photo is" if number == 1 else f"{number:,} photos are"
    return f"the ready-made split of {name} leaks: {photos} in another split too, or belong to one that is"


def _complaint(leaks: Sequence[Leak], splits: np.ndarray, paths: Sequence[str], name: str) -> str:
    shown = [
        f"{paths[leak.a]} ({SPLITS[splits[leak.a]]}) is {KINDS[leak.kind]} {paths[leak.b]} ({SPLITS[splits[leak.b]]})"
        for leak in leaks[:MAX_ITEMS_SHOWN]
    ]
    more = f"; and {len(leaks) - MAX_ITEMS_SHOWN:,} more" if len(leaks) > MAX_ITEMS_SHOWN else ""
    copies_only = (
        "; --set data.near_duplicates=false looks for exact copies only"
        if any(leak.kind == "near" for leak in leaks)
        else ""
    )
    return (
        f"{_count(leaks, name)}: {printable('; '.join(shown))}{more}. Mend the split, or add --set data.on_leak=drop "
        f"(such photos leave training where "
        "validation or test has them, and validation where test has them; the test set stays whole) or --set "
        "data.on_leak=allow (all stay, "
        f"and the audit lists every pair){copies_only}"
    )
