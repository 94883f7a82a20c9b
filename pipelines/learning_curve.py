"""Train a recipe on parts of the training images: python pipelines/learning_curve.py recipe=scratch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import LearningCurveConfig


def work(config: LearningCurveConfig, paths: StagePaths) -> None:
    from _trainings import curve_trainings, training_of
    from warmstart.comparison.learning_curve.stage import learning_curve
    from warmstart.comparison.learning_curve.train_points import Places

    trainings = curve_trainings(config, paths)
    learning_curve(
        [training.config.recipe for training in trainings.values()],
        config.learning_curve,
        lambda point: training_of(point, trainings[point.recipe], config.learning_curve),
        seed=config.seed,
        places=Places(paths.images, paths.features, paths.state, paths.points),
        out_dir=paths.out,
    )


if __name__ == "__main__":
    app("learning_curve", work)
