"""The trainings of a learning curve: each recipe's configuration, and from that the training of a point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hydra import compose
from hydra.core.hydra_config import HydraConfig

from _app import CHECKOUT, user_root
from _checked_parts import check_all_parts
from _compose import plain
from _parts import training_parts
from _sizes import check_backbone_size
from _stage_paths import StagePaths
from warmstart.comparison.learning_curve.points import Point, epochs_of
from warmstart.comparison.learning_curve.train_points import Training
from warmstart.config.input_size import check_start_size
from warmstart.config.learning_curve import check_curves, read_trainings, training_stage, training_views
from warmstart.config.paths import absolute_paths
from warmstart.config.recipe_list import check_fit
from warmstart.config.schema import LearningCurveOptions
from warmstart.config.stages import LearningCurveConfig, TrainConfig, stage_config
from warmstart.inputs.made_with import training_made_with


def curve_trainings(config: LearningCurveConfig, paths: StagePaths) -> dict[str, Training]:
    """The trainings of a curve on all images, by recipe: those of the recipes that it starts from, and last its own; as
    compose has written them or, by hand, composed of the words of the command line. Raises UserError.
    """
    name = config.recipe.name
    if paths.kind == "dvc":
        views = read_trainings(paths.dataset / "conf" / name)
    else:
        words = [str(word) for word in HydraConfig.get().overrides.task]
        words = [word for word in words if not word.lstrip("+").startswith(("recipe=", "out_dir="))]
        configs = compose_chain(words, name, paths.here)
        check_curves([name], configs)
        views = training_views(configs, name)
    return {name: _training(absolute_paths(view, user_root()), paths) for name, view in views.items()}


def training_of(point: Point, whole: Training, options: LearningCurveOptions) -> Training:
    """The training of a point. whole: that of the recipe on all images, with the same parts and code."""
    content = {**whole.config.plain, "seed": point.seed, "train_share": point.share}
    schedule, full_batch = whole.config.schedule, whole.config.optimizer.full_batch
    if epochs := epochs_of(schedule, point.share, options.longest, full_batch=full_batch):
        content["schedule"] = {**content["schedule"], "epochs": epochs}
    return replace(whole, config=_typed(content))


def _training(content: dict[str, Any], paths: StagePaths) -> Training:
    stage = training_stage(content)
    made_with = training_made_with(CHECKOUT, stage, content, paths.code_digests)
    return Training(_typed(content), training_parts(content), stage, made_with)


def _typed(content: dict[str, Any]) -> TrainConfig:
    config = stage_config(training_stage(content), content)
    assert isinstance(config, TrainConfig)
    return config


def compose_chain(words: Sequence[str], name: str, here: Path) -> dict[str, dict[str, Any]]:
    """The configurations of a recipe and of those that it starts from, checked, with absolute paths. Hydra must be
    initialised. here: the folder in which the words were typed.
    """
    configs: dict[str, dict[str, Any]] = {}
    start: str | None = name
    while start and start not in configs:
        config = absolute_paths(plain(compose("config", [*words, f"recipe={start}"])), here)
        check_fit(config)
        check_backbone_size(config)
        configs[start] = config
        start = config["recipe"]["starts_from"]
    check_start_size(configs)
    check_all_parts(configs)
    return configs
