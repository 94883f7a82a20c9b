"""Set the finished recipes of a dataset side by side: python pipelines/compare.py data=critters."""

from __future__ import annotations

import sys
from typing import Any

from _app import CHECKOUT, Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from _panel import recipes_of
    from warmstart.comparison.compare import compare

    named = any(argument.startswith("recipes=") for argument in sys.argv)
    recipes = recipes_of(config, CHECKOUT / "params.yaml", cut=place.kind == "dvc", named=named)
    # By hand too, the page belongs to the dataset: it is a view of what has finished.
    compare(place.dataset, recipes, place.dataset / "report", config["evaluate"], config.get("titles", {}))


if __name__ == "__main__":
    app("compare", work)
