"""A seeded, stratified split: every class in the same proportions, every image in one split only, what belongs together
too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from warmstart.config.data_schema import Collection, Photos
from warmstart.dataset.manifest import SPLITS
from warmstart.errors import UserError
from warmstart.ingest.splitting.assignment import UNASSIGNED, assign

STREAM = 0x5B117  # keeps these draws apart from others of the same seed
OR_APART = (
    ", or --set data.near_duplicates=false, which keeps only exact copies and groups together: then near copies of "
    "one photo may be both "
    "trained and tested on, and the figures flatter"
)
log = logging.getLogger(__name__)


def choose_splits(
    labels: np.ndarray, units: np.ndarray, ready: np.ndarray, classes: Sequence[str], data: Collection
) -> np.ndarray:
    """Choose the split of each image as ``data`` says: so many of each, or all of them by fractions.

    labels: int64 (N,), the class of each image. units: int64 (N,); images of one unit go to one split. ready: int8
    (N,), the split that each comes with, as an index into ``SPLITS``, -1 where it comes with none. A ready-made split
    is kept; where it has no validation part, that is taken from the training part. Returns int8 (N,): indices into
    ``SPLITS``, -1 for images that are not used. Raises UserError where a class has too few images.
    """
    out = np.full(len(labels), UNASSIGNED, dtype=np.int8)
    if (ready == UNASSIGNED).all():
        parts: list[tuple[tuple[int, ...], np.ndarray]] = [((0, 1, 2), np.arange(len(labels)))]
    else:
        ready = np.where(ready == UNASSIGNED, 0, ready)
        parts = [((s,), np.flatnonzero(ready == s)) for s in range(3)]
        if not len(parts[1][1]):
            parts = [((0, 1), parts[0][1]), parts[2]]
        for part, members in parts:
            missing = np.flatnonzero(np.bincount(labels[members], minlength=len(classes)) == 0)
            if len(missing):
                raise UserError(
                    f"the {SPLITS[part[0]]} part has no usable image of class {classes[missing[0]]!r}: every split "
                    f"needs every class"
                )
    if data.per_class:
        parts = [
            (part, some)
            for (part, _), some in zip(parts, _draw_per_class(labels, units, parts, classes, data), strict=True)
        ]
    for part, members in parts:
        chosen = _choose(labels[members], units[members], part, classes, data)
        out[members] = np.where(chosen == UNASSIGNED, UNASSIGNED, np.array(part, dtype=np.int8)[chosen])
    return out


def choose_folds(labels: np.ndarray, units: np.ndarray, classes: Sequence[str], data: Collection) -> np.ndarray:
    """Share images out to ``data.folds`` parts of the same size and the same proportions of classes.

    labels, units: as for ``choose_splits``. Returns int8 (N,): folds, -1 for images left out by ``data.per_class``.
    Raises UserError where a class has too few images, or units, for one in each fold.
    """
    folds = data.folds
    assert folds
    out = np.full(len(labels), UNASSIGNED, dtype=np.int8)
    members = np.arange(len(labels))
    if data.per_class:
        (members,) = _draw_per_class(labels, units, [((0,), members)], classes, data)
    have = np.bincount(labels[members], minlength=len(classes))
    targets = np.repeat((have // folds)[None], folds, axis=0)
    at = 0
    for label, spare in enumerate(
        (have % folds).tolist()
    ):  # what does not divide goes round, so that folds are alike as a whole too
        targets[(at + np.arange(spare)) % folds, label] += 1
        at += spare
    names = [f"fold {fold}" for fold in range(folds)]
    out[members] = _assigned(labels[members], units[members], targets, names, classes, data, exact=False)
    return out


def _choose(
    labels: np.ndarray, units: np.ndarray, part: Sequence[int], classes: Sequence[str], data: Collection
) -> np.ndarray:
    """Share images out to the splits ``part``; returns int8 (N,), indices into ``part``."""
    names = [SPLITS[split] for split in part]
    have = np.bincount(labels, minlength=len(classes))
    counts = [count for count in (getattr(data, name) for name in names) if count]
    exact = len(counts) == len(names)
    fractions = {"val": data.val_fraction, "test": data.test_fraction}
    targets = np.zeros((len(part), len(classes)), dtype=np.int64)
    for label, n in enumerate(have.tolist()):
        if exact:  # equal shares; what does not divide goes to the first classes
            targets[:, label] = [count // len(classes) + (label < count % len(classes)) for count in counts]
        else:
            targets[:, label] = _portions(n, [fractions[name] for name in names[1:]])
        wanted = int(targets[:, label].sum())
        if wanted > n:
            raise UserError(
                f"class {classes[label]!r} has {n} usable images, but the split asks for {wanted} of it "
                f"({', '.join(f'data.{name}' for name in names)}): lower those numbers, or set them to null to use "
                f"every image"
            )
    return _assigned(labels, units, targets, names, classes, data, exact=exact)


def _portions(n: int, fractions: Sequence[float]) -> list[int]:
    held_out = [max(1, round(n * fraction)) for fraction in fractions]
    return [n - sum(held_out), *held_out]


def _assigned(
    labels: np.ndarray,
    units: np.ndarray,
    targets: np.ndarray,
    names: Sequence[str],
    classes: Sequence[str],
    data: Collection,
    *,
    exact: bool,
) -> np.ndarray:
    """``assign``, and every part has some of every class: else a UserError says which has not and why."""
    have = np.bincount(labels, minlength=len(classes))
    all_parts = ", ".join(names) if len(names) <= len(SPLITS) else f"the {len(names)} folds"
    for label in np.flatnonzero((targets < 1).any(axis=0)).tolist():
        raise UserError(
            f"class {classes[label]!r} has {have[label]} usable images: too few for at least one each in {all_parts}"
        )
    parts = assign(labels, units, targets, np.random.default_rng([data.seed, STREAM]), exact=exact)
    got = np.stack([np.bincount(labels[parts == part], minlength=len(classes)) for part in range(len(names))])
    for part, label in np.argwhere(got == 0).tolist():
        groups = len(np.unique(units[labels == label]))
        remedy = f"Add photos of other scenes{OR_APART if isinstance(data, Photos) and data.near_duplicates else ''}"
        raise UserError(
            f"class {classes[label]!r} has {have[label]} photos in only {groups} group{'s' * (groups != 1)} of photos "
            f"that stay together "
            f"(duplicates, near duplicates, or one value of data.group_by): {names[part]} would have none of it; each "
            f"of "
            f"{all_parts} needs a group of its own. {remedy}"
        )
    if exact:
        for part, label in np.argwhere(got < targets).tolist():
            log.warning(
                "%s has %d of the %d photos of class %r that it should have: photos that stay together leave no more",
                names[part], got[part, label], targets[part, label], classes[label],
            )  # fmt: skip
    return parts


def _draw_per_class(
    labels: np.ndarray,
    units: np.ndarray,
    parts: Sequence[tuple[tuple[int, ...], np.ndarray]],
    classes: Sequence[str],
    data: Collection,
) -> list[np.ndarray]:
    """Draw at most ``data.per_class`` images of each class, from each part in proportion to what it has; units whole
    where possible.
    """
    per_class = data.per_class
    assert per_class
    have = np.stack([np.bincount(labels[members], minlength=len(classes)) for _, members in parts])
    wanted = have.copy()
    for label in np.flatnonzero(have.sum(axis=0) > per_class):
        shares = have[1:, label] / have[:, label].sum()
        wanted[:, label] = np.minimum(_portions(per_class, shares.tolist()), have[:, label])
        wanted[0, label] = max(1, wanted[0, label])
    generator = np.random.default_rng([data.seed, STREAM, 1])
    drawn = []
    for (_, members), target in zip(parts, wanted, strict=True):
        drawn.append(members[assign(labels[members], units[members], target[None], generator, exact=True) == 0])
    return drawn
