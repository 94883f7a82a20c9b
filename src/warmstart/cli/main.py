"""The command ``warmstart``: where the process begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, None for the one typed; ends the process: 0 success, 1 failure, 2 unknown words."""
    if words is None:  # signals are answered before anything else is imported
        from warmstart.runtime.interrupts import listen

        listen()
    from warmstart.cli.command_line import run_command

    raise SystemExit(run_command(words))
