"""Decode and split the images of a dataset, or draw them: python pipelines/prepare.py data=critters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import PrepareConfig


def work(config: PrepareConfig, paths: StagePaths) -> None:
    from _sizes import sizes_by_hand
    from warmstart.ingest.prepare import prepare

    # By hand too, prepared images belong to the dataset: every other stage looks for them there.
    prepare(config.data, paths.images, sizes_by_hand(config))


if __name__ == "__main__":
    app("prepare", work)
