"""Which values each key may have. A key that is not here may have any value of its type."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from warmstart.config.balance import SAMPLING
from warmstart.config.data_schema import SOURCES
from warmstart.config.seeds import LAST_SEED
from warmstart.config.selection import SELECTABLE
from warmstart.config.views import FAMILIES, PHASES

MOST = 2**31 - 1  # of what is counted: beyond any real number, within what libraries take


@dataclass(frozen=True)
class Number:
    """Numbers from ``low`` to ``high``. above, below: without the end itself. why: said when it is refused."""

    low: float
    high: float = math.inf
    above: bool = False
    below: bool = False
    why: str = ""

    def allows(self, value: Any) -> bool:
        """Whether a number is in the range; infinity and what is no number never are."""
        if isinstance(value, float) and not math.isfinite(value):
            return False
        over = value > self.low if self.above else value >= self.low
        return bool(over and (value < self.high if self.below else value <= self.high))

    @property
    def words(self) -> str:
        """The range for a person."""
        if self.low == self.high:
            return f"{self.low}"
        if self.high in (MOST, math.inf):
            return f"above {self.low}" if self.above else f"{self.low} or more"
        return f"{'above' if self.above else 'from'} {self.low} {'and below' if self.below else 'to'} {self.high}"


@dataclass(frozen=True)
class Words:
    """One of some words or numbers."""

    choices: tuple[str | int, ...]
    why: str = ""

    def allows(self, value: Any) -> bool:
        """Whether the value is one of them."""
        return value in self.choices

    @property
    def words(self) -> str:
        """The choices for a person."""
        *first, last = map(str, self.choices)
        return f"one of {', '.join(first)} and {last}"


@dataclass(frozen=True)
class Text:
    """Texts of a form, a regular expression. words: the form, for a person."""

    form: str
    words: str
    why: str = ""

    def allows(self, value: Any) -> bool:
        """Whether the text has the form."""
        return re.fullmatch(self.form, value) is not None


Range = Number | Words | Text

COUNT, COUNT_OR_0 = Number(1, MOST), Number(0, MOST)
RATE, NOT_NEGATIVE = Number(0, above=True), Number(0)
SHARE = Number(0, 1, below=True)
INSIDE = Number(0, 1, above=True, below=True)
SEED = Number(0, LAST_SEED)
PROCESSES = Number(0, 1024)
SIDE = Number(1, 10_000)  # pixels
NAME = Text(r"(?!\.)[^/\\\0-\x1f]*[^/\\\0-\x1f. ]", "a name that a folder can have, without / and \\")
SHA256 = Text(r"[0-9a-f]{64}", "64 hexadecimal digits")
POOLS = Words(("avg", "flatten"))

RANGES: dict[str, Range] = {
    "lr_find.steps": Number(20, MOST, why="a slope needs some of them"),
    "lr_find.low": RATE,
    "lr_find.high": RATE,
    "data.name": NAME,
    "data.source": Words(tuple(source.source for source in SOURCES)),
    "data.size": SIDE,
    "data.channels": Words((3, 1), "3 is colour, 1 is grey"),
    "data.resize": Words(("box", "bilinear", "bicubic", "lanczos")),
    "data.layout": Words(("auto", "classes")),
    "data.fit": Words(("squash", "crop", "pad")),
    "data.seed": SEED,
    "data.workers": PROCESSES,
    "data.train": COUNT,
    "data.val": COUNT,
    "data.test": COUNT,
    "data.val_fraction": INSIDE,
    "data.test_fraction": INSIDE,
    "data.per_class": Number(3, MOST, why="training, validation and test need an image of every class each"),
    "data.folds": Number(3, 20, why="training, validation and test need a part each"),
    "data.on_leak": Words(("stop", "drop", "allow")),
    "data.labels": Words(("species", "breed")),
    "data.sha256": SHA256,
    "data.bytes": Number(1),
    "data.files.*.bytes": Number(1),
    "data.files.*.sha256": SHA256,
    "recipe.name": NAME,
    "recipe.family": Words(FAMILIES),
    "recipe.size": SIDE,
    "recipe.phase": Words(PHASES),
    "network.widths": Number(1, 65_536),
    "network.pooled": COUNT_OR_0,
    "network.dense": Number(1, 1_000_000),
    "network.dropout": SHARE,
    "head.pool": POOLS,
    "head.dense": Number(1, 1_000_000),
    "head.dropout": SHARE,
    "backbone.normalize": Words(("own", "lesson")),
    "backbone.size": Words(("own", "data")),
    "backbone.pool": POOLS,
    "param_groups.layer_decay": Number(0, 1, above=True),
    "param_groups.head_lr": RATE,
    "loss.label_smoothing": SHARE,
    "loss.ridge": NOT_NEGATIVE,
    "loss.ridge_grid": NOT_NEGATIVE,
    "loss.mixup": NOT_NEGATIVE,
    "loss.cutmix": NOT_NEGATIVE,
    **{f"schedule.epochs_of.{phase}": COUNT for phase in PHASES},
    **{f"schedule.lr_of.{phase}": RATE for phase in PHASES},
    "schedule.epochs": COUNT,
    "schedule.batch_size": COUNT,
    "schedule.steps_per_epoch": COUNT,
    "schedule.patience": COUNT,
    "balance.sampling": Words(SAMPLING),
    "select_by": Words(tuple(SELECTABLE)),
    "trainer.accelerator": Words(("auto", "cpu", "gpu", "cuda", "mps")),
    "trainer.devices": Number(
        1, 1, why="a training runs on one device; nothing here shares out batches, or collects figures, among several"
    ),
    "trainer.precision": Words(("auto", "bf16-mixed", "16-mixed", "32-true")),
    "trainer.workers": PROCESSES,
    "trainer.threads": Number(1, 1024),
    "evaluate.batch_size": COUNT,
    "evaluate.bootstrap": Number(10, 1_000_000),
    "evaluate.confidence": INSIDE,
    "evaluate.calibration_bins": Number(1, 10_000),
    "evaluate.robustness_images": COUNT_OR_0,
    "evaluate.unsure_error": Number(0.0001, 0.5),
    "interpret.images": COUNT,
    "interpret.batch_size": COUNT,
    "interpret.seed": SEED,
    "interpret.maps": COUNT_OR_0,
    "interpret.scored": COUNT_OR_0,
    "interpret.steps": Number(2, 10_000),
    "interpret.patterns": COUNT_OR_0,
    "interpret.pattern_steps": COUNT,
    "debug.batches": COUNT,
    "debug.overfit": Number(2, MOST),
    "learning_curves": NAME,
    "learning_curve.shares": Number(0, 1, above=True),
    "learning_curve.seeds": Number(1, 100),
    "learning_curve.longest": Number(1, 100),
    "train_share": Number(0, 1, above=True),
    "recipes": NAME,
    "sizes": SIDE,
    "seed": SEED,
    "seeds": Number(1, 100),
}
