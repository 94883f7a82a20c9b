"""Findings of the audit: what was found, how severe it is, how many photos it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from warmstart.audit.messages import Message, message
from warmstart.audit.scan import Scan
from warmstart.records.audit import FindingItem, FindingRecord, Severity

SEVERITIES: tuple[Severity, ...] = ("stop", "look", "fine")
# Keys of the findings that are faults of single photos; MLflow counts the photos that have each.
PHOTO_FAULTS = (
    *("unreadable", "truncated", "not_images", "no_decoder", "animated"),
    *("tiny", "upscaled", "extreme_aspect", "blank"),
    *("exact", "near", "conflicts", "leaks", "dark", "bright", "blurred"),
)


@dataclass(frozen=True)
class Finding:
    """One kind of fault.

    severity: ``stop`` (solve it before training), ``look`` (a person should look at it) or ``fine`` (for information).
    count, of: photos that it concerns, and photos that were looked at. items: every case, the most telling first.
    metrics: what else was measured.
    """

    kind: str
    severity: Severity
    count: int
    of: int
    message: Message
    items: Sequence[FindingItem] = ()
    metrics: Mapping[str, float | int | str | None] = field(default_factory=dict)

    def record(self) -> FindingRecord:
        """The finding as audit.json has it."""
        share = round(self.count / self.of, 6) if self.of else 0.0
        title, meaning, remedy = self.message
        return FindingRecord(
            self.kind,
            self.severity,
            title,
            self.count,
            self.of,
            meaning,
            remedy,
            [*self.items],
            {**self.metrics},
            share,
        )


def item(*paths: str, note: str = "") -> FindingItem:
    """One case: the photos concerned, and a note about them."""
    return FindingItem(list(paths), note)


def severity_of_share(count: int, of: int, *, look: float = 0.01, stop: float = 2.0) -> Severity:
    """The severity of a fault of ``count`` photos. look, stop: the shares, in [0, 1], from which it is so severe."""
    share = count / of if of else 0.0
    return "stop" if share >= stop else "look" if share >= look else "fine"


def find_photos(
    scan: Scan,
    mask: np.ndarray,
    *,
    kind: str,
    note: Callable[[int], str],
    severity: Severity | None = None,
    order: np.ndarray | None = None,
    variant: str = "",
    **values: float | str,
) -> Iterator[Finding]:
    """A finding of the photos in ``mask`` (bool (N,)); none where it is empty.

    note: of a photo, by its row. severity: by default, by the share of photos. order: float (N,), the photos with the
    lowest first; by default the order of the listing. variant, values: of the message.
    """
    rows = np.flatnonzero(mask)
    if order is not None:
        rows = rows[np.argsort(order[rows], kind="stable")]
    if count := len(rows):
        severity = severity or severity_of_share(count, len(scan))
        items = [item(scan.paths[row], note=note(int(row))) for row in rows]
        sentences = message(kind + variant, count, **values)
        yield Finding(kind=kind, severity=severity, count=count, of=len(scan), message=sentences, items=items)
