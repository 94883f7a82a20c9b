"""Show what the filters of a network look for: python pipelines/patterns.py recipe=features interpret.patterns=64.

`interpret.pattern_layers=[blocks.4]` chooses layers. Before a transfer recipe is trained, its bare backbone is shown:
`recipe=features backbone=vgg16 backbone.weights=FILE`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from _app import app

if TYPE_CHECKING:
    from _stage_paths import StagePaths
    from warmstart.config.stages import PatternsConfig


def work(config: PatternsConfig, paths: StagePaths) -> None:
    from warmstart.interpretation.feature_visualization.make_patterns import make_patterns, untrained_backbone

    model = Path(config.model_dir or paths.recipes / config.recipe.name / "model")
    backbone = untrained_backbone(config)
    make_patterns(config.interpret, backbone, model, paths.images, paths.out, config.recipe.size)


if __name__ == "__main__":
    app("patterns", work)
