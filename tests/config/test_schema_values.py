"""For every key of the schema, also of one added later: a misspelling is refused by name, and a value out of its range
too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support import Folders, compose_config
from warmstart.config.check import check_config, check_value
from warmstart.config.data_schema import SOURCES
from warmstart.config.ranges import LAST_SEED, MOST, RANGES, Number, Text, Words
from warmstart.config.tree import leaves, source_class
from warmstart.errors import UserError

OPTION = {
    "critters": "critters",
    "folder": "image_folder",
    "archive": "cats_vs_dogs",
    "csv": "csv",
    "pets": "pets",
    "digits": "digits",
    "idx": "mnist",
}
KEYS = sorted(key for key in leaves() if "*" not in key)
FREE = {  # texts that may say anything
    "data.url", "data.archive", "data.corrections", "data.csv", "data.folder", "data.group_by", "data.classes", "data.files.*.name",
    "recipe.title", "titles.*", "recipe.starts_from", "recipe.unfreeze", "backbone.name", "backbone.weights", "schedule.name", "interpret.layer",
    "interpret.pattern_layers", "out_dir", "init_from", "model_dir", "image",
}  # fmt: skip


@cache
def composed(source: str) -> dict[str, Any]:
    return compose_config(f"data={OPTION[source]}")


def with_value(key: str, value: Any, source: str = "critters") -> dict[str, Any]:
    config = copy.deepcopy(composed(source))
    *groups, last = key.split(".")
    node = config
    for group in groups:
        node = node[group]
    node[last] = value
    return config


def source_with(key: str) -> str:
    return next(source.source for source in SOURCES if key in leaves(source))


@pytest.mark.parametrize("source", list(OPTION))
def test_every_source_composes_a_whole_configuration(source: str) -> None:
    check_config(composed(source))
    assert source_class(source) is not None


@pytest.mark.parametrize("key", KEYS)
def test_a_misspelling_of_any_key_is_refused_with_the_near_one(key: str) -> None:
    source = source_with(key)
    for wrong in (f"{key}x", f"{key[:-1]}{key[-1] * 2}x"):
        with pytest.raises(UserError, match=rf"^{wrong} is no key.* did you mean {key}\?$"):
            check_config(with_value(wrong, 1, source))


@pytest.mark.parametrize("key", KEYS)
def test_a_value_of_another_type_is_refused_for_any_key(key: str) -> None:
    leaf = leaves()[key]
    for wrong in ({}, "no such word" if leaf.type is not str or leaf.listed else 3, *([] if leaf.optional else [None])):
        with pytest.raises(UserError, match=rf"^{key} is "):
            check_config(with_value(key, wrong, source_with(key)))


@pytest.mark.parametrize("key", sorted(RANGES))
def test_a_value_out_of_range_is_refused_and_the_ends_are_not(key: str) -> None:
    leaf, allowed = leaves()[key], RANGES[key]
    good: list[Any] = []
    if isinstance(allowed, Number):
        step = 1 if leaf.type is int else 1e-9
        good = [allowed.low + step * allowed.above]
        bad = [allowed.low - step * (not allowed.above), *([float("nan"), float("inf")] if leaf.type is float else [])]
        if allowed.high != float("inf"):
            good.append(allowed.high - step * allowed.below)
            bad.append(allowed.high + step * (not allowed.below))
    elif isinstance(allowed, Words):
        good, bad = list(allowed.choices), ["no such word" if leaf.type is str else -1]
    else:
        bad = ["a/b\n"]
    for value, refused in [*((value, False) for value in good), *((value, True) for value in bad)]:
        value = leaf.type(value) if not refused else value
        said = [value] if leaf.listed else value
        if refused:
            with pytest.raises(UserError, match=rf"^{key.replace('*', '.')}"):
                check_value(key, said, leaf)
        else:
            check_value(key, said, leaf)


def test_every_number_has_a_range_and_every_text_a_form_or_is_free() -> None:
    for key, leaf in leaves().items():
        assert key in RANGES or leaf.type is bool or key in FREE or leaf.open, (
            f"{key} has no range in warmstart/config/ranges.py"
        )
    assert set(RANGES) | FREE <= set(leaves())
    assert all(isinstance(allowed, (Number, Words, Text)) for allowed in RANGES.values())


def test_the_words_are_those_that_the_stages_know() -> None:
    from warmstart.dataset.preprocessing import FITS, RESIZE_KERNELS
    from warmstart.models.transfer import POOLS
    from warmstart.runtime.devices import ACCELERATORS, PRECISIONS

    known = {
        "data.fit": FITS, "data.resize": RESIZE_KERNELS, "head.pool": POOLS,
        "trainer.accelerator": ACCELERATORS, "trainer.precision": PRECISIONS,
    }  # fmt: skip
    for key, words in known.items():
        allowed = RANGES[key]
        assert isinstance(allowed, Words) and set(allowed.choices) == set(words), key


def test_a_key_of_another_source_and_a_group_are_named_as_such() -> None:
    with pytest.raises(UserError, match=r"data\.folder is no key of data whose source is critters.*folder"):
        check_config(with_value("data.folder", "photos"))
    with pytest.raises(UserError, match=r"optimizer is a group.*conf/optimizer"):
        check_config(with_value("optimizer", 3))


def test_a_key_that_was_taken_away_is_missed() -> None:
    config = with_value("evaluate.bootstrap", 100)
    del config["evaluate"]["bootstrap"]
    with pytest.raises(UserError, match=r"evaluate\.bootstrap is missing"):
        check_config(config)
    check_config(config, whole=False)


@pytest.mark.parametrize("key", ["seed", "data.seed", "interpret.seed"])
def test_the_last_seed_is_one_that_every_consumer_takes(key: str) -> None:
    import torch

    allowed = RANGES[key]
    assert isinstance(allowed, Number) and allowed.high == LAST_SEED
    torch.manual_seed((LAST_SEED << 20) + MOST % 2**20)
    torch.Generator().manual_seed(LAST_SEED)
    np.random.default_rng([LAST_SEED, 1])
    np.random.SeedSequence((LAST_SEED, 0, 0))


def test_the_last_seeds_prepare_and_train(train_tiny: Callable[..., Path], tmp_path: Path) -> None:
    from warmstart.ingest.critters.generate import generate

    assert len(generate(LAST_SEED, range(2), 32).images) == 2
    assert (train_tiny("scratch_augmented", tmp_path, "schedule.epochs=1", f"seed={LAST_SEED}") / "model.ckpt").exists()


def test_batches_of_one_are_refused_with_batch_norm_and_train_without(
    train_tiny: Callable[..., Path], tmp_path: Path, tiny: Folders
) -> None:
    one = ["schedule.batch_size=1", "schedule.epochs=1", "debug.batches=2"]
    with pytest.raises(UserError, match=r"schedule\.batch_size.*batch norm"):
        compose_config("recipe=scratch_batchnorm", *one)
    assert compose_config("recipe=scratch_batchnorm", "schedule.batch_size=2")["schedule"]["batch_size"] == 2
    assert (train_tiny("scratch", tmp_path / "scratch", *one) / "model.ckpt").exists()
    assert (train_tiny("features_augmented", tmp_path / "frozen", *one) / "model.ckpt").exists()
