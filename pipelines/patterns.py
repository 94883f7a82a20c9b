"""Show what the filters of a network look for: python pipelines/patterns.py recipe=features interpret.patterns=64.

`interpret.pattern_layers=[blocks.4]` chooses layers. Before a transfer recipe is trained, its bare backbone is shown:
`recipe=features backbone=vgg16 backbone.weights=FILE`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.ingest.check_prepared import check_prepared
    from warmstart.interpretation.patterns.stage import make_patterns

    check_prepared(config["data"], place.images)
    model = config["model_dir"] or place.dataset / "recipes" / config["recipe"]["name"] / "model"
    make_patterns(config, Path(model), place.images, place.out)


if __name__ == "__main__":
    app("patterns", work)
