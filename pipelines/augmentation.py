"""Show a recipe's augmentation: python pipelines/augmentation.py data=critters, with image=PATH on a photo of yours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.config.schema import Augment
    from warmstart.ingest.check_prepared import check_prepared
    from warmstart.lesson.augmentation import write_augmentation
    from warmstart.lesson.sample_image import dataset_sample, photo_sample

    seed = config["interpret"]["seed"]
    if config["image"]:
        image, name = photo_sample(config["image"])
    else:
        check_prepared(config["data"], place.images)
        image, name = dataset_sample(place.images, seed)
    folder = Path(config["out_dir"] or place.dataset / "lesson" / "augmentation")
    write_augmentation(image, Augment(**config["augment"]), seed, folder, name)
    if config["tracking"]["live"] and not config["out_dir"]:
        from warmstart.tracking.publish import publish_lesson

        publish_lesson(place.root, config["data"]["name"], place.dataset)
    place.show(folder)


if __name__ == "__main__":
    chosen = any(argument.startswith(("recipe=", "--config-name", "-cn")) for argument in sys.argv)
    sys.argv += [] if chosen else ["recipe=scratch_augmented"]
    app("augmentation", work)
