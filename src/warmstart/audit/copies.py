"""The same photo twice: exact and near copies, contradicting labels, and copies on both sides of a split."""

from __future__ import annotations

from collections import Counter
from typing import Any

from warmstart.audit.findings import Finding, Item, graded, number
from warmstart.audit.scan import Scan

CONTRADICTIONS = 0.02  # from this share on, the labels as a whole are in doubt
# Of the photos of one collection, seldom more than this share are copies, not even of photos taken in series: beyond it the finder
# is more probably wrong than the collection.
UNSUITABLE = 0.2


def exact(scan: Scan) -> list[Finding]:
    """Images that are byte for byte the same."""
    groups = scan.record["exact"]
    spare = sum(len(group) - 1 for group in groups)
    if not spare:
        return []
    meaning = "One copy of each photo is used, or none where the labels differ, so no photo counts twice or is both trained and tested on."
    remedy = "Nothing; delete the copies if you want a tidy folder."
    if not scan.files:
        meaning, remedy = (
            "All copies stay, since published sets are compared by their published numbers of images.",
            "Nothing.",
        )
    return [
        Finding(
            "exact",
            graded(spare, len(scan)) if scan.files else "fine",
            f"{number(spare, 'image is an exact copy', 'images are exact copies')} of another",
            spare,
            len(scan),
            meaning,
            remedy,
            [Item(tuple(group), f"{len(group)} copies") for group in sorted(groups, key=len, reverse=True)],
        )
    ]


def near(scan: Scan) -> list[Finding]:
    """Photos that look the same and are other files: smaller, mirrored, saved again."""
    pairs = sorted(near_pairs(scan), key=lambda pair: (pair["distance"], pair["a"], pair["b"]))
    if not pairs:
        return []
    row_of = _rows(scan, {path for pair in pairs for path in (pair["a"], pair["b"])})
    units = {path: scan.units[row] for path, row in row_of.items()}
    apart = sum(bool(units[pair["a"]] != units[pair["b"]]) for pair in pairs)
    crowded = len(row_of) > UNSUITABLE * len(scan)
    meaning, remedy = _near_words(apart)
    groups = Counter(int(unit) for unit in units.values())
    if crowded and not apart:
        meaning = (
            "So many are hardly all copies. This finder is made for photographs; drawings, digits, scans and pages of one template look alike "
            f"to it. What it takes for copies stays in one split, here in {number(len(groups), 'group', 'groups')}, "
            f"the largest of {max(groups.values()):,} photos, so the splits are coarser than they look."
        )
        remedy = (
            "Look at the pairs. If they show different things, add --set data.near_duplicates=false: only exact copies are then kept together, "
            "and a true near copy may be both trained and tested on. If they are moments of a few scenes, leave it as it is."
        )
    return [
        Finding(
            "near",
            "look" if apart or crowded else graded(len(row_of), len(scan)),
            f"{number(len(row_of), 'photo looks', 'photos look')} almost the same as another",
            len(row_of),
            len(scan),
            meaning,
            remedy,
            [Item((p["a"], p["b"]), f"distance {p['distance']}{', mirrored' if p['mirrored'] else ''}") for p in pairs],
            {
                "pairs": len(pairs),
                "mirrored": sum(p["mirrored"] for p in pairs),
                "apart": apart,
                "groups": len(groups),
                "largest": max(groups.values()),
            },
        )
    ]


def _near_words(apart: int) -> tuple[str, str]:
    """What near copies mean, and what to do. apart: how many pairs are in different units."""
    look = "Look at the pairs: of true copies delete one; of two moments that you want keep both."
    if not apart:
        return "Such photos stay in one split, so none is trained on and met again in the test.", look
    kept = number(apart, "pair is", "pairs are")
    return (
        f"{kept} not kept in one split: a network can be trained on one photo and tested on the other.",
        f"{look} With --set data.near_duplicates=true both stay in one split.",
    )


def conflicts(scan: Scan) -> list[Finding]:
    """The same photo under two labels."""
    groups = scan.record["conflicts"]
    if not groups:
        return []
    row_of = _rows(scan, {path for group in groups for path in group})
    items = [
        Item(tuple(group), " against ".join(scan.label(row_of[path]) for path in group if path in row_of))
        for group in groups
    ]
    count = sum(len(group) for group in groups)
    still = sum(bool(scan.usable[row]) for row in row_of.values())
    what = (
        "Neither copy is used."
        if not still
        else f"{number(still, 'copy is', 'copies are')} used all the same, each with its own label."
    )
    return [
        Finding(
            "conflicts",
            graded(count, len(scan), look=0, stop=CONTRADICTIONS),
            f"{number(len(groups), 'photo appears', 'photos appear')} under two labels",
            count,
            len(scan),
            f"One of the two labels is wrong, and nobody can pass a test that asks for both. {what}",
            "Decide which label is right and delete the other copy, or write it into a table of corrections (path, new_label) and add "
            "--set data.corrections=FILE.",
            items,
            {"groups": len(groups)},
        )
    ]


def leaks(scan: Scan) -> list[Finding]:
    """The same photo in two parts of a ready-made split."""
    pairs = scan.record["leaks"]
    if not pairs:
        return []
    dropped, published = scan.record["on_leak"] == "drop", not scan.files
    how = {"exact": "the same file", "near": "the same photo", "group": "the same group"}
    items = [Item((p["a"], p["b"]), f"{how[p['kind']]}, in {' and '.join(p['splits'])}") for p in pairs]
    count = len({path for pair in pairs for path in (pair["a"], pair["b"])})
    return [
        Finding(
            "leaks",
            "fine" if dropped else "look" if published else "stop",
            f"{number(len(pairs), 'pair of images lies', 'pairs of images lie')} on both sides of the ready-made split",
            count,
            len(scan),
            "What training shares with the test was left out (data.on_leak=drop), so the test is clean."
            if dropped
            else "The network is tested on what it was trained on, so its test accuracy will be too good.",
            "Nothing."
            if dropped
            else "Nothing, as long as you compare with published figures, which have the same fault."
            if published
            else "Move or delete one of each pair, or add --set data.on_leak=drop, which leaves out the training side of each.",
            items,
            {"pairs": len(pairs)},
        )
    ]


def near_pairs(scan: Scan) -> list[dict[str, Any]]:
    """What looks almost the same: {a, b, distance, mirrored} a pair; none where it was not looked for."""
    return scan.record["near"] or []


def _rows(scan: Scan, wanted: set[str]) -> dict[str, int]:
    return {path: row for row, path in enumerate(scan.paths) if path in wanted}
