"""Decode and split the images of a dataset, or draw them: python pipelines/prepare.py data=critters."""

from __future__ import annotations

from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.config.data_schema import Data
    from warmstart.config.typed import to_typed
    from warmstart.ingest.prepare import prepare

    # By hand too, prepared images belong to the dataset: every other stage looks for them there.
    prepare(to_typed(Data, config["data"]), place.images)


if __name__ == "__main__":
    app("prepare", work)
