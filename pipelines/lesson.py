"""The lesson on one page, in its order, making first what it lacks: python pipelines/lesson.py data=critters."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from _app import CHECKOUT, app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import LessonConfig


def work(config: LessonConfig, paths: StagePaths) -> None:
    from _lesson import data_overrides, digit_steps, photo_steps, run_steps
    from warmstart.lesson.page.render import write_lesson_page
    from warmstart.lesson.page.results import read_digits, read_results
    from warmstart.tracking.publish import publish_lesson

    read_results(paths.dataset)  # before anything is made: whether there is something to show
    run_steps(digit_steps(CHECKOUT / "artifacts"), CHECKOUT)
    run_steps(photo_steps(paths.dataset, config.plain["data"], data_overrides(), config.interpret.patterns), CHECKOUT)
    missing = write_lesson_page(read_results(paths.dataset), read_digits(CHECKOUT / "artifacts"))
    publish_lesson(paths.root, config.data.name, paths.dataset)
    log = logging.getLogger("warmstart")
    for section, pictures in missing.items():
        log.warning("not made yet in %s: %s", section, ", ".join(pictures))
    log.info("open %s", (paths.dataset / "lesson" / "index.html").relative_to(CHECKOUT))


if __name__ == "__main__":
    app("lesson", work)
