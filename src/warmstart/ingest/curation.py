"""What becomes of each photo: which are left out and why, what is corrected, and which ones stay together in a split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from warmstart.dataset.manifest import SPLITS
from warmstart.ingest.catalogue import Survey
from warmstart.ingest.corrections import Corrections, read_corrections
from warmstart.ingest.duplicates.find import Duplicates
from warmstart.ingest.splitting.assignment import NOWHERE
from warmstart.ingest.splitting.leaks import Leak, find_leaks, settle_leaks


@dataclass
class Decisions:
    """labels: int64 (N,), after corrections. units: int64 (N,); photos of one unit stay in one split. ready: int8 (N,), the ready-made
    split as an index into ``SPLITS``, -1 for none. labelled: photo → the class that the source gave, where it was corrected.
    left_out: photo → why it is not used. conflicts: photos that are the same and labelled differently.
    """

    labels: np.ndarray
    units: np.ndarray
    ready: np.ndarray
    labelled: dict[int, str] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)
    duplicates: Duplicates = field(default_factory=Duplicates)
    conflicts: list[list[int]] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    on_leak: str = "stop"
    corrections: Corrections = field(default_factory=Corrections)

    def usable(self) -> np.ndarray:
        """int64 (M,): the photos that are not left out, in order."""
        keep = np.ones(len(self.labels), dtype=bool)
        keep[list(self.left_out)] = False
        return np.flatnonzero(keep)


def decide(survey: Survey, duplicates: Duplicates, config: Mapping[str, Any]) -> Decisions:
    """Decide on every photo file of ``survey``. config: the ``data`` group.

    Of exact copies the first stays; where their labels differ none does, unless corrections say which is right. Copies in two
    parts of a ready-made split are a leak, as near duplicates and groups are there. Raises UserError.
    """
    decisions = _together(survey, duplicates)
    decisions.left_out = dict(survey.reasons)
    if config.get("corrections"):
        _correct(survey, decisions, read_corrections(config["corrections"], survey.paths, survey.classes))
    gone = set(decisions.left_out)
    for group in duplicates.exact:
        _settle_copies(survey, decisions, group)
    for pair in duplicates.near:
        if decisions.labels[pair.a] != decisions.labels[pair.b] and not gone & {pair.a, pair.b}:
            decisions.conflicts.append([pair.a, pair.b])
    decisions.on_leak = config["on_leak"]
    decisions.leaks = _leaks(survey, decisions)
    leaving = settle_leaks(
        decisions.leaks, config["on_leak"], decisions.units, _splits(decisions), survey.paths, config["name"]
    )
    decisions.left_out |= leaving
    return decisions


def decide_arrays(survey: Survey, duplicates: Duplicates) -> Decisions:
    """Decide on images of a published set: all stay, for such sets are compared by their published numbers of images. Equal ones
    stay together where the split is ours.
    """
    decisions = _together(survey, duplicates)
    decisions.on_leak = "allow"
    decisions.leaks = _leaks(survey, decisions)
    decisions.conflicts = [group for group in duplicates.exact if len(set(decisions.labels[group].tolist())) > 1]
    return decisions


def _together(survey: Survey, duplicates: Duplicates) -> Decisions:
    """Every photo with its own label, its ready-made split and its unit, which has the number of its first photo."""
    units = duplicates.units(len(survey), list(_group_links(survey.groups)))
    first = np.full(int(units.max(initial=0)) + 1, len(survey))
    np.minimum.at(first, units, np.arange(len(survey)))
    number = {name: code for code, name in enumerate(SPLITS)}
    ready = np.array([NOWHERE if split is None else number[split] for split in survey.splits], dtype=np.int8)
    return Decisions(survey.labels.copy(), first[units], ready, duplicates=duplicates)


def _group_links(groups: Sequence[str | None]) -> Iterator[tuple[int, int]]:
    """Each photo of a group with the first of it."""
    first: dict[str, int] = {}
    for photo, group in enumerate(groups):
        if group is not None and first.setdefault(group, photo) != photo:
            yield first[group], photo


def _splits(decisions: Decisions) -> np.ndarray:
    """int8 (N,): the ready-made splits, what has none in training; -1 for photos left out, and for all where no split is ready-made."""
    splits = np.full(len(decisions.labels), NOWHERE, dtype=np.int8)
    if (decisions.ready != NOWHERE).any():
        usable = decisions.usable()
        splits[usable] = np.maximum(decisions.ready[usable], 0)
    return splits


def _leaks(survey: Survey, decisions: Decisions) -> list[Leak]:
    return find_leaks(decisions.duplicates, survey.groups, decisions.units, _splits(decisions))


def _correct(survey: Survey, decisions: Decisions, corrections: Corrections) -> None:
    decisions.corrections = corrections
    for photo, label in corrections.labels.items():
        _relabel(survey, decisions, photo, label)
    for photo in sorted(corrections.dropped):
        decisions.left_out.setdefault(photo, f"corrected to drop by {corrections.file}")


def _relabel(survey: Survey, decisions: Decisions, photo: int, label: int) -> None:
    decisions.labels[photo] = label
    if label != survey.labels[photo]:
        decisions.labelled[photo] = survey.classes[survey.labels[photo]]


def _settle_copies(survey: Survey, decisions: Decisions, group: Sequence[int]) -> None:
    """Keep the first of exact copies in each ready-made split, or none where their labels differ there."""
    for gone in decisions.corrections.dropped & set(group):
        # A drop holds for the copies too, but of two labels it may be there to settle which is right.
        for photo in group:
            if survey.labels[photo] == survey.labels[gone] and photo not in decisions.corrections.labels:
                decisions.left_out.setdefault(
                    photo, f"the same file as {survey.paths[gone]}, which {decisions.corrections.file} drops"
                )
    left = [photo for photo in group if photo not in decisions.left_out]
    said = {decisions.corrections.labels[photo] for photo in left if photo in decisions.corrections.labels}
    if len(said) == 1:  # what a person said of one copy holds for all
        for photo in left:
            _relabel(survey, decisions, photo, *said)
    labels = decisions.labels
    if len({int(labels[photo]) for photo in left}) > 1:
        decisions.conflicts.append(left)
    parts = defaultdict(list)
    for photo in left:
        parts[max(0, int(decisions.ready[photo]))].append(photo)
    for copies in parts.values():
        other = {photo: next((q for q in copies if labels[q] != labels[photo]), None) for photo in copies}
        for photo, twin in other.items():
            if twin is not None:
                decisions.left_out[photo] = (
                    f"the same photo as {survey.paths[twin]}, which is labelled {survey.classes[labels[twin]]}"
                )
            elif photo != copies[0]:
                decisions.left_out[photo] = f"the same file as {survey.paths[copies[0]]}"
