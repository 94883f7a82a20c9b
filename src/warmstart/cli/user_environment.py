"""What commands are run with, also for a user without a name or a home, as in many containers."""

from __future__ import annotations

import getpass
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from warmstart.tracking import NO_TELEMETRY


def environment() -> dict[str, str]:
    """What commands are run with: DVC's `python` is the one that runs this."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, **missing_variables(), **NO_TELEMETRY, "PATH": path, "PYTHONUNBUFFERED": "1"}


def missing_variables() -> dict[str, str]:
    """USER and LOGNAME where this user has no name; HOME, below the temporary folder, where it has no home."""
    return {**_name(), **_home()}


def _name() -> dict[str, str]:
    try:
        getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = f"user{os.getuid()}" if hasattr(os, "getuid") else "user"
        return {"USER": name, "LOGNAME": name}
    return {}


def _home() -> dict[str, str]:
    with suppress(RuntimeError):
        if Path.home().is_dir():
            return {}
    number = os.getuid() if hasattr(os, "getuid") else 0
    home = Path(tempfile.gettempdir()) / f"warmstart-home-{number}"
    home.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and home.stat().st_uid != number:  # another user has made it
        home = Path(tempfile.mkdtemp(prefix="warmstart-home-"))
    return {"HOME": str(home)}
