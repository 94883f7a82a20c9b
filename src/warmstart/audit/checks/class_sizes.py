"""How many photos each class has, and whether they are enough to say something."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from warmstart.audit.findings import Finding, item
from warmstart.audit.messages import message, names
from warmstart.audit.scan import FATES, Scan
from warmstart.dataset.manifest import SPLITS
from warmstart.records.audit import ClassBalance
from warmstart.statistics.intervals import CONFIDENCE, Interval
from warmstart.statistics.proportions import wilson_interval

MAX_RATIO = 3.0  # largest class to smallest
MIN_TRAIN_PHOTOS = 20  # of a class
ASSUMED_ACCURACY = 0.9  # for which the width of the interval is forecast
MAX_INTERVAL_WIDTH = 0.10
TEST_SHARE = 0.2  # of the photos, where no split was made yet
FOLDS = 5  # that are recommended


def class_balance(scan: Scan) -> list[ClassBalance]:
    """Photos of each class in each split, in none and left out."""
    table = np.zeros((len(scan.classes), len(SPLITS) + 2), dtype=int)
    in_split = (scan.fates == FATES.index("used")) & (scan.splits >= 0)
    column = np.where(in_split, scan.splits, np.where(scan.usable, len(SPLITS), len(SPLITS) + 1))
    np.add.at(table, (scan.labels, column), 1)
    return [ClassBalance(name, *counts) for name, counts in zip(scan.classes, table.tolist(), strict=True)]


def imbalance(scan: Scan) -> Iterator[Finding]:
    """Classes of very different sizes."""
    counts = np.bincount(scan.labels[scan.used], minlength=len(scan.classes))
    least, most, total = int(counts.min()), int(counts.max()), int(counts.sum())
    ratio = most / max(least, 1)
    if ratio < MAX_RATIO:
        return
    order = np.argsort(counts, kind="stable")
    smallest, largest = scan.classes[order[0]], scan.classes[order[-1]]
    values = {"least": least, "most": most, "ratio": ratio, "majority": 100 * most / total}
    yield Finding(
        kind="imbalance",
        severity="look",
        count=total,
        of=total,
        message=message("imbalance", total, smallest=smallest, largest=largest, **values),
        items=[item(note=f"{scan.classes[label]}: {counts[label]:,}") for label in order],
        metrics={"ratio": round(ratio, 3)},
    )


def few_images(scan: Scan) -> Iterator[Finding]:
    """Classes with next to nothing to learn from."""
    balance, used = class_balance(scan), int(scan.used.sum())
    drawn = any(row.train for row in balance)
    train = {row.class_name: row.train if drawn else round(row.unused * (1 - 2 * TEST_SHARE)) for row in balance}
    few = {name: count for name, count in train.items() if count < MIN_TRAIN_PHOTOS}
    if few:
        listed = names(f"{name} ({count})" for name, count in few.items())
        sentences = message("few_images", len(few), limit=MIN_TRAIN_PHOTOS, listed=listed)
        items = [item(note=f"{name}: {count}") for name, count in few.items()]
        count = sum(few.values())
        yield Finding(kind="few_images", severity="look", count=count, of=used, message=sentences, items=items)


def small_test(scan: Scan) -> Iterator[Finding]:
    """Too few test photos for an accuracy that says much."""
    n, used = tested(scan), int(scan.used.sum())
    expected, pooled = expected_interval(n), expected_interval(used)
    if expected.high - expected.low <= MAX_INTERVAL_WIDTH:
        return
    variant = ""
    if scan.record.kind == "drawn":
        variant = "/drawn"
    elif not scan.record.folds and not scan.record.ready_made:
        variant = "/folds"
    percent = {
        "accuracy": 100 * ASSUMED_ACCURACY,
        "confidence": 100 * CONFIDENCE,
        "low": 100 * expected.low,
        "high": 100 * expected.high,
        "pooled_low": 100 * pooled.low,
        "pooled_high": 100 * pooled.high,
    }
    sentences = message("small_test" + variant, n, folds=FOLDS, **percent)
    metrics = {"n": n, "low": round(expected.low, 4), "high": round(expected.high, 4)}
    yield Finding(kind="small_test", severity="look", count=n, of=used, message=sentences, metrics=metrics)


def tested(scan: Scan) -> int:
    """Number of photos that a recipe is tested on: with folds all of them; before a split was made, its usual share."""
    used = int(scan.used.sum())
    if scan.record.folds:
        return used
    test = int(((scan.fates == FATES.index("used")) & (scan.splits == SPLITS.index("test"))).sum())
    return test or round(TEST_SHARE * used)


def expected_interval(n: int) -> Interval:
    """The interval of an accuracy of ``ASSUMED_ACCURACY`` on ``n`` test photos."""
    return wilson_interval(round(ASSUMED_ACCURACY * n), n) if n else Interval(ASSUMED_ACCURACY, 0.0, 1.0, 0)
