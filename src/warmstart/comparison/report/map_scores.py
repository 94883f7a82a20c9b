"""The scores of each recipe's class activation maps, as rows of the comparison page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from warmstart.files.plain import read_json

if TYPE_CHECKING:
    from warmstart.comparison.finished import Finished

# Key in interpret/summary.json, heading, and what is measured and its bar.
SCORES = (
    (
        "versus_centre",
        "better than the middle",
        "how much more the answer depends on the pixels that the map points at than on those in the middle (insertion − deletion, minus the same of a centre Gaussian); above 0",
    ),
    (
        "mosaic_energy",
        "in the right cells",
        "on mosaics of two classes, the share of the evidence for a class that lies on its own photos; 0.5 by chance; at least halfway from there to what maps so coarse can reach",
    ),
    (
        "randomised_head_spearman",
        "with a random head",
        "how like the maps stay when the head gets random weights (rank correlation); at most 0.2",
    ),
    (
        "noise_spearman",
        "with noise",
        "how like the maps stay when the photo gets noise (rank correlation); at least 0.6",
    ),
    (
        "evidence_versus_centre",
        "on the evidence",
        "share of the evidence inside the drawn masks, minus the same of a centre Gaussian; above 0",
    ),
)


def map_scores(finished: Sequence[Finished]) -> dict[str, Any] | None:
    """``columns``, (heading, explanation), and ``rows``: recipe, where its maps are taken, verdict, trusted, n and a figure {value, low, high} or None for
    each column; columns that no recipe has are left out. None where no recipe's maps were scored.
    """
    rows = []
    for recipe in finished:
        path = recipe.folder / "interpret" / "summary.json"
        summary = read_json(path) if path.exists() else {}
        if scores := summary.get("scores"):
            rows.append({"recipe": recipe.name, "where": summary.get("where", ""), "scores": scores})
    if not rows:
        return None
    kept = [column for column in SCORES if any(row["scores"].get(column[0]) for row in rows)]
    return {
        "columns": [column[1:] for column in kept],
        "rows": [
            {
                "recipe": row["recipe"],
                "where": row["where"],
                **{key: row["scores"][key] for key in ("verdict", "trusted", "n")},
                "figures": [row["scores"].get(key) for key, *_ in kept],
            }
            for row in rows
        ],
    }
