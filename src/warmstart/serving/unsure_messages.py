"""What is said of photos that are marked as unsure."""

from __future__ import annotations

from warmstart.records.unsure import UnsureLimit
from warmstart.text.quantities import count, percent_interval, plural

NO_LIMIT = "no photo is marked as unsure: {reason}"
MARKED = "{marked} of {photos} {are} unsure: the probability is below {limit:.3f}"
REST = "; of {n} validation photos above it {error} were wrong{few}"
FEW = ", which is too few photos to be sure of it"


def marked_sentence(limit: UnsureLimit, marked: int, photos: int) -> str:
    """How many of the photos are marked, and what is known of the others."""
    if limit.limit is None:
        return NO_LIMIT.format(reason=limit.none)
    are = "is" if marked == 1 else "are"
    said = MARKED.format(marked=count(marked), photos=plural(photos, "photo"), are=are, limit=limit.limit)
    error = limit.validation and limit.validation.error
    if error:
        few = FEW if limit.rule == "observed" else ""
        said += REST.format(n=count(error.n), error=percent_interval(error), few=few)
    return said
