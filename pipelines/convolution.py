"""Show what convolution is: python pipelines/convolution.py on a digit, data=critters on a test image, image=PATH."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _app import CHECKOUT, app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import LessonConfig


def work(config: LessonConfig, paths: StagePaths) -> None:
    from _command_line import is_overridden
    from _demonstration import end_demonstration
    from warmstart.ingest.check_prepared import check_prepared
    from warmstart.lesson.sample_image import dataset_sample, digit_sample, photo_sample

    chosen = is_overridden("data")
    name = config.data.name if chosen else "photos" if config.image else "digits"
    seed = config.interpret.seed
    if config.image:
        image, title = photo_sample(config.image)
    elif chosen:
        check_prepared(config.plain["data"], paths.images)
        image, title = dataset_sample(paths.images, seed)
    else:
        image, title = digit_sample(seed)
    from warmstart.lesson.convolution.demonstration import write_convolution

    dataset = CHECKOUT / "artifacts" / name
    folder = Path(config.out_dir or dataset / "lesson" / "convolution")
    write_convolution(image, title, folder)
    end_demonstration(config, paths, dataset, folder)


if __name__ == "__main__":
    app("convolution", work)
