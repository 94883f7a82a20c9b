"""Speaking to the person at the terminal: quiet log lines, and the one door at which every error becomes a message and
an exit status.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warmstart.errors import first_line
from warmstart.runtime import interrupts
from warmstart.runtime.machine_errors import sentence
from warmstart.text.printable import visible

FAULT = "fault: "  # how the line about a fault of the code begins; a person's own mistake begins with "error: "


def start_logging() -> None:
    """Send this package's log lines, from INFO on, and everyone's warnings to standard error."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Visible("%(message)s"))
    logging.getLogger("warmstart").setLevel(logging.INFO)
    _print_any_name()
    _hide_failures_of_half_made_loaders()


@contextmanager
def exit_on_user_error(log: Path | None = None) -> Iterator[None]:
    """Turn whatever is raised inside into lines on standard error and an exit status.

    What the person, the input or the machine is the cause of (`warmstart.errors.sentence`) becomes ``error: …`` and 1;
    an interrupt 130, SIGTERM 143 and SIGHUP 129, with whatever was raised after them (`warmstart.runtime.interrupts`);
    a reader that has had enough 1 without a word. Anything else is a fault of the code: 1, one line that says so, and
    the stack trace in the file ``log``, or on standard error where that is None.
    """
    try:
        with interrupts.raising():
            yield
            interrupts.check()
    except BaseException as error:
        if number := interrupts.heard(error):
            raise SystemExit(interrupts.exit_status(number)) from None
        if isinstance(error, BrokenPipeError):
            with contextlib.suppress(
                OSError, ValueError, AttributeError
            ):  # or Python complains once more when it flushes
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(1) from None
        if not isinstance(error, Exception):
            raise
        text = sentence(error)
        with contextlib.suppress(OSError):  # standard error may be on the full disk itself
            warn(f"error: {text}" if text else _report(error, log))
        raise SystemExit(1) from None


def say(text: str = "") -> None:
    """Print a line that answers the person, to standard output, at once."""
    print(visible(text), flush=True)


def warn(text: str) -> None:
    """Print a line about something that went wrong, to standard error."""
    print(visible(text), file=sys.stderr, flush=True)


class _Visible(logging.Formatter):
    """Of a log line, too, a terminal obeys nothing."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record))


def _report(error: Exception, log: Path | None) -> str:
    """The line about a fault of the code, when its stack trace is in a file or printed."""
    trace = "".join(traceback.format_exception(error))
    which = f"{type(error).__name__}: {first_line(error)}"
    what = f"{FAULT}this is a fault of Warmstart, not of your photos or settings ({which})"
    for file in [log, Path(os.environ.get("TMPDIR", "/tmp")) / "warmstart-fault.log"] if log else []:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(visible(f"{_circumstances()}\n{trace}\n"))
        except OSError:
            continue
        return f"{what}; please report it with the end of {file}, which says where it happened"
    return f"{trace}{_circumstances()}\n{what}; please report it with the lines above"


def _circumstances() -> str:
    """What whoever mends a fault asks for first: when, versions, command."""
    from warmstart.runtime.provenance import versions

    return f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {versions()}\n$ {shlex.join(sys.argv)}"


def _print_any_name() -> None:
    """A file's name may be no text in the terminal's encoding: it is then printed with escapes, and no answer is lost
    for it.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _hide_failures_of_half_made_loaders() -> None:
    """PyTorch's loader that could not be made, such as for want of shared memory, prints a stack of its own when it is
    removed.
    """
    show = sys.unraisablehook

    def hook(failure: sys.UnraisableHookArgs) -> None:
        if "_MultiProcessingDataLoaderIter" not in str(failure.exc_value):
            show(failure)

    sys.unraisablehook = hook
