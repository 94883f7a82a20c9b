"""What the audit says: findings, each with its number, its meaning and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

SEVERITIES = ("stop", "look", "fine")
# Keys of the findings that are faults of single photos; MLflow counts the photos that have each.
PHOTO_FAULTS = (
    *("unreadable", "truncated", "not_images", "no_decoder", "animated"),
    *("tiny", "upscaled", "extreme_aspect", "blank"),
    *("exact", "near", "conflicts", "leaks", "dark", "bright", "blurred"),
)


@dataclass(frozen=True)
class Item:
    """One thing that was found: the photos concerned and what is to be said of them."""

    paths: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """severity: ``stop`` (do not train before this is settled), ``look`` (worth a person's eye) or ``fine`` (dealt with; for information).

    key: what was looked for. count, of: how many photos it concerns, and of how many. meaning: what it does to the result.
    remedy: what to do. items: every single case, the most telling first. figures: what else was measured.
    """

    key: str
    severity: str
    title: str
    count: int
    of: int
    meaning: str
    remedy: str
    items: Sequence[Item] = ()
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of the photos, 0 to 1."""
        return self.count / self.of if self.of else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as written to audit.json."""
        return {
            **asdict(self),
            "share": round(self.share, 6),
            "items": [{"paths": list(i.paths), "note": i.note} for i in self.items],
        }


@dataclass(frozen=True)
class Findings:
    """All of a dataset. counts: candidates, used, unused, left_out. found: in order of severity. passed: what was looked for and
    not found, as sentences. balance: {class, train, val, test, unused, left_out} a class. distributions: property → class →
    {n, low, median, high}. channels: {mean, std, n}, or None. properties: how well each tells the classes apart by itself.
    """

    dataset: str
    kind: str
    classes: list[str]
    counts: dict[str, int]
    found: list[Finding]
    passed: list[str]
    balance: list[dict[str, Any]]
    distributions: dict[str, dict[str, Any]]
    properties: list[dict[str, Any]]
    channels: dict[str, Any] | None = None

    def of(self, severity: str) -> list[Finding]:
        """The findings of one severity."""
        return [finding for finding in self.found if finding.severity == severity]

    @property
    def verdict(self) -> str:
        """The whole in one sentence."""
        stop, look = len(self.of("stop")), len(self.of("look"))
        if stop:
            rest = f", and {look:,} more to look at" if look else ""
            return f"{number(stop, 'problem', 'problems')} to solve before you train{rest}"
        if look:
            return f"{number(look, 'finding', 'findings')} to look at before you train"
        return "Nothing wrong was found"

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as written to audit.json."""
        return {
            "dataset": self.dataset,
            "kind": self.kind,
            "verdict": self.verdict,
            "classes": self.classes,
            "counts": self.counts,
            "findings": [finding.to_dict() for finding in self.found],
            "passed": self.passed,
            "balance": self.balance,
            "distributions": self.distributions,
            "properties": self.properties,
            "channels": self.channels,
        }


def number(count: int, one: str, many: str) -> str:
    """``1 photo``, ``1,200 photos``."""
    return f"{count:,} {one if count == 1 else many}"


def photos(count: int) -> str:
    """``1 photo``, ``1,200 photos``."""
    return number(count, "photo", "photos")


def names(items: Iterable[str], most: int = 6) -> str:
    """``a, b and 3 more``."""
    every = list(items)
    if len(every) <= most:
        return " and ".join(filter(None, [", ".join(every[:-1]), *every[-1:]]))
    return f"{', '.join(every[:most])} and {len(every) - most} more"


def graded(count: int, of: int, *, look: float = 0.01, stop: float = 2.0) -> str:
    """The severity of a fault that a share of the photos has: ``look`` and ``stop`` are the shares from which it is so severe."""
    share = count / of if of else 0.0
    return "stop" if share >= stop else "look" if share >= look else "fine"
