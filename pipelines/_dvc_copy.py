"""DVC's temporary copies of the checkout, for experiments in a queue: what git does not know is missing there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from _app import CHECKOUT
from warmstart.errors import UserError

UNKNOWN_TO_GIT = (
    "{first} is not known to git, so DVC's copy of the checkout lacks it: `git add -N {all}`, "
    "then the same command again"
)


@contextmanager
def options_known_to_git(person: Path) -> Iterator[None]:
    """Where an option is missing here that the checkout of the ``person`` has, say how git learns of it (UserError)."""
    try:
        yield
    except UserError as error:
        lacking = [file for file in _lacking(person) if _names(error, file.stem) and _names(error, file.parent.name)]
        names = [file.as_posix() for file in lacking]
        if not names:
            raise
        raise UserError(UNKNOWN_TO_GIT.format(first=names[0], all=shlex.join(names))) from None


def _names(error: UserError, name: str) -> bool:
    """Whether the error names it, as a word of its own."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", str(error)) is not None


def _lacking(person: Path) -> list[Path]:
    options = sorted(file.relative_to(person) for file in (person / "conf").rglob("*.yaml"))
    return [option for option in options if not (CHECKOUT / option).exists()]
