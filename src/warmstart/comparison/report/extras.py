"""What the report shows besides the comparison: the map of photos, the audit in short, and how all was made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warmstart.comparison.embedding import EmbeddingMap, embed_photos
from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.made import RecipeMade, how_made
from warmstart.dataset.image_store import ImageStore
from warmstart.records.audit import AuditReport

AUDIT_FILE = "audit/audit.json"


@dataclass(frozen=True)
class ReportExtras:
    """embedding: None without cached features. audit: None where it has not been made."""

    embedding: EmbeddingMap | None
    audit: AuditReport | None
    made: list[RecipeMade]


def read_extras(root: Path, store: ImageStore, finished: list[FinishedRecipe], confidence: float) -> ReportExtras:
    """Of the dataset whose artifacts are in ``root``. Raises UserError for damaged files."""
    audit = root / AUDIT_FILE
    return ReportExtras(
        embed_photos(store, root / "feature_cache", finished, confidence),
        AuditReport.read(audit) if audit.exists() else None,
        how_made(finished),
    )
