"""A file for each run with everything that was printed, none of which replaces another's."""

from __future__ import annotations

import re
from pathlib import Path

from warmstart.cli.checkout import Checkout
from warmstart.config.paths import stamp

KEPT = 20  # of one dataset


def new_log(checkout: Checkout, name: str) -> Path:
    """A new empty file below artifacts/.logs for a run of the dataset ``name``; the oldest beyond ``KEPT`` go."""
    folder = checkout.root / "artifacts" / ".logs"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}_{stamp()}.log"
    number = 1
    while True:
        try:
            file.touch(exist_ok=False)
            break
        except FileExistsError:
            number += 1
            file = folder / f"{name}_{stamp()}_{number}.log"
    own = re.compile(re.escape(name) + r"_\d{4}-\d\d-\d\d_[\d-]+_\d{3}(_\d+)?\.log")
    logs = [path for path in folder.iterdir() if own.fullmatch(path.name)]
    for old in sorted(logs, key=lambda path: [int(part) for part in re.findall(r"\d+", path.name.removeprefix(name))])[
        :-KEPT
    ]:
        old.unlink(missing_ok=True)
    return file
