"""What has changed among code and libraries since the last listing, in a line: DVC only says that a listing
is another.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from warmstart.errors import UserError
from warmstart.files.plain import read_json, write_json
from warmstart.inputs.made_with import MadeWith

SHOWN = 3


def changes(made: Mapping[str, MadeWith], kept: Path) -> str | None:
    """The names of what has changed and the kinds of stages that it concerns, or None where nothing has, or nothing is
    known from before.

    made: stage, or stage/recipe → what it is made with. kept: the file that remembers it from one time to the next; it
    is replaced.
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
    names: dict[str, None] = {}
    stages: dict[str, None] = {}
    for place in sorted(set(before) & set(now)):
        different = {name for name in {*before[place], *now[place]} if before[place].get(name) != now[place].get(name)}
        if different:
            names |= dict.fromkeys(sorted(different))
            stages[place.partition("/")[0]] = None
    if not names:
        return None
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"changed since the last time: {', '.join(list(names)[:SHOWN])}{rest}; this concerns {', '.join(stages)}"
