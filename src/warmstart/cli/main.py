"""The command ``warmstart``: where the process begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; ends the process with 0 if all is well, 1 for a failure, 2 for unknown words.

    words: None for those that were typed. Signals are answered before anything else is imported.
    """
    if words is None:
        from warmstart.runtime.interrupts import listen

        listen()
    from warmstart.cli.command_line import run_command

    raise SystemExit(run_command(words))
