"""A finding of some photos of a scan."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from warmstart.audit.findings import Finding, Item, graded
from warmstart.audit.scan import Scan


def tell(
    scan: Scan,
    which: np.ndarray,
    key: str,
    title: Callable[[int], str],
    meaning: str,
    remedy: str,
    note: Callable[[int], str],
    *,
    severity: str | None = None,
    order: np.ndarray | None = None,
) -> list[Finding]:
    """The photos ``which`` (bool (N,)) as a finding, or nothing where there are none.

    title: of how many there are. note: what is said of a photo, by its row. severity: None for one by their share. order: float
    (N,), the photos with the lowest first; None: in the order of the listing.
    """
    rows = np.flatnonzero(which)
    if not len(rows):
        return []
    if order is not None:
        rows = rows[np.argsort(order[rows], kind="stable")]
    items = [Item((scan.paths[row],), note(int(row))) for row in rows]
    count, of = len(items), len(scan)
    return [Finding(key, severity or graded(count, of), title(count), count, of, meaning, remedy, items)]
