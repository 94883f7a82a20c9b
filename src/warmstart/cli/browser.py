"""Opening a page for the person at the terminal, where there is one with a desktop."""

from __future__ import annotations

import os
import sys
import webbrowser


def open_for_a_person(address: str) -> bool:
    """Whether a browser has been opened. None is where the output is no terminal, on another machine, or without a
    desktop: there Python would start a browser of text in the terminal.
    """
    desktop = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not (sys.stdout.isatty() and desktop) or os.environ.get("SSH_CONNECTION"):
        return False
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False
