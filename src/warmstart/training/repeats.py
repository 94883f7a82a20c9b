"""The trainings of one recipe: one, one for each fold of the images, or one for each of several seeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from warmstart.config.seeds import check_seeds

Kind = Literal["folds", "seeds"]


@dataclass(frozen=True)
class Repeat:
    """One of ``of`` trainings of a recipe, numbered from 0, which differ in the fold or in the seed.

    The first is the one that is packaged, and the same as the only one of a recipe without folds and seeds.
    """

    number: int = 0
    of: int = 1
    kind: Kind = "folds"

    @property
    def fold(self) -> int:
        """The fold of the images that it trains on."""
        return self.number if self.kind == "folds" else 0

    @property
    def seed_shift(self) -> int:
        """What is added to the configured seed."""
        return self.number if self.kind == "seeds" else 0

    @property
    def name(self) -> str:
        """What is counted, as one: ``fold`` or ``seed``."""
        return self.kind.removesuffix("s")

    def folder(self, first: Path) -> Path:
        """Its folder, in that of the first: ``folds/2``, ``seeds/1``."""
        return first / self.kind / str(self.number) if self.number else first

    def checkpoint(self, first: Path) -> Path:
        """Its ``model.ckpt``. first: that of the first."""
        return self.folder(first.parent) / first.name


def repeats(seed: int, seeds: int | None, folds: int) -> list[Repeat]:
    """The trainings of a recipe, the first one first. Raises UserError for several seeds on several folds."""
    check_seeds(seed, seeds, folds)
    kind: Kind = "seeds" if (seeds or 1) > 1 else "folds"
    of = max(folds, seeds or 1)
    return [Repeat(number, of, kind) for number in range(of)]
