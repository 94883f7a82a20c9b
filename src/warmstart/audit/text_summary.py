"""The audit as plain text, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from warmstart.audit.messages import names, photos
from warmstart.records.audit import AuditReport, FindingItem, FindingRecord
from warmstart.text.printable import printable
from warmstart.text.quantities import plural

MAX_EXAMPLES, MAX_CLASSES = 3, 8
WIDTH = 110  # columns
INDENT = " " * 6


def summary_lines(report: AuditReport) -> list[str]:
    """Some short lines: the photos and classes, the verdict, and each finding with its remedy."""
    counts, classes = report.counts, plural(len(report.classes), "class", "classes")
    sizes = (f"{c.class_name} {c.train + c.val + c.test + c.unused:,}" for c in report.balance)
    lines = [f"{photos(counts.candidates)} in {classes}: {names(sizes, MAX_CLASSES)}"]
    if counts.left_out:
        are = "is" if counts.left_out == 1 else "are"
        lines.append(f"{counts.left_out:,} of them {are} left out, for the reasons below")
    important = [finding for finding in report.findings if finding.severity != "fine"]
    lines += ["", f"{report.verdict}{':' if important else '.'}"]
    for finding in important:
        lines += _finding_lines(finding)
    if fine := [finding for finding in report.findings if finding.severity == "fine"]:
        lines += ["", "For information:", *(f"    {finding.title}" for finding in fine)]
    return [printable(line) for line in lines]


def _finding_lines(finding: FindingRecord) -> list[str]:
    mark = "!!" if finding.severity == "stop" else " !"
    partial = 0 < finding.count < finding.of and finding.items and finding.items[0].paths
    share = f" ({100 * finding.count / finding.of:.2g} %)" if partial else ""
    examples = _examples(finding.items)
    return [
        f" {mark} {finding.title}{share}",
        *([f"{INDENT}{examples}"] if examples else []),
        *_wrapped(finding.meaning),
        *_wrapped(f"→ {finding.remedy}"),
    ]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, break_long_words=False, break_on_hyphens=False
    )


def _examples(items: Sequence[FindingItem]) -> str:
    shown = [
        " = ".join(item.paths) + (f" ({item.note})" if item.note else "") for item in items[:MAX_EXAMPLES] if item.paths
    ]
    return ("e.g. " if len(items) > MAX_EXAMPLES and shown else "") + ", ".join(shown)
