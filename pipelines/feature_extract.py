"""Run the backbone once over the prepared images and keep its output: python pipelines/feature_extract.py."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> None:
    if config["backbone"] is None:
        write_none(place.features)
        return
    from warmstart.config.stages import stage_config
    from warmstart.features.feature_cache import extract_features
    from warmstart.ingest.check_prepared import check_prepared

    check_prepared(config["data"], place.images)
    extract_features(stage_config("feature_extract", config), place.images, place.features)


def write_none(folder: Path) -> None:
    """DVC runs this stage whatever the recipes are, so without one that wants features it does nothing, at once."""
    from warmstart.files.plain import replace_dir, write_text

    with replace_dir(folder) as out:
        write_text(out / "none", "No recipe in params.yaml trains on cached features.\n")
    logging.getLogger("warmstart").info("no recipe trains on cached features: nothing to extract")


if __name__ == "__main__":
    app("feature_extract", work)
