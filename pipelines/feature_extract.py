"""Run the backbone once over the prepared images and keep its output: python pipelines/feature_extract.py."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import FeatureExtractConfig


def work(config: FeatureExtractConfig, paths: StagePaths) -> None:
    if config.backbone is None:  # DVC runs this stage whatever the recipes are
        from warmstart.files.plain import replace_dir, write_text
        from warmstart.records.feature_extraction import FeatureExtraction

        with replace_dir(paths.features) as out:
            write_text(out / "none", "No recipe in params.yaml trains on cached features.\n")
        FeatureExtraction([], "").write(paths.dataset / FeatureExtraction.FILE)
        logging.getLogger("warmstart").info("no recipe trains on cached features: nothing to extract")
        return
    from _sizes import sizes_by_hand
    from warmstart.features.feature_cache import extract_features

    extract_features(replace(config, sizes=sizes_by_hand(config)), paths.images, paths.features)


if __name__ == "__main__":
    app("feature_extract", work)
