"""Run the backbone once over the prepared images and keep its output: python pipelines/feature_extract.py."""

from __future__ import annotations

from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.data.prepare import check_prepared
    from warmstart.loading.feature_cache import extract_features

    check_prepared(config["data"], place.images)
    extract_features(config, place.images, place.features)


if __name__ == "__main__":
    app("feature_extract", work)
