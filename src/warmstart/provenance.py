"""Where a result comes from."""

from __future__ import annotations

import subprocess


def git_commit() -> str | None:
    """The commit of the checkout that we stand in; None where there is no git, no checkout or no commit yet."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
