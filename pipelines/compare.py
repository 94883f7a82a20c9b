"""Compare the finished recipes of a dataset: python pipelines/compare.py data=critters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _app import CHECKOUT, app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import CompareConfig


def work(config: CompareConfig, paths: StagePaths) -> None:
    from _command_line import is_overridden
    from warmstart.comparison.compare import compare
    from warmstart.config.params import recipes_run, seeds_run

    recipes, seeds, params = config.recipes, config.seeds, CHECKOUT / "params.yaml"
    curves = config.learning_curves if paths.kind == "dvc" else None
    if not is_overridden("recipes"):  # by hand
        recipes = recipes_run(params, config.data.name, recipes)
    if not is_overridden("seeds"):
        seeds = seeds_run(params, config.data.name, seeds)
    # By hand too, the page belongs to the dataset: it is a view of what has finished.
    of_rows = (config.evaluate.confidence, config.titles, curves, seeds or 1)
    compare(paths.dataset, recipes, paths.dataset / "report", *of_rows)


if __name__ == "__main__":
    app("compare", work)
