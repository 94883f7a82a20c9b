"""Measure a trained recipe on validation and test images: python pipelines/evaluate.py recipe=scratch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import EvaluateConfig


def work(config: EvaluateConfig, paths: StagePaths) -> float | None:
    from warmstart.evaluation.evaluate_recipe import evaluate
    from warmstart.training.state_folders import forget_finished

    model = Path(config.model_dir or paths.recipes / config.recipe.name / "model")
    metrics = evaluate(config, model_dir=model, images_dir=paths.images, out_dir=paths.out)
    if paths.kind == "dvc":  # which has noted the training's result by now
        forget_finished(paths.state, "dvc", dataset=config.data.name, recipe=config.recipe.name)
    chosen_by = metrics.val.interval(config.select_by)
    return chosen_by.value if chosen_by else None


if __name__ == "__main__":
    app("evaluate", work)
