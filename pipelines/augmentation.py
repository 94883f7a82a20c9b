"""Show a recipe's augmentation: python pipelines/augmentation.py data=critters, with image=PATH on a photo of yours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import LessonConfig


def work(config: LessonConfig, paths: StagePaths) -> None:
    from _demonstration import end_demonstration
    from _parts import make_transforms
    from warmstart.ingest.check_prepared import check_prepared
    from warmstart.lesson.augmentation import write_augmentation
    from warmstart.lesson.sample_image import dataset_sample, photo_sample

    seed = config.interpret.seed
    if config.image:
        image, name = photo_sample(config.image)
    else:
        check_prepared(config.plain["data"], paths.images)
        image, name = dataset_sample(paths.images, seed)
    folder = Path(config.out_dir or paths.dataset / "lesson" / "augmentation")
    write_augmentation(image, config.augment, make_transforms, seed, folder, name)
    end_demonstration(config, paths, paths.dataset, folder)


if __name__ == "__main__":
    app("augmentation", work, default="recipe=scratch_augmented")
