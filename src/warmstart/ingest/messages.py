"""The log lines of ``prepare``: what was found among the photos, and how many of each class are in each split."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from warmstart.dataset.manifest import SPLITS
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.curation import Curation
from warmstart.ingest.write_splits import SplitAssignment
from warmstart.text.printable import printable
from warmstart.text.quantities import plural

MAX_ITEMS_SHOWN = 10
log = logging.getLogger(__name__)


def log_findings(catalogue: Catalogue, curation: Curation, assignment: SplitAssignment) -> None:
    """Log, in a few lines, how the source was understood, the size of each class, and what was corrected or
    left out.
    """
    for note in catalogue.notes:
        log.warning("%s", printable(note))
    for label, name in enumerate(catalogue.classes[:MAX_ITEMS_SHOWN]):
        of_class = assignment.splits[curation.labels == label]
        sizes = ", ".join(f"{(of_class == number).sum()} {split}" for number, split in enumerate(SPLITS))
        log.info("class %s: %s", printable(name), sizes)
    if len(catalogue.classes) > MAX_ITEMS_SHOWN:
        log.info("… and %d more classes", len(catalogue.classes) - MAX_ITEMS_SHOWN)
    if curation.duplicates.near:
        log.info("near duplicates: %s", plural(len(curation.duplicates.near), "pair"))
    corrections = curation.corrections
    if corrections.file:
        changed, dropped = len(curation.original_classes), len(corrections.dropped)
        log.info("%s: %s changed, %s dropped", corrections.file, plural(changed, "label"), plural(dropped, "photo"))
    if curation.conflicts:
        shown = [" and ".join(catalogue.paths[photo] for photo in group) for group in curation.conflicts]
        count = plural(len(shown), "time")
        log.warning("the same photo with different labels, %s: %s", count, _shortened("; ", shown))
    skipped = [f"{file.path} ({file.reason})" for file in catalogue.skipped]
    skipped += [f"{catalogue.paths[photo]} ({reason})" for photo, reason in sorted(curation.left_out.items())]
    if skipped:
        log.warning("skipped %s: %s", plural(len(skipped), "file"), _shortened(", ", skipped))


def _shortened(between: str, items: Sequence[str]) -> str:
    shown = printable(between.join(items[:MAX_ITEMS_SHOWN]))
    return shown + (" …" if len(items) > MAX_ITEMS_SHOWN else "")
