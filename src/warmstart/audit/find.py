"""All checks, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from warmstart.audit import balance, copies, faults, outliers, shapes, shortcuts
from warmstart.audit.distributions import summary
from warmstart.audit.findings import SEVERITIES, Finding, Findings
from warmstart.audit.scan import FATES, Scan

FILES, LISTED, ANY = ("files",), ("files", "arrays"), ("files", "arrays", "drawn")
# A check, what is so where it finds nothing, and the kinds of images that it is for: those drawn to order have no faults of files.
CHECKS: tuple[tuple[Callable[[Scan], list[Finding]], str, tuple[str, ...]], ...] = (
    (faults.unreadable, "every file can be read to its end", FILES),
    (faults.skipped, "no other files lie among the photos", FILES),
    (faults.animated, "no file is animated", FILES),
    (faults.wrong_suffix, "every file is what its name says", FILES),
    (shapes.tiny, "no photo is tiny", FILES),
    (shapes.upscaled, "every photo is at least as large as the training size", FILES),
    (shapes.extreme_aspect, "no photo is a strip", FILES),
    (shapes.modes, "all photos store their colours in the same way", FILES),
    (copies.exact, "nothing is there twice", LISTED),
    (copies.near, "no two photos look almost the same", FILES),
    (copies.conflicts, "nothing is under two labels", LISTED),
    (copies.leaks, "nothing is in two parts of a ready-made split", LISTED),
    (shapes.corrections, "", FILES),
    (faults.understood, "", FILES),
    (balance.imbalance, "the classes are of similar size", ANY),
    (balance.few_images, "every class has photos enough to start with", ANY),
    (balance.small_test, "there are test photos enough for a useful interval", ANY),
    (outliers.blank, "no photo is blank", FILES),
    (outliers.flattened, "", FILES),
    (outliers.dark, "no photo is unusually dark", FILES),
    (outliers.bright, "no photo is unusually bright", FILES),
    (outliers.blurred, "no photo is unusually blurred", FILES),
    (shortcuts.shortcuts, "no property of light, size or file gives the class away", FILES),
)


def find(scan: Scan, channels: dict[str, Any] | None = None) -> Findings:
    """Everything that can be said of a scan. Pure: reads and writes nothing.

    channels: mean and standard deviation of the prepared images' channels, {mean, std, n}, where they are known.
    """
    found: list[Finding] = []
    passed: list[str] = []
    for check, sentence, kinds in CHECKS:
        if scan.record["kind"] not in kinds or (check is copies.near and scan.record["near"] is None):
            continue
        own = check(scan)
        found += own
        if not own and sentence:
            passed.append(sentence)
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    counts = np.bincount(scan.fates, minlength=len(FATES)).tolist()
    return Findings(
        scan.record["dataset"],
        scan.record["kind"],
        scan.classes,
        {"candidates": len(scan), **dict(zip(FATES, counts, strict=True)), "other_files": len(scan.record["skipped"])},
        found,
        passed,
        balance.balance(scan),
        summary(scan) if scan.files else {},
        shortcuts.table(scan) if scan.files else [],
        channels,
    )
