"""What has changed among code and libraries since the last listing, in a line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from warmstart.errors import UserError
from warmstart.files.plain import read_json, write_json
from warmstart.inputs.made_with import MadeWith

SHOWN = 3


def changes(made: Mapping[str, MadeWith], kept: Path) -> str | None:
    """The names of what has changed and the stages concerned, or None where nothing has, or nothing is known.

    made: stage, or stage/recipe → what it is made with. kept: the file that remembers it; it is replaced.
    """
    now = {place: one.code | one.libraries for place, one in made.items()}
    try:
        before = dict(read_json(kept))
    except (UserError, ValueError, TypeError):
        before = {}
    if before != now:
        try:
            write_json(kept, now)
        except OSError:
            return None
    changed = {
        place: sorted({name for name, _ in before[place].items() ^ now[place].items()})
        for place in sorted(set(before) & set(now))
    }
    names = list(dict.fromkeys(name for each in changed.values() for name in each))
    stages = dict.fromkeys(place.partition("/")[0] for place, each in changed.items() if each)
    if not names:
        return None
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"changed since the last time: {', '.join(names[:SHOWN])}{rest}; this concerns {', '.join(stages)}"
