"""Speaking to the person at the terminal: quiet log lines, and a mistake as one message without a stack trace."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from warmstart.errors import UserError


def start_logging() -> None:
    """Send this package's log lines, from INFO on, and everyone's warnings to standard error."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("warmstart").setLevel(logging.INFO)


@contextmanager
def exit_on_user_error() -> Iterator[None]:
    """Show a UserError as ``error: …`` and exit with 1; an interrupt exits with 130."""
    try:
        yield
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where this one stopped", file=sys.stderr)
        raise SystemExit(130) from None


def say(text: str = "") -> None:
    """Print a line that answers the person, to standard output, at once."""
    print(text, flush=True)


def warn(text: str) -> None:
    """Print a line about something that went wrong, to standard error."""
    print(text, file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """``text`` with escapes for what a terminal would obey and not show: line breaks, control codes and such in the names of files."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
