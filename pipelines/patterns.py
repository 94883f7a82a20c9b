"""Show what the filters of a network look for: python pipelines/patterns.py recipe=features interpret.patterns=64.

`interpret.pattern_layers=[blocks.4]` chooses layers. Before a transfer recipe is trained, its bare backbone is shown:
`recipe=features backbone=vgg16 backbone.weights=FILE`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from _app import Place, app


def work(config: dict[str, Any], place: Place) -> None:
    from warmstart.config.schema import Interpret
    from warmstart.ingest.check_prepared import check_prepared
    from warmstart.interpretation.feature_visualization.make_patterns import make_patterns, untrained_backbone

    check_prepared(config["data"], place.images)
    model = config["model_dir"] or place.dataset / "recipes" / config["recipe"]["name"] / "model"
    options = Interpret(**config["interpret"])
    make_patterns(options, untrained_backbone(config), Path(model), place.images, place.out)


if __name__ == "__main__":
    app("patterns", work)
