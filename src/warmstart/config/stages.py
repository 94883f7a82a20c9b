"""What each stage may read of the configuration. ``config.views`` cuts what DVC gives a stage to the same keys.

Groups that a recipe's stage does not read are None. Keys of stages that are run by hand have defaults: DVC's do not
give them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from warmstart.config.data_schema import Data
from warmstart.config.schema import (
    Backbone,
    Balance,
    ComputeOptions,
    Debug,
    Evaluate,
    Head,
    Interpret,
    LearningCurveOptions,
    Loss,
    LRFind,
    Network,
    ParamGroups,
    Recipe,
    Schedule,
    Tracking,
    Trainer,
)
from warmstart.config.seeds import without_single_seed
from warmstart.config.selection import ACCURACY
from warmstart.config.slices import Confidence, DatasetName, HeadPool, RecipeName
from warmstart.config.target import Target
from warmstart.config.typed import to_typed


@dataclass(frozen=True, kw_only=True)
class StageConfig:
    """What every stage may read. plain: all that the stage was given as plain data, as it is recorded beside the
    results.
    """

    folder: ClassVar[str] = ""  # of the results, where it is not called as the stage
    needs_images: ClassVar[bool] = False  # prepared ones, as this configuration asks for

    data: DatasetName | Data
    out_dir: str | None = None
    plain: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class PrepareConfig(StageConfig):
    """Of decoding and splitting images, or drawing them. sizes: sides in pixels, besides ``data.size``."""

    data: Data
    sizes: list[int] | None = None


@dataclass(frozen=True, kw_only=True)
class NamedConfig(StageConfig):
    """Of stages to which the dataset is a folder of files."""

    data: DatasetName


@dataclass(frozen=True, kw_only=True)
class AuditConfig(NamedConfig):
    """Of the audit of photos."""


@dataclass(frozen=True, kw_only=True)
class FeatureExtractConfig(NamedConfig):
    """Of the extraction of features. backbone: None where no recipe trains on cached features; then head and trainer
    are None too. sizes: sides in pixels of the images; None: ``data.size``.
    """

    backbone: Backbone | None
    head: HeadPool | None = None
    trainer: ComputeOptions | None = None
    sizes: list[int] | None = None


@dataclass(frozen=True, kw_only=True)
class TrainConfig(NamedConfig):
    """Of a training. Under DVC, network, head, backbone and augment are given to recipes that read them, else None."""

    folder: ClassVar[str] = "model"
    needs_images: ClassVar[bool] = True

    seed: int
    recipe: Recipe
    optimizer: Target
    schedule: Schedule
    balance: Balance
    trainer: Trainer
    tracking: Tracking
    select_by: str = ACCURACY
    param_groups: ParamGroups = field(default_factory=ParamGroups)
    loss: Loss = field(default_factory=Loss)
    scheduler: Target | None = None
    callbacks: dict[str, Target] = field(default_factory=dict)
    network: Network | Target | None = None
    head: Head | None = None
    backbone: Backbone | None = None
    augment: dict[str, Target] = field(default_factory=dict)
    debug: Debug = field(default_factory=Debug)
    train_share: float = 1.0
    init_from: str | None = None
    seeds: int | None = None


@dataclass(frozen=True, kw_only=True)
class LearningCurveConfig(NamedConfig):
    """Of the learning curve of a recipe."""

    needs_images: ClassVar[bool] = True

    seed: int
    recipe: RecipeName
    learning_curve: LearningCurveOptions


@dataclass(frozen=True, kw_only=True)
class LRFindConfig(TrainConfig):
    """Of the search for a learning rate, by hand."""

    folder: ClassVar[str] = "lr_find"

    lr_find: LRFind


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig(NamedConfig):
    """Of the measurement of a trained recipe."""

    needs_images: ClassVar[bool] = True

    recipe: RecipeName
    evaluate: Evaluate
    trainer: ComputeOptions
    select_by: str = ACCURACY
    model_dir: str | None = None


@dataclass(frozen=True, kw_only=True)
class InterpretConfig(NamedConfig):
    """Of the pictures of a trained recipe."""

    needs_images: ClassVar[bool] = True

    recipe: RecipeName
    interpret: Interpret
    model_dir: str | None = None


@dataclass(frozen=True, kw_only=True)
class CompareConfig(NamedConfig):
    """Of the comparison. recipes: those to compare, in order. titles: what the report calls them; empty by hand.
    learning_curves: the recipes of which it has one.
    """

    evaluate: Confidence
    recipes: list[str]
    titles: dict[str, str] = field(default_factory=dict)
    learning_curves: list[str] = field(default_factory=list)
    seeds: int | None = None


@dataclass(frozen=True, kw_only=True)
class PublishConfig(NamedConfig):
    """Of the synchronisation of MLflow."""


@dataclass(frozen=True, kw_only=True)
class PatternsConfig(NamedConfig):
    """Of feature visualisation by hand."""

    needs_images: ClassVar[bool] = True

    recipe: Recipe
    backbone: Backbone
    interpret: Interpret
    model_dir: str | None = None


@dataclass(frozen=True, kw_only=True)
class PredictConfig(NamedConfig):
    """Of predictions by hand. image: a photo or a folder of photos."""

    recipe: RecipeName
    image: str | None = None
    model_dir: str | None = None


@dataclass(frozen=True, kw_only=True)
class LessonConfig(StageConfig):
    """Of the lesson's page and its demonstrations, by hand. image: a photo in place of one of the dataset's."""

    data: Data
    augment: dict[str, Target]
    interpret: Interpret
    tracking: Tracking
    image: str | None = None
    model_dir: str | None = None


@dataclass(frozen=True, kw_only=True)
class RecipeConfig(StageConfig):
    """All that decides what a recipe's network is and how long its training takes."""

    data: Data
    recipe: Recipe
    network: Network | Target
    head: Head
    backbone: Backbone
    augment: dict[str, Target]
    optimizer: Target
    schedule: Schedule
    trainer: Trainer
    seeds: int | None = None


STAGES: dict[str, type[StageConfig]] = {
    "prepare": PrepareConfig,
    "audit": AuditConfig,
    "feature_extract": FeatureExtractConfig,
    "train": TrainConfig,
    "fine_tune": TrainConfig,
    "learning_curve": LearningCurveConfig,
    "evaluate": EvaluateConfig,
    "interpret": InterpretConfig,
    "compare": CompareConfig,
    "publish": PublishConfig,
    "lr_find": LRFindConfig,
    "patterns": PatternsConfig,
    "predict": PredictConfig,
    **dict.fromkeys(("lesson", "convolution", "augmentation", "batch_norm"), LessonConfig),
}


def stage_config(stage: str, plain: Mapping[str, Any]) -> StageConfig:
    """What ``stage`` may read of the checked configuration ``plain``. Raises UserError where a key is absent."""
    return replace(to_typed(STAGES[stage], plain), plain=without_single_seed(plain))


def recipe_configs(plain: Mapping[str, Mapping[str, Any]]) -> dict[str, RecipeConfig]:
    """The same of whole configurations, recipe → plain data, as `RecipeConfig`."""
    return {name: replace(to_typed(RecipeConfig, config), plain=config) for name, config in plain.items()}
