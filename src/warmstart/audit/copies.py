"""The same photo twice: exact and near copies, contradicting labels, and copies on both sides of a split."""

from __future__ import annotations

from typing import Any

from warmstart.audit.findings import Finding, Item, graded, number
from warmstart.audit.scan import Scan

CONTRADICTIONS = 0.02  # from this share on, the labels as a whole are in doubt


def exact(scan: Scan) -> list[Finding]:
    """Images that are byte for byte the same."""
    groups = scan.record["exact"]
    spare = sum(len(group) - 1 for group in groups)
    if not spare:
        return []
    meaning = "Of each photo one copy is used, or none where their labels differ, so none counts twice or is both learned and tested."
    remedy = "Nothing has to be done; delete the copies to have it tidy."
    if not scan.files:
        meaning, remedy = "They all stay, for published sets are compared by their published numbers of images.", "Nothing has to be done."
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
    severity = graded(len(row_of), len(scan))
    return [
        Finding(
            "near",
            "look" if apart else severity,
            f"{number(len(row_of), 'photo looks', 'photos look')} almost the same as another",
            len(row_of),
            len(scan),
            f"{number(apart, 'pair is', 'pairs are')} not kept together by our own splits: a network can learn one photo and be tested on the other."
            if apart
            else "They are kept on one side of our own splits, so none of them is learned in training and met again in the test.",
            "Look at the pairs. Delete one of each if they are copies; keep both if they are two moments that you want."
            + (" Set data.near_duplicates=true to have them kept together." if apart else ""),
            [Item((p["a"], p["b"]), f"distance {p['distance']}{', mirrored' if p['mirrored'] else ''}") for p in pairs],
            {"pairs": len(pairs), "mirrored": sum(p["mirrored"] for p in pairs), "apart": apart},
        )
    ]


def conflicts(scan: Scan) -> list[Finding]:
    """The same photo under two labels."""
    groups = scan.record["conflicts"]
    if not groups:
        return []
    row_of = _rows(scan, {path for group in groups for path in group})
    items = [Item(tuple(group), " against ".join(scan.label(row_of[path]) for path in group if path in row_of)) for group in groups]
    count = sum(len(group) for group in groups)
    still = sum(bool(scan.usable[row]) for row in row_of.values())
    what = (
        "All of them are left out."
        if not still
        else f"{number(still, 'is', 'are')} used all the same, with the label {'it' if still == 1 else 'they'} came with."
    )
    return [
        Finding(
            "conflicts",
            graded(count, len(scan), look=0, stop=CONTRADICTIONS),
            f"{number(len(groups), 'photo appears', 'photos appear')} under two labels",
            count,
            len(scan),
            f"One of the two labels is wrong, and nobody can pass a test that asks for both. {what}",
            "Decide which label is right and delete the other copy, or write it into a corrections file (data.corrections).",
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
            "The copies on the training side were left out (data.on_leak=drop), so the test is clean."
            if dropped
            else "The network is tested on photos that it has learned by heart, and its test accuracy will be too good.",
            "Nothing has to be done."
            if dropped
            else "Nothing, as long as you compare with published figures, which have the same fault."
            if published
            else "Move or delete one of each pair, or let data.on_leak=drop leave out the copies on the training side.",
            items,
            {"pairs": len(pairs)},
        )
    ]


def near_pairs(scan: Scan) -> list[dict[str, Any]]:
    """What looks almost the same: {a, b, distance, mirrored} a pair; none where it was not looked for."""
    return scan.record["near"] or []


def _rows(scan: Scan, wanted: set[str]) -> dict[str, int]:
    return {path: row for row, path in enumerate(scan.paths) if path in wanted}
