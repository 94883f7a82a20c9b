"""What training logs, and its errors in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from warmstart.config.selection import ACCURACY, SELECTABLE
from warmstart.records.history import History
from warmstart.text.quantities import format_duration, plural
from warmstart.training.repeats import Repeat

MAX_DIFFERENCES_SHOWN = 4

FULL_BATCH = "torch.optim.LBFGS: every step takes all %d rows at once, %s of memory, up to twice"
FULL_BATCH_BALANCE = (
    "balance.sampling: every step takes all images, so class weights do here what drawing does elsewhere"
)
RESUMES = "going on from %s"
FOLD_FINISHED = "%s holds a finished fold: it is not trained again"
FOLD_DAMAGED = "%s is missing, damaged or of another network: this training begins anew"
STATE_DAMAGED = "%s is damaged: the training begins anew"
STATES_REMOVED = "%s: removed the states of %d trainings that nobody has touched for %d days"
NOT_RESUMED = "%s begins anew instead of going on with an interrupted training; what differs: %s"
TRAINING = "training %s%s on %d images of %s: %s, batches of %d, %s on %s"
RIDGE_CHOSEN = "loss.ridge=%g of %s, by the validation loss, %.4f"
BEST_EPOCH = "%s: kept epoch %d, validation %s %s"
PRUNED = "stopped after epoch %d: its validation %s is worse than the median of the other trials"
MEAN_OF_REPEATS = "%s: validation %s %s, mean of %d %s"
CLASS_NOT_VALIDATED = (
    "select_by is {}, but no validation image is of class {}: add some, or set select_by to accuracy, which needs none"
)
EPOCH = "%sepoch %d/%d  train %.1f %% (loss %.3f)  val %.1f %% (loss %.3f%s)  %.1f s, %.0f images/s%s%s"
WITHIN_EPOCH = "%sepoch %d/%d: %d of %d batches, %s left"

LR_FOUND = (
    "%s: the loss falls fastest at optimizer.lr=%.2g; a safe rate is %.2g, and from %.2g on it rises. A training of "
    "few epochs may need a rate near the last: sweep between them"
)
LOSS_DOES_NOT_FALL = (
    "%s: in %d steps the loss falls at no rate by more than chance: raise lr_find.steps, or change lr_find.low (%g) "
    "and lr_find.high (%g)"
)

TWO_PROCESSES = "another process is training exactly this; wait for it, or stop it ({})"
LOSS_NOT_FINITE = "the loss is no longer a number in epoch {}: try a lower optimizer.lr"
OUT_OF_MEMORY = "the device has too little memory for batches of {}: lower schedule.batch_size"
NOTHING_TO_TRAIN = (
    "nothing of the network is trained: recipe.unfreeze names modules of the backbone to train, null its last block"
)
NO_GROUPS = "param_groups: this optimizer takes no groups of parameters ({}); choose param_groups=one"
NO_OUTPUT_LAYER = (
    "loss.ridge is set, but the network has no layer whose output is the logits: name one by its property "
    "output_layer, or set loss.ridge to 0"
)
WARMUP_TOO_LONG = "scheduler.warmup_epochs is {}, but the training has {:g} epochs: lower it, or raise schedule.epochs"
ACCUMULATION_TOO_LARGE = (
    "trainer.accumulate_grad_batches is {}, but an epoch has {} batches: lower it, or lower schedule.batch_size"
)
SCHEDULED_ACCUMULATION_TOO_LARGE = (
    "callbacks.{} gathers the gradients of {} batches, but an epoch has {}: lower it, or lower schedule.batch_size"
)
ACCUMULATION_TWICE = (
    "trainer.accumulate_grad_batches and callbacks.{} both say how many batches make a step: leave one out"
)
ONE_CLASS = "loss.{} mixes images of different classes, but the training images have one class: set it to 0"
SCHEDULE_BELOW_ONE = "schedule.{} is {}; it is 1 or more, or null"
NO_RATE = (
    "optimizer: {} finds the length of its steps itself, so recipe {} has no learning rate to look for: choose another "
    "recipe, or another optimizer, such as optimizer=adam"
)
RATES_NOT_RISING = "lr_find.low is {:g} and lr_find.high is {:g}: high must be above low"
LOSS_NOT_FINITE_AT = "the loss is no number at a rate of {:g}: lower lr_find.low"
NO_STATISTICS_IMAGES = (
    "callbacks.precise_batch_norm takes its images from an ArrayDataModule: give one to Trainer.fit as datamodule, or "
    "leave the callback out"
)
INIT_FROM_UNUSED = "init_from is set, but recipe {} does not start from a checkpoint; fine_tune does"
INIT_FROM_MISSING = "recipe {} starts from a trained checkpoint: set init_from to one"
NO_BACKBONE = "{} holds a network without a backbone; fine-tuning needs one with"


def selection_note(history: History) -> str:
    """``, balanced accuracy 81.3 %`` of the last epoch; nothing where its line has the metric that keeps it anyway."""
    name, metric = history.select_by, SELECTABLE[history.select_by]
    return "" if name in (ACCURACY, "loss") else f", {metric.title} {metric.text(history.last.score(name))}"


def repeat_prefix(repeat: Repeat) -> str:
    """The beginning of a line about an epoch of a fold or seed, ``fold 2 of 3, ``; empty where there is one."""
    return f"{repeat.name} {repeat.number + 1} of {repeat.of}, " if repeat.of > 1 else ""


def no_start_checkpoint(path: Path, source: str | None, missing: str | None) -> str:
    """A checkpoint to start from is missing. source: the recipe that makes it. missing: ``fold`` or ``seed`` where only
    that of this one is.
    """
    train = f"(`dvc repro train@{source}`)"
    if missing == "seed":
        return (
            f"{path} does not exist: each seed starts from a network of {source} with the same seed. Train {source} "
            f"with as many seeds first {train}"
        )
    if missing:
        return (
            f"{path} does not exist: fold {path.parent.name} has to start from a network that was trained on the same "
            f"fold. Train {source} on these images first {train}"
        )
    return f"{path} does not exist: train {source} first {train}, or set init_from to another checkpoint"


def other_images(path: Path, sizes: tuple[int, int], classes: tuple[Sequence[str], Sequence[str]]) -> str:
    """A checkpoint to start from is of other images. Both pairs: of the checkpoint, of the prepared images."""
    theirs, ours = (", ".join(names[:5]) for names in classes)
    if sizes[0] != sizes[1]:
        return (
            f"{path} was trained on images of {sizes[0]} px, and recipe.size is {sizes[1]}: a recipe has the size of "
            "the one that it starts from"
        )
    return f"{path} was trained on images of {theirs}; the prepared images are of {ours}"


def other_fold(path: Path, fold: int, source: str | None) -> str:
    """A checkpoint to start from is not of this fold of the images."""
    return (
        f"{path} was not trained on fold {fold} of these images, so it may have seen those that fold {fold} tests on: "
        f"train {source} on them again (`dvc repro train@{source}`), or set data.folds to null"
    )


def expected_time(seconds: float, epochs: int, repeat: Repeat, patience: int | None) -> str:
    """How long all epochs of a fold or seed and of those after it take. patience: None where it cannot stop early."""
    left, kind = repeat.of - repeat.number, repeat.kind
    which = (
        f"the last {repeat.name}"
        if left == 1
        else f"the {left} {kind} left"
        if repeat.number
        else f"each of {left} {kind}"
    )
    of, most, stops = f" of {which}" if repeat.of > 1 else "", "", ""
    if patience is not None:
        most = "at most "
        stops = f"; stops earlier when the validation loss has not fallen for {plural(patience, 'epoch')}"
    return f"expect {most}about {format_duration(seconds * left)} for {most}{plural(epochs, 'epoch')}{of}{stops}"


def format_differences(names: Sequence[str]) -> str:
    """The first few names, and the number of the others."""
    more = len(names) - MAX_DIFFERENCES_SHOWN
    return ", ".join(names[:MAX_DIFFERENCES_SHOWN]) + (f" and {more} more" if more > 0 else "")
