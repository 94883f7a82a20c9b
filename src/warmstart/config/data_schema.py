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
    resize: str = "bilinear"  # the kernel
    fit: str = "squash"  # how a photo of other proportions becomes a square: squash | crop | pad
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
class Collection(Data):
    """Images that exist: so many of each split, balanced over the classes, or (null) all of them by fractions."""

    train: int | None = None
    val: int | None = None
    test: int | None = None
    val_fraction: float = 0.2
    test_fraction: float = 0.2
    per_class: int | None = None  # with fractions: at most so many images of each class, drawn by the seed; null: all
    folds: int | None = None  # 3 or more: every recipe is trained so many times, and tested on every image once


@dataclass
class Photos(Collection):
    """Image files, which may have faults."""

    near_duplicates: bool = (
        True  # whether photos that look alike are kept in one split; exact copies are left out either way
    )
    on_leak: str = "stop"  # what is done when a ready-made split has the same photo in two parts: stop | drop | allow
    corrections: str | None = None  # a corrections.csv: labels that a person has looked at


@dataclass
class Folder(Photos):
    """A folder with one sub-folder per class."""

    source: str = "folder"
    folder: str | None = None  # what holds the class folders
    layout: str = (
        "auto"  # what the folders at the top are: auto (parts of a split by name and shape, else classes) | classes
    )


@dataclass
class Archive(Photos):
    """A zip archive: a local file, or a published one fetched once and checked."""

    source: str = "archive"
    archive: str | None = None
    layout: str = "auto"  # as for a folder
    url: str = MISSING
    sha256: str = MISSING
    bytes: int = MISSING


@dataclass
class Csv(Photos):
    """A table with a line per photo."""

    source: str = "csv"
    csv: str | None = None  # columns path and label; split and others if there are
    folder: str | None = None  # what relative paths start at; null: the folder of the table
    group_by: str | None = None  # a column; photos with the same value there are never in two splits


@dataclass
class PublishedFile:
    """A published file of a dataset."""

    name: str = MISSING
    bytes: int = MISSING
    sha256: str = MISSING


@dataclass
class Pets(Photos):
    """The Oxford-IIIT Pet dataset: fetched once and checked, or read from a folder. Its split is kept."""

    source: str = "pets"
    labels: str = "species"  # species (cat, dog) | breed (37)
    folder: str | None = None  # holds images/ and annotations/, or the two archives; null: they are fetched
    url: str = MISSING  # the names below are appended
    files: dict[str, PublishedFile] = MISSING  # images, annotations


@dataclass
class Digits(Collection):
    """The images of handwritten digits that come with scikit-learn."""

    source: str = "digits"
    channels: int = 1


@dataclass
class Idx(Collection):
    """Images in IDX files, as MNIST is published: fetched once and checked, or read from a folder. Their split is kept:
    ``val`` comes out of their training images.
    """

    source: str = "idx"
    channels: int = 1
    folder: str | None = None  # holds files of the names below, or the same without .gz; null: they are fetched
    url: str = MISSING  # the names below are appended
    files: dict[str, PublishedFile] = MISSING  # train_images, train_labels, test_images, test_labels
    classes: list[str] = MISSING  # names, in the order of the labels


SOURCES = (Critters, Folder, Archive, Csv, Pets, Digits, Idx)
