"""The audit as plain text, for a terminal and for someone who has just come."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from warmstart.audit.findings import Finding, Findings, Item, names, number, photos
from warmstart.text.printable import printable

EXAMPLES = 3
WIDTH = 110  # columns


def summary_lines(findings: Findings) -> list[str]:
    """Some short lines: what there is, the verdict, and each finding with what to do."""
    counts = findings.counts
    sizes = {row["class"]: sum(row[part] for part in ("train", "val", "test", "unused")) for row in findings.balance}
    each = names((f"{name} {count:,}" for name, count in sizes.items()), 8)
    lines = [f"{photos(counts['candidates'])} in {number(len(findings.classes), 'class', 'classes')}: {each}"]
    if counts["left_out"]:
        lines.append(
            f"{counts['left_out']:,} of them {'is' if counts['left_out'] == 1 else 'are'} left out, for the reasons below"
        )
    lines += ["", f"{findings.verdict}." if findings.verdict.startswith("Nothing") else f"{findings.verdict}:"]
    for finding in [*findings.of("stop"), *findings.of("look")]:
        lines += _told(finding, "!!" if finding.severity == "stop" else " !")
    if fine := findings.of("fine"):
        lines += ["", "For information:", *(f"    {finding.title}" for finding in fine)]
    return [printable(line) for line in lines]


def _told(finding: Finding, mark: str) -> list[str]:
    lines = [f" {mark} {finding.title}{_share(finding)}"]
    if examples := _examples(finding.items):
        lines.append(f"      {examples}")
    return [*lines, *_wrapped(finding.meaning), *_wrapped(f"→ {finding.remedy}")]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6, break_long_words=False, break_on_hyphens=False
    )


def _share(finding: Finding) -> str:
    return (
        f" ({100 * finding.share:.2g} %)"
        if 0 < finding.count < finding.of and finding.items and finding.items[0].paths
        else ""
    )


def _examples(items: Sequence[Item]) -> str:
    shown = [
        " = ".join(item.paths) + (f" ({item.note})" if item.note else "") for item in items[:EXAMPLES] if item.paths
    ]
    more = len(items) - EXAMPLES
    return ("e.g. " if more > 0 and shown else "") + ", ".join(shown)
