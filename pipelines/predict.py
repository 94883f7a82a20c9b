"""Classify photos with a recipe that has finished: python pipelines/predict.py recipe=scratch image=~/photos.

``image`` is a photo or a folder of photos. The predictions are printed; with ``out_dir=FOLDER`` they are written there
as predictions.csv.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import PredictConfig


def work(config: PredictConfig, paths: StagePaths) -> None:
    from warmstart.errors import UserError
    from warmstart.serving.predict_files import predict_files

    if not config.image:
        raise UserError("image is not set: give a photo or a folder of photos")
    package = Path(config.model_dir or paths.recipes / config.recipe.name / "evaluate" / "package")
    output = paths.out / "predictions.csv" if config.out_dir else None
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
    predict_files(package, [Path(config.image)], output=output)


if __name__ == "__main__":
    app("predict", work)
