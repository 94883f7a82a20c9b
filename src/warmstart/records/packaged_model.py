"""evaluate/package/model.json: everything but the weights that it takes to use a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from warmstart.records.base import ABSENT, Record
from warmstart.records.preprocessing import PreprocessingSettings
from warmstart.records.unsure import UnsureLimit


@dataclass(frozen=True)
class ModelOrigin:
    """The training that a model comes from, as far as known. dataset_digest: of the images. fold: with folds."""

    recipe: Annotated[str | None, ABSENT] = None
    family: Annotated[str | None, ABSENT] = None
    dataset: Annotated[str | None, ABSENT] = None
    dataset_digest: Annotated[str | None, ABSENT] = None
    fold: Annotated[int | None, ABSENT] = None


@dataclass(frozen=True)
class PackagedModel(Record):
    """network: arguments of the network, which each kind of network has of its own (see `models.build`), so the mapping
    is open. classes: names in the order of the outputs. meta: where the model comes from. temperature: divides the
    logits. threshold: the probability of ``classes[1]`` above which it is predicted; None for more than two classes.
    unsure: below which confidence an answer is marked; None where none was looked for, as in earlier versions.
    """

    network: dict[str, Any]
    preprocessing: PreprocessingSettings
    classes: list[str]
    meta: ModelOrigin
    temperature: float
    threshold: float | None
    unsure: Annotated[UnsureLimit | None, ABSENT] = None
