"""Show what a trained recipe learned and where it looks: python pipelines/interpret.py recipe=scratch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import InterpretConfig


def work(config: InterpretConfig, paths: StagePaths) -> None:
    from warmstart.interpretation.interpret import interpret

    model = Path(config.model_dir or paths.recipes / config.recipe.name / "model")
    interpret(model, paths.images, model.parent / "evaluate", paths.out, config.interpret)


if __name__ == "__main__":
    app("interpret", work)
