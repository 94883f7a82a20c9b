"""All checks, and the audit that they make together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from warmstart.audit.checks import class_sizes, copies, files, outliers, shapes, shortcuts
from warmstart.audit.findings import SEVERITIES, Finding
from warmstart.audit.messages import verdict
from warmstart.audit.properties import distributions
from warmstart.audit.property_reports import property_reports
from warmstart.audit.scan import FATES, Scan
from warmstart.records.audit import AuditReport, ChannelStatistics, PhotoCounts

FILES, LISTED, ANY = ("files",), ("files", "arrays"), ("files", "arrays", "drawn")


class Check(NamedTuple):
    """passed: what is true where nothing is found, as a sentence. kinds: of images that it is for."""

    find: Callable[[Scan], Iterable[Finding]]
    passed: str
    kinds: tuple[str, ...]


CHECKS = (
    Check(files.unreadable, "every file can be read to its end", FILES),
    Check(files.skipped, "no other files lie among the photos", FILES),
    Check(files.animated, "no file is animated", FILES),
    Check(files.wrong_suffix, "every file is what its name says", FILES),
    Check(shapes.tiny, "no photo is tiny", FILES),
    Check(shapes.upscaled, "every photo is at least as large as the training size", FILES),
    Check(shapes.extreme_aspect, "no photo is a strip", FILES),
    Check(shapes.modes, "all photos store their colours in the same way", FILES),
    Check(copies.exact, "nothing is there twice", LISTED),
    Check(copies.near, "no two photos look almost the same", FILES),
    Check(copies.conflicts, "nothing is under two labels", LISTED),
    Check(copies.leaks, "nothing is in two parts of a ready-made split", LISTED),
    Check(shapes.corrections, "", FILES),
    Check(files.understood, "", FILES),
    Check(class_sizes.imbalance, "the classes are of similar size", ANY),
    Check(class_sizes.few_images, "every class has photos enough to start with", ANY),
    Check(class_sizes.small_test, "there are test photos enough for a useful interval", ANY),
    Check(outliers.blank, "no photo is blank", FILES),
    Check(outliers.flattened, "", FILES),
    Check(outliers.dark, "no photo is unusually dark", FILES),
    Check(outliers.bright, "no photo is unusually bright", FILES),
    Check(outliers.blurred, "no photo is unusually blurred", FILES),
    Check(shortcuts.shortcuts, "no property of light, size or file gives the class away", FILES),
)


def run_checks(scan: Scan, channels: ChannelStatistics | None = None) -> AuditReport:
    """Run all checks on a scan. Reads and writes no file. channels: of the prepared images, where they are known."""
    findings: list[Finding] = []
    passed: list[str] = []
    for check in CHECKS:
        if scan.record.kind not in check.kinds or (check.find is copies.near and scan.record.near is None):
            continue
        found = list(check.find(scan))
        findings += found
        if not found and check.passed:
            passed.append(check.passed)
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    severities = [finding.severity for finding in findings]
    used, unused, left_out = np.bincount(scan.fates, minlength=len(FATES)).tolist()
    reports = sorted(property_reports(scan), key=lambda report: -report.best.effect) if scan.files else []
    return AuditReport(
        dataset=scan.record.dataset,
        kind=scan.record.kind,
        verdict=verdict(severities.count("stop"), severities.count("look")),
        classes=scan.classes,
        counts=PhotoCounts(len(scan), used, unused, left_out, len(scan.record.skipped)),
        findings=[finding.record() for finding in findings],
        passed=passed,
        balance=class_sizes.class_balance(scan),
        distributions=distributions(scan) if scan.files else {},
        properties=[report.record(scan) for report in reports],
        channels=channels,
    )
