"""Figures as people read them: per cent, counts, times and p-values, the same in the terminal and on the pages."""

from __future__ import annotations

from collections.abc import Mapping


def percent(share: float | None) -> str:
    """A share as a number of per cent without its sign: 0.973 is ``97.3``; nothing is a dash."""
    return "–" if share is None else f"{100 * share:.1f}"


def percent_interval(figure: Mapping[str, float]) -> str:
    """A share {value, low, high} with its interval: ``97.3 % [96.1, 98.2]``."""
    return f"{percent(figure['value'])} % [{percent(figure['low'])}, {percent(figure['high'])}]"


def points(difference: float | None) -> str:
    """A signed difference in percentage points: 0.098 is ``+9.8``."""
    return "–" if difference is None else f"{100 * difference:+.1f}".replace("-", "−")


def count(number: float) -> str:
    """A whole number with separators: ``1,000``."""
    return f"{number:,.0f}"


def p_text(p: float) -> str:
    """A p-value as people write it: ``p = 0.031``, ``p < 0.001``."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def duration(seconds: float) -> str:
    """A time as people say it: ``4.2 s``, ``95 s``, ``2.3 min``, ``48 min``, ``3.1 h``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 600:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


# Lightning's words for how training computes, in a person's.
PRECISIONS = {
    "32-true": "32-bit floats",
    "bf16-mixed": "bfloat16 mixed precision",
    "16-mixed": "16-bit mixed precision",
}


def precision_words(precision: str, device: str) -> str:
    """How and where a network was trained: ``in bfloat16 mixed precision on the CPU``."""
    where = {"cpu": "the CPU", "mps": "the Apple GPU"}.get(device, device)
    return f"in {PRECISIONS.get(precision, precision)} on {where}"


def commonest(classes: list[str]) -> str:
    """The commonest class of the training images, by name unless it differs between folds."""
    return classes[0] if len(classes) == 1 else "the commonest class"
