"""The same photo twice: exact and near copies, contradicting labels, and copies on both sides of a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from warmstart.audit.findings import Finding, item, severity_of_share
from warmstart.audit.messages import message
from warmstart.audit.scan import Scan
from warmstart.records.audit import Severity

CONFLICTS_STOP_SHARE = 0.02  # of all photos, from which the labels as a whole are in doubt
# Of the photos of one collection, seldom more than this share are copies, not even of photos taken in series: beyond it
# the finder is more probably wrong than the collection.
MAX_NEAR_SHARE = 0.2
SAME = {"exact": "the same file", "near": "the same photo", "group": "the same group"}


def exact(scan: Scan) -> Iterator[Finding]:
    """Images that are byte for byte the same."""
    groups = sorted(scan.record.exact, key=len, reverse=True)
    if spare := sum(len(group) - 1 for group in groups):
        severity = severity_of_share(spare, len(scan)) if scan.files else "fine"
        sentences = message("exact" if scan.files else "exact/published", spare)
        items = [item(*group, note=f"{len(group)} copies") for group in groups]
        yield Finding(kind="exact", severity=severity, count=spare, of=len(scan), message=sentences, items=items)


def near(scan: Scan) -> Iterator[Finding]:
    """Photos that look the same and are other files: smaller, mirrored, saved again."""
    pairs = sorted(scan.record.near or [], key=lambda pair: (pair.distance, pair.a, pair.b))
    if not pairs:
        return
    rows = _rows(scan, {path for pair in pairs for path in (pair.a, pair.b)})
    units = {path: int(scan.units[row]) for path, row in rows.items()}
    groups = Counter(units.values())
    apart = sum(units[pair.a] != units[pair.b] for pair in pairs)
    variant = "/apart" if apart else "/crowded" if len(rows) > MAX_NEAR_SHARE * len(scan) else ""
    mirrored = sum(pair.mirrored for pair in pairs)
    metrics = {"pairs": len(pairs), "mirrored": mirrored, "apart": apart, "groups": len(groups)}
    metrics["largest"] = max(groups.values())
    yield Finding(
        kind="near",
        severity="look" if variant else severity_of_share(len(rows), len(scan)),
        count=len(rows),
        of=len(scan),
        message=message("near" + variant, len(rows), **metrics),
        items=[item(p.a, p.b, note=f"distance {p.distance}{', mirrored' * p.mirrored}") for p in pairs],
        metrics=metrics,
    )


def conflicts(scan: Scan) -> Iterator[Finding]:
    """The same photo under two labels."""
    groups = scan.record.conflicts
    if not groups:
        return
    rows = _rows(scan, {path for group in groups for path in group})
    labels = {path: scan.label(row) for path, row in rows.items()}
    count = sum(len(group) for group in groups)
    used = sum(bool(scan.usable[row]) for row in rows.values())
    yield Finding(
        kind="conflicts",
        severity=severity_of_share(count, len(scan), look=0, stop=CONFLICTS_STOP_SHARE),
        count=count,
        of=len(scan),
        message=message("conflicts/used" if used else "conflicts", len(groups), used=used),
        items=[item(*group, note=" against ".join(labels[p] for p in group if p in labels)) for group in groups],
        metrics={"groups": len(groups)},
    )


def leaks(scan: Scan) -> Iterator[Finding]:
    """The same photo in two parts of a ready-made split."""
    pairs = scan.record.leaks
    variant, severity = _leak_variant(scan)
    if pairs:
        yield Finding(
            kind="leaks",
            severity=severity,
            count=len({path for pair in pairs for path in (pair.a, pair.b)}),
            of=len(scan),
            message=message("leaks" + variant, len(pairs)),
            items=[item(p.a, p.b, note=f"{SAME[p.kind]}, in {' and '.join(p.splits)}") for p in pairs],
            metrics={"pairs": len(pairs)},
        )


def _leak_variant(scan: Scan) -> tuple[str, Severity]:
    if scan.record.on_leak == "drop":
        return "/dropped", "fine"
    return ("", "stop") if scan.files else ("/published", "look")


def _rows(scan: Scan, wanted: set[str]) -> dict[str, int]:
    return {path: row for row, path in enumerate(scan.paths) if path in wanted}
