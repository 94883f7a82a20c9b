"""The lesson on one page, in its order, making first what it lacks: python pipelines/lesson.py data=critters."""

from __future__ import annotations

import logging
from typing import Any

from _app import CHECKOUT, Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from _lesson import data_overrides, digit_steps, photo_steps, run_steps
    from warmstart.lesson.page.render import write_lesson_page
    from warmstart.lesson.page.results import read_digits, read_results
    from warmstart.tracking.publish import publish_lesson

    read_results(place.dataset)  # before anything is made: whether there is something to show
    run_steps(digit_steps(CHECKOUT / "artifacts"), CHECKOUT)
    data, patterns = config["data"], config["interpret"]["patterns"]
    run_steps(photo_steps(place.dataset, data, data_overrides(), patterns), CHECKOUT)
    missing = write_lesson_page(read_results(place.dataset), read_digits(CHECKOUT / "artifacts"))
    publish_lesson(place.root, config["data"]["name"], place.dataset)
    log = logging.getLogger("warmstart")
    for section, pictures in missing.items():
        log.warning("not made yet in %s: %s", section, ", ".join(pictures))
    log.info("open %s", (place.dataset / "lesson" / "index.html").relative_to(CHECKOUT))


if __name__ == "__main__":
    app("lesson", work)
