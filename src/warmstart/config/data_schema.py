"""The keys of the ``data`` group, by kind of source. Pure dataclasses, like the rest of the schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MISSING: Any = "???"  # what OmegaConf calls a value that must be given


@dataclass
class Data:
    """What every dataset has."""

    name: str = MISSING  # the folder under artifacts/ and the experiment in MLflow
    source: str = MISSING
    size: int = MISSING  # pixels; images become size x size
    channels: int = 3
    resize: str = "bilinear"
    seed: int = 0  # decides data and splits, nothing else
    workers: int = 0  # processes that decode or draw; 0: one per core


@dataclass
class Critters(Data):
    """Procedural images, drawn to order: how many of each split."""

    source: str = "critters"
    train: int = MISSING
    val: int = MISSING
    test: int = MISSING


@dataclass
class Files(Data):
    """Image files: either so many of each split, balanced over the classes, or (null) all of them by fractions."""

    train: int | None = None
    val: int | None = None
    test: int | None = None
    val_fraction: float = 0.2
    test_fraction: float = 0.2


@dataclass
class Folder(Files):
    """A folder with one sub-folder per class."""

    source: str = "folder"
    folder: str | None = None


@dataclass
class Archive(Files):
    """A zip archive: a local file, or a published one fetched once and checked."""

    source: str = "archive"
    archive: str | None = None
    url: str = MISSING
    sha256: str = MISSING
    bytes: int = MISSING


@dataclass
class Digits(Files):
    """The images of handwritten digits that come with scikit-learn."""

    source: str = "digits"
    channels: int = 1


@dataclass
class IdxFile:
    """A published file of images or labels."""

    name: str = MISSING
    bytes: int = MISSING
    sha256: str = MISSING


@dataclass
class Idx(Files):
    """Images in IDX files, as MNIST is published: fetched once and checked, or read from a folder. Their split is kept: ``val``
    comes out of their training images.
    """

    source: str = "idx"
    channels: int = 1
    folder: str | None = None  # holds files of the names below, or the same without .gz; null: they are fetched
    url: str = MISSING  # the names below are appended
    files: dict[str, IdxFile] = MISSING  # train_images, train_labels, test_images, test_labels
    classes: list[str] = MISSING  # names, in the order of the labels
