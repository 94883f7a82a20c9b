"""Where a stage reads and writes."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from _app import CHECKOUT
from warmstart.config.paths import exclusive_folder, stamp
from warmstart.config.stages import STAGES
from warmstart.files.aside import clear_below
from warmstart.records.run_identity import RunKind

log = logging.getLogger("warmstart")


@dataclass(frozen=True)
class StagePaths:
    """dataset: the folder of its results. root: the person's checkout, also when DVC works in a temporary copy of it.

    kind: dvc, hand or sweep. out_dir: where it has to write; None for a run by hand, which gets a new folder below
    ``by_hand``. here: where the command was typed.
    """

    dataset: Path
    root: Path
    kind: RunKind
    out_dir: Path | None
    by_hand: Path
    stage: str
    here: Path = CHECKOUT

    @cached_property
    def out(self) -> Path:
        """Where the stage writes. By hand, the folder around it is made on first use, so that no two runs share one."""
        if self.out_dir:
            return self.out_dir
        clear_below(self.by_hand)
        return exclusive_folder(self.by_hand / stamp()) / self.folder_of(self.stage)

    @staticmethod
    def folder_of(stage: str) -> str:
        """The name of the folder of a stage's results."""
        return STAGES[stage].folder or stage

    @property
    def images(self) -> Path:
        return self.dataset / "images"

    @property
    def features(self) -> Path:
        return self.dataset / "feature_cache"

    @property
    def recipes(self) -> Path:
        return self.dataset / "recipes"

    @property
    def state(self) -> Path:
        """Interrupted trainings. They are no output of a stage, so DVC does not remove them."""
        return self.root / "artifacts" / ".resume"

    @property
    def points(self) -> Path:
        """Finished trainings of learning curves, which are not repeated when sizes, seeds or recipes are added."""
        return self.root / "artifacts" / ".learning_curve" / self.dataset.name

    @property
    def code_digests(self) -> Path:
        """What is known of files of code, by their content."""
        return self.root / "artifacts" / ".digests" / ".code"

    def log_written(self, folder: Path | None = None) -> None:
        """Log where a run by hand has written: ``folder``, or else ``out`` where that was asked for."""
        folder = folder or self.__dict__.get("out")
        if folder and self.kind == "hand":
            path = folder / "index.html" if (folder / "index.html").exists() else folder
            log.info("written to %s", path.relative_to(self.here) if path.is_relative_to(self.here) else path)

    def remove_if_empty(self) -> None:
        """Remove the new folder of a run by hand that wrote nothing."""
        if self.out_dir is None and "out" in self.__dict__:
            with suppress(OSError):  # not empty
                self.out.parent.rmdir()
