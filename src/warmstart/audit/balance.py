"""How many photos each class has, and whether they are enough to say something."""

from __future__ import annotations

from typing import Any

import numpy as np

from warmstart.audit.findings import Finding, Item, names, number
from warmstart.audit.scan import FATES, Scan
from warmstart.dataset.manifest import SPLITS
from warmstart.evaluation.intervals import CONFIDENCE, Interval, wilson

UNEVEN = 3.0  # largest class to smallest
FEW = 20  # photos of a class to learn from
SUPPOSED = 0.9  # the accuracy at which the width of the interval is foretold
WIDE = 0.10  # of an interval, from its lower to its upper end
TEST_SHARE = 0.2  # of the photos, where no split was made yet
FOLDS = 5


def balance(scan: Scan) -> list[dict[str, Any]]:
    """Photos a class: class, train, val, test, unused (readable, but in no split), left_out."""
    table = np.zeros((len(scan.classes), len(SPLITS) + 2), dtype=int)
    used = scan.fates == FATES.index("used")
    place = np.where(used & (scan.splits >= 0), scan.splits, np.where(scan.usable, len(SPLITS), len(SPLITS) + 1))
    np.add.at(table, (scan.labels, place), 1)
    columns = (*SPLITS, "unused", "left_out")
    rows = zip(scan.classes, table.tolist(), strict=True)
    return [{"class": name, **dict(zip(columns, row, strict=True))} for name, row in rows]


def imbalance(scan: Scan) -> list[Finding]:
    """Classes of very different sizes."""
    counts = np.bincount(scan.labels[scan.used], minlength=len(scan.classes))
    least, most = int(counts.min()), int(counts.max())
    if most < UNEVEN * max(least, 1):
        return []
    order = np.argsort(counts, kind="stable")
    small, large = scan.classes[order[0]], scan.classes[order[-1]]
    total = int(counts.sum())
    return [
        Finding(
            "imbalance",
            "look",
            f"The largest class has {most / max(least, 1):.3g} times as many photos as the smallest: {large} ({most:,}), {small} ({least:,})",
            total,
            total,
            f"Always guessing the most frequent class is right on {100 * most / total:.0f} % of photos without looking, "
            "and a network can drift towards doing just that.",
            "Add photos of the small classes, or add --set balance=class_weights or --set balance=balanced_sampling; "
            "and read the accuracy of each class, not only the overall one.",
            [Item((), f"{scan.classes[i]}: {counts[i]:,}") for i in order],
            {"ratio": round(most / max(least, 1), 3)},
        )
    ]


def few_images(scan: Scan) -> list[Finding]:
    """Classes with next to nothing to learn from."""
    rows = balance(scan)
    drawn = any(row["train"] for row in rows)
    have = {row["class"]: row["train"] if drawn else round(row["unused"] * (1 - 2 * TEST_SHARE)) for row in rows}
    few = {name: count for name, count in have.items() if count < FEW}
    if not few:
        return []
    return [
        Finding(
            "few_images",
            "look",
            f"{number(len(few), 'class has', 'classes have')} fewer than {FEW} photos to learn from: "
            + names(f"{name} ({count})" for name, count in few.items()),
            sum(few.values()),
            int(scan.used.sum()),
            "A pretrained network needs some dozens of photos per class, and one from scratch some hundreds.",
            "Gather more photos, or leave the class out.",
            [Item((), f"{name}: {count}") for name, count in few.items()],
        )
    ]


def small_test(scan: Scan) -> list[Finding]:
    """Too few test photos for a figure that says much."""
    n = tested(scan)
    width = foretold(n)
    if width.high - width.low <= WIDE:
        return []
    folds = scan.record["folds"]
    low, high = 100 * width.low, 100 * width.high
    everything = foretold(int(scan.used.sum()))
    pooled = f"{100 * everything.low:.0f} to {100 * everything.high:.0f} %"
    drawn = scan.record["kind"] == "drawn"
    remedy = "Gather more photos."
    if drawn:
        remedy = "Draw more: --set data.test=1000."
    elif not folds and not scan.record.get("ready_made"):
        remedy = (
            f"Add --folds {FOLDS}: each recipe is trained {FOLDS} times and tested on every photo once, "
            f"which narrows this to {pooled}. Or gather more photos."
        )
    return [
        Finding(
            "small_test",
            "look",
            f"With {number(n, 'test photo', 'test photos')} the result stays rough",
            n,
            int(scan.used.sum()),
            f"A network that is right on {100 * SUPPOSED:.0f} % of them is, with {100 * CONFIDENCE:.0f} % confidence, "
            f"right on anything from {low:.0f} to {high:.0f} % of such photos. Two recipes are compared on the same photos, which tells more, but not small differences.",
            remedy,
            figures={"n": n, "low": round(width.low, 4), "high": round(width.high, 4)},
        )
    ]


def tested(scan: Scan) -> int:
    """How many photos the figures will come from: with folds all of them; before a split was made, its usual share."""
    used = int(scan.used.sum())
    if scan.record["folds"]:
        return used
    test = int(((scan.fates == FATES.index("used")) & (scan.splits == SPLITS.index("test"))).sum())
    return test or round(TEST_SHARE * used)


def foretold(n: int) -> Interval:
    """The interval of an accuracy of 90 % on ``n`` test photos."""
    return wilson(round(SUPPOSED * n), n) if n else Interval(SUPPOSED, 0.0, 1.0, 0)
