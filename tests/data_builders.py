"""Valid records of photos, prepared images and the audit. Each function takes changes by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from record_builders import CLASSES, DIGEST, preprocessing_settings
from warmstart.records.audit import (
    AuditReport,
    ChannelStatistics,
    ClassBalance,
    Distribution,
    FindingItem,
    FindingRecord,
    PhotoCounts,
    PropertySeparation,
    Spread,
)
from warmstart.records.feature_cache import FeatureCacheMeta
from warmstart.records.images import PreparedImages, SkippedFile, SplitCounts
from warmstart.records.manifest import ManifestRow
from warmstart.records.photos import PhotoRow
from warmstart.records.preparation import Preparation
from warmstart.records.scan import ChangedLabel, Corrections, Leak, NearPair, ScanRecord


def prepared_images(**changes: Any) -> PreparedImages:
    built = PreparedImages(
        "critters", CLASSES, 16, 3, "bilinear", "squash", DIGEST, {"train": DIGEST, "val": DIGEST, "test": DIGEST},
        SplitCounts(40, 40, 40), None, 0, 0, [SkippedFile("cat/<script>.jpg", "empty file")], False,
    )  # fmt: skip
    return replace(built, **changes)


def preparation(**options: Any) -> Preparation:
    return Preparation({"name": "critters", "source": "critters", "size": 16, "channels": 3, "folds": None, **options})


def manifest_row(**changes: Any) -> ManifestRow:
    return replace(ManifestRow("cat/1.jpg", "cat", 0, "train", 0, DIGEST, 9, 0, "", None), **changes)


def scan_record(**changes: Any) -> ScanRecord:
    built = ScanRecord(
        "pets", CLASSES, "files", 48, "squash", [SkippedFile("a.txt", "not an image")], [], True, [["cat/1.jpg",
        "cat/2.jpg"]], [NearPair("cat/1.jpg", "cat/3.jpg", 4, True)], [], [Leak("cat/1.jpg", "cat/4.jpg", ["train",
        "test"], "near")], "drop", Corrections("corrections.csv", [ChangedLabel("cat/5.jpg", "cat", "dog")],
        ["cat/6.jpg"]), None,
    )  # fmt: skip
    return replace(built, **changes)


def photo_row(**changes: Any) -> PhotoRow:
    built = PhotoRow(
        "cat/1.jpg", "cat", "train", "used", "", 0, "", DIGEST, 900, 60, 40, "JPEG", "RGB", 1, 0.5, 0.25, 0.125, 3.0,
        0.5, 0.5, 0.5
    )  # fmt: skip
    return replace(built, **changes)


def feature_cache_meta(**changes: Any) -> FeatureCacheMeta:
    built = FeatureCacheMeta(
        "efficientnet_lite0", "embedded", preprocessing_settings(), DIGEST, ["avg"], "32-true", {"avg": 1280},
        {"train": 40, "val": 40}, {"train/avg-00000.npy": DIGEST},
    )  # fmt: skip
    return replace(built, **changes)


def finding_record(**changes: Any) -> FindingRecord:
    items = [FindingItem(["cat/1.jpg", "cat/2.jpg"], "distance 4")]
    built = FindingRecord(
        "near", "look", "Two look alike", 2, 40, "It counts twice.", "Nothing.", items, {"pairs": 1}, 0.05
    )
    return replace(built, **changes)


def audit_report(*findings: FindingRecord, **changes: Any) -> AuditReport:
    spread = Spread(40, 0.25, 0.5, 0.75)
    built = AuditReport(
        "pets", "files", "1 finding to look at before you train", CLASSES, PhotoCounts(40, 38, 0, 2, 1), list(findings),
        ["no photo is tiny"], [ClassBalance("cat", 12, 4, 4, 0, 0)], {"width": Distribution(spread, {"cat": spread}),
        "red": Distribution(spread)}, [PropertySeparation("brightness", "", "cat", 0.625, 0.5, 0.75, None, 0.5, 40,
        False, "fine")], ChannelStatistics(12, [0.5, 0.5, 0.5], [0.25, 0.25, 0.25]),
    )  # fmt: skip
    return replace(built, **changes)
