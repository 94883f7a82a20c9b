"""Where a result comes from."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version

import warmstart

_SHOWN = ("torch", "pytorch-lightning", "hydra-core", "dvc", "mlflow")


def git_commit() -> str | None:
    """The commit of the checkout that we stand in; None where there is no git, no checkout or no commit yet."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def versions() -> str:
    """The versions of Warmstart, Python, the system and the libraries that stages are built on, in a line."""
    out = [f"warmstart {warmstart.__version__}", f"Python {platform.python_version()}", platform.platform()]
    for name in _SHOWN:
        try:
            out.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            out.append(f"no {name}")
    return ", ".join(out)
