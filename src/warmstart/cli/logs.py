"""A file for each run with everything that was printed, none of which replaces another's."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import count
from pathlib import Path

from warmstart.cli.checkout import Checkout
from warmstart.config.paths import stamp

KEPT = 20  # of one dataset


def new_log(checkout: Checkout, name: str) -> Path:
    """A new empty file below artifacts/.logs for a run of the dataset ``name``; the oldest beyond ``KEPT`` go."""
    folder = checkout.root / "artifacts" / ".logs"
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        file = folder / f"{name}_{stamp()}{f'_{number}' if number > 1 else ''}.log"
        with suppress(FileExistsError):
            file.touch(exist_ok=False)
            break
    own = re.compile(re.escape(name) + r"_\d{4}-\d\d-\d\d_[\d-]+_\d{3}(_\d+)?\.log")
    logs = [path for path in folder.iterdir() if own.fullmatch(path.name)]
    logs.sort(key=lambda path: [int(part) for part in re.findall(r"\d+", path.name.removeprefix(name))])
    for old in logs[:-KEPT]:
        old.unlink(missing_ok=True)
    return file
