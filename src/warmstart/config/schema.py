"""Every key that may be configured, its type and its meaning. Pure dataclasses: no torch, no Hydra.

The option files under ``conf/`` give the values; a key that is not here is refused before any work starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from warmstart.config.data_schema import MISSING


@dataclass
class Recipe:
    """What a recipe is; its network, optimiser and augmentation are set by the same option file."""

    name: str = MISSING
    title: str = MISSING
    family: str = MISSING  # scratch | transfer: the two sides of the question
    # What is trained, which decides for how long: scratch (the whole network), scratch_augmented (the same on augmented
    # images, which it takes longer to learn), probe (a linear layer on cached, pooled features), cached (a head on
    # cached features), frozen (a head on a frozen backbone), fine_tune (head and last block), fine_tune_all (a
    # pretrained backbone and its head), scratch_backbone (the same from random weights), best (as fine_tune_all, with a
    # schedule of its own).
    phase: str = MISSING
    size: int | None = None  # side of its images, pixels; null: as backbone.size says, without a backbone data.size
    starts_from: str | None = None  # the recipe whose checkpoint it begins with
    unfreeze: list[str] | None = None  # backbone modules that learn in fine-tuning; null: the last block


@dataclass
class Network:
    """The network of the scratch recipes, where ``network._target_`` names no other class."""

    widths: list[int] = field(default_factory=lambda: [32, 64, 128, 128])  # of each convolution; []: a dense network
    pooled: int | None = None  # how many of the convolutions, from the first on, are followed by 2x2 pooling; null: all
    dense: int = 512
    batch_norm: bool = False
    dropout: float = 0.0


@dataclass
class Head:
    """What is put on a backbone."""

    pool: str = MISSING  # avg | flatten
    dense: int | None = 256  # null: one linear layer
    dropout: float = 0.0


@dataclass
class Backbone:
    """A pretrained network."""

    name: str = MISSING
    weights: str = "published"  # embedded | published | none | a file
    normalize: str = "own"  # own | lesson (pixels in [0, 1], as the lesson fed them)
    size: str = "data"  # side of its images: own (what it was trained at) | data (data.size); recipe.size comes first
    pool: str = "avg"  # the head's default


@dataclass
class ParamGroups:
    """How the parameters share out the optimiser's learning rate and weight decay."""

    no_decay: bool = False  # no weight decay for biases, and for the scales and shifts of norms
    layer_decay: float | None = None  # rate of each block of the backbone, as a share of the next one's; null: the same
    head_lr: float | None = None  # learning rate of the head; null: the optimiser's


@dataclass
class Loss:
    """What is minimised besides the plain cross-entropy."""

    label_smoothing: float = 0.0  # share of each label that is spread over all classes
    ridge: float | None = 0.0  # penalty on the logits' weights: ridge / (2 n) times their squared norm; null: chosen
    ridge_grid: list[float] | None = None  # of which the one with the lowest validation loss is chosen
    mixup: float = 0.0  # mix pairs of images, with a share from Beta(mixup, mixup); 0: never
    cutmix: float = 0.0  # paste a part of another image, of an area from Beta(cutmix, cutmix); 0: never


@dataclass
class PhaseEpochs:
    """Epochs by what is trained."""

    scratch: int | None = MISSING
    probe: int | None = MISSING
    cached: int | None = MISSING
    frozen: int | None = MISSING
    fine_tune: int | None = MISSING
    scratch_augmented: int | None = None
    fine_tune_all: int | None = None
    scratch_backbone: int | None = None
    best: int | None = None


@dataclass
class PhaseRates:
    """Learning rates by what is trained."""

    scratch: float = MISSING
    probe: float = 1e-3  # of a probe that is not fitted by L-BFGS, which has a rate of its own
    cached: float = MISSING
    frozen: float = MISSING
    fine_tune: float = MISSING
    scratch_augmented: float = 1e-4
    fine_tune_all: float = 1e-4
    scratch_backbone: float = 1e-3
    best: float = 1e-3


@dataclass
class Schedule:
    """How long, how much at once, and when to stop. null: sized to the data when training starts."""

    name: str = MISSING
    epochs: int | None = MISSING
    batch_size: int | None = MISSING
    steps_per_epoch: int | None = None  # null: every image once
    patience: int | None = None  # epochs without a better validation loss before stopping; null: never


@dataclass
class PhasedSchedule(Schedule):
    """A schedule, and what its epochs and optimizer.lr are for each phase unless they are set."""

    epochs_of: PhaseEpochs = field(default_factory=PhaseEpochs)
    lr_of: PhaseRates = field(default_factory=PhaseRates)  # what optimizer.lr is unless it is set


@dataclass
class Balance:
    """What is done about classes of different sizes while training; validation and test images stay as they are."""

    class_weights: bool = False  # each image's loss is weighted so that every class counts the same in all
    sampling: str = "natural"  # natural | balanced (every class is drawn equally often)


@dataclass
class ComputeOptions:
    """Where and how precisely to compute."""

    accelerator: str = "auto"
    precision: str = "auto"  # auto | bf16-mixed | 16-mixed | 32-true
    threads: int | None = None  # CPU threads; null: PyTorch's choice


@dataclass
class Trainer(ComputeOptions):
    """How a training is carried out. Any other argument of Lightning's Trainer may be given too."""

    devices: int = 1
    workers: int = 0  # loader processes
    arguments: dict[str, Any] = field(default_factory=dict, metadata={"rest": True})  # of Lightning's Trainer


@dataclass
class Tracking:
    """Live logging while training; the publish stage logs whatever is missing."""

    live: bool = True


@dataclass
class Evaluate:
    """How a kept model is measured."""

    batch_size: int = 64
    bootstrap: int = 10_000  # resamples behind an interval
    confidence: float = 0.95  # of every interval
    calibration_bins: int = 10
    robustness_images: int = 100  # test images, at most, that are predicted under corruptions too; 0: none
    unsure_error: float | None = 0.01  # error rate that answers without the mark "unsure" keep to; null: no mark


@dataclass
class Interpret:
    """Which pictures are made, and on how many test images maps are scored."""

    images: int = 8  # examples a gallery shows
    batch_size: int = 32
    layer: str | None = None  # where maps are taken; null: the network's last feature map
    seed: int = 0
    maps: int = 100  # test images behind the mean maps and their statistics
    scored: int = 32  # test images, balanced over the classes, that maps are scored on; 0: none
    steps: int = 4  # of deletion and of insertion
    activations: bool = False  # what every convolution answers to a photo, and the photos that excite it most
    imagenet: bool = False  # what the bare backbone says of a photo, and why
    patterns: int = 0  # filters a layer whose patterns are sought by gradient ascent; 0: none
    pattern_layers: list[str] | None = None  # null: one layer a block
    pattern_steps: int = 80  # of the regularised ascent; the plain one makes half as many


@dataclass
class LRFind:
    """Over which learning rates pipelines/lr_find.py looks for a good one."""

    steps: int = 100  # of the optimizer, each at a higher rate than the one before
    low: float = 1e-6  # the first rate
    high: float = 1.0  # the last rate, unless the loss has risen too far before


@dataclass
class LearningCurveOptions:
    """A recipe trained on parts of the training images."""

    shares: list[float] = field(default_factory=lambda: [0.05, 0.1, 0.25, 0.5, 1.0])  # of the training images
    seeds: int = 3  # trainings at each size; each seed has images of its own
    longest: float = 2.0  # epochs on few images, as a multiple of the schedule's, which keeps up the number of steps


@dataclass
class Debug:
    """Short runs for finding mistakes."""

    batches: int | None = None  # per epoch and phase
    overfit: int | None = None  # train and validate on so many images only


@dataclass
class Config:
    """The whole configuration."""

    data: Any = MISSING
    recipe: Recipe = field(default_factory=Recipe)
    network: dict[str, Any] = field(default_factory=dict, metadata={"declared": Network})  # or of any other class
    head: Head = field(default_factory=Head)
    backbone: Backbone = field(default_factory=Backbone)
    augment: dict[str, Any] = field(default_factory=dict)  # name → a transform of albumentations
    optimizer: dict[str, Any] = field(default_factory=dict)  # a class of torch.optim or timm.optim, and its arguments
    param_groups: ParamGroups = field(default_factory=ParamGroups)
    loss: Loss = field(default_factory=Loss)
    scheduler: dict[str, Any] = field(default_factory=dict)  # of the learning rate
    callbacks: dict[str, Any] = field(default_factory=dict)  # name → a callback of Lightning; null: left out
    schedule: PhasedSchedule = field(default_factory=PhasedSchedule)
    balance: Balance = field(default_factory=Balance)
    # The metric on validation images that keeps the epoch and chooses among recipes and jobs of a sweep; null:
    # accuracy, balanced where classes are balanced.
    select_by: str | None = None
    trainer: dict[str, Any] = field(default_factory=dict, metadata={"declared": Trainer})
    tracking: Tracking = field(default_factory=Tracking)
    evaluate: Evaluate = field(default_factory=Evaluate)
    interpret: Interpret = field(default_factory=Interpret)
    learning_curve: LearningCurveOptions = field(default_factory=LearningCurveOptions)
    debug: Debug = field(default_factory=Debug)
    lr_find: LRFind = field(default_factory=LRFind)
    recipes: list[str] = (
        MISSING  # which recipes the dataset runs; `python pipelines/choose.py` writes them into params.yaml
    )
    sizes: list[int] | None = None  # sides that images and features are kept at; null: those of the dataset's recipes
    titles: dict[str, str] = field(
        default_factory=dict
    )  # recipe → what the report calls it; compose fills it in under DVC
    learning_curves: list[str] = field(default_factory=list)  # recipes of which the report has one; as ``titles``
    seed: int = 0
    seeds: int | None = None  # every recipe is trained with so many seeds, from ``seed`` on; null: with one
    train_share: float = 1.0  # of the training images, the same share of each class; the seed decides which
    out_dir: str | None = None  # null: a new folder under artifacts/<data>/hand/
    init_from: str | None = None  # a checkpoint to start from; null: the one of recipe.starts_from
    model_dir: str | None = None  # which trained model evaluate and interpret take; null: the pipeline's
    image: str | None = None  # a photo for the lesson's demonstrations; null: one of the dataset
