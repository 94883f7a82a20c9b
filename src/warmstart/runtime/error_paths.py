"""Which file an error is about, where Python does not say it, and whose that file is."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]  # the checkout


def is_users(path: str | None) -> bool:
    """Whether a file is the person's own, who can see to it; those that the program makes and brings should
    be there.
    """
    ours = (ROOT / "artifacts", ROOT / "src", ROOT / "pipelines", Path(sys.prefix))
    return path is not None and not any(Path(path).absolute().is_relative_to(folder) for folder in ours)


def file_at_hand(error: BaseException) -> str:
    """``FILE: `` of the innermost function that had a file at hand; nothing where there is none."""
    return next((f"{path}: " for path in paths_at_hand(error) if path.is_file()), "")


def paths_at_hand(error: BaseException) -> list[Path]:
    """The paths that the functions on the stack had in variables, the innermost first: Python does not say which file a
    write was for.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return [value for frame in reversed(frames) for value in frame.f_locals.values() if isinstance(value, Path)]


def database_at_hand(error: BaseException) -> Path | None:
    """The database among ``paths_at_hand``."""
    return next((path for path in paths_at_hand(error) if path.suffix == ".db"), None)
