"""Set the finished recipes of a dataset side by side: python pipelines/compare.py data=critters."""

from __future__ import annotations

from typing import Any

from _app import CHECKOUT, Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from _panel import read_panel
    from warmstart.evaluation.compare import compare

    recipes = config.get("recipes") or list(read_panel(CHECKOUT / "params.yaml").recipes)
    # By hand too, the page belongs to the dataset: it is a view of what has finished.
    compare(place.dataset, recipes, place.dataset / "report", config["evaluate"])


if __name__ == "__main__":
    app("compare", work)
