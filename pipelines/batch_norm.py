"""Show what batch norm does, by scratch and scratch_batchnorm: python pipelines/batch_norm.py data=critters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import LessonConfig

N_IMAGES = 200


def work(config: LessonConfig, paths: StagePaths) -> None:
    from _demonstration import end_demonstration
    from warmstart.dataset.image_store import ImageStore
    from warmstart.ingest.check_prepared import check_prepared
    from warmstart.lesson.batch_norm import check_kept_statistics, write_activation_distributions
    from warmstart.lesson.running_statistics import write_running_statistics
    from warmstart.models.checkpoint import load_model

    check_prepared(config.plain["data"], paths.images)
    recipes, folder = paths.dataset / "recipes", Path(config.out_dir or paths.dataset / "lesson" / "batch_norm")
    with_bn = Path(config.model_dir or recipes / "scratch_batchnorm" / "model")
    normalised, plain = load_model(with_bn / "model.ckpt"), load_model(recipes / "scratch" / "model" / "model.ckpt")
    store = ImageStore(paths.images, size=normalised.preprocessing.size)
    write_activation_distributions(normalised, plain, store.images("test")[:N_IMAGES], folder)
    check = check_kept_statistics(with_bn / "model.ckpt", store)
    write_running_statistics(with_bn, folder, check)
    end_demonstration(config, paths, paths.dataset, folder)


if __name__ == "__main__":
    app("batch_norm", work)
