"""Show what convolution is: python pipelines/convolution.py on a digit, data=critters on a test image, image=PATH."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from _app import CHECKOUT, Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.ingest.check_prepared import check_prepared
    from warmstart.lesson.sample_image import dataset_sample, digit_sample, photo_sample

    chosen = any(argument.startswith(("data=", "--config-name", "-cn")) for argument in sys.argv)
    name = config["data"]["name"] if chosen else "photos" if config["image"] else "digits"
    seed = config["interpret"]["seed"]
    if config["image"]:
        image, title = photo_sample(config["image"])
    elif chosen:
        check_prepared(config["data"], place.images)
        image, title = dataset_sample(place.images, seed)
    else:
        image, title = digit_sample(seed)
    from warmstart.lesson.convolution.demonstration import write_convolution  # only now: torch takes seconds to import

    dataset = CHECKOUT / "artifacts" / name
    folder = Path(config["out_dir"] or dataset / "lesson" / "convolution")
    write_convolution(image, title, folder)
    if config["tracking"]["live"] and not config["out_dir"]:
        from warmstart.tracking.publish import publish_lesson

        publish_lesson(place.root, name, dataset)
    place.show(folder)


if __name__ == "__main__":
    app("convolution", work)
