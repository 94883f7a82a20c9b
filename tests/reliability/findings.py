"""How much is tried, and where it is noted what was found."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

from support import CHECKOUT
from warmstart.files.plain import write_json, write_text

# 1 tries all, in about three quarters of an hour on two cores; 0.1 a tenth of it. The seed decides moments and choices.
SHARE = float(os.environ.get("WARMSTART_RELIABILITY_SHARE", "1"))
SEED = os.environ.get("WARMSTART_RELIABILITY_SEED", "1")
OUT = Path(os.environ.get("WARMSTART_RELIABILITY_OUT", CHECKOUT / "artifacts/.reliability"))


def chance(*what: Any) -> random.Random:
    """Random numbers for one try, the same each time for the same seed."""
    return random.Random(f"{SEED} {what}")


def share(items: list[Any], least: int = 1) -> list[Any]:
    """So many of ``items`` as the share says, evenly spread over them."""
    count = min(len(items), max(least, round(len(items) * SHARE)))
    return [items[int((number + 0.5) * len(items) / count)] for number in range(count)]


def note(row: str, found: list[str], **figures: Any) -> None:
    """Add a row to the table of findings, in ``OUT``, and print it. found: what went wrong, a line each; figures: what
    was tried.
    """
    write_json(OUT / f"{row}.json", {"row": row, **figures, "faults": len(found), "found": found})
    lines = ["| what | tried | faults |", "|---|---|---|"]
    for path in sorted(OUT.glob("*.json")):
        content = json.loads(path.read_text())
        tried = ", ".join(
            f"{key.replace('_', ' ')} {value}"
            for key, value in content.items()
            if key not in ("row", "faults", "found")
        )
        lines.append(f"| {content['row'].replace('_', ' ')} | {tried} | {content['faults']} |")
        if content["row"] == row:
            print(f"\n{lines[-1]}", *content["found"][:20], sep="\n  ")
    write_text(OUT / "table.md", "\n".join(lines) + "\n")
