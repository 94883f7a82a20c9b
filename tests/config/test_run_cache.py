"""Configurations that differ anywhere differ for DVC, in its lock and in its cache of runs, but for what changes no
result.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir

from _compose import plain
from support import Configure
from warmstart.config.unwatched import NEUTRAL
from warmstart.config.write_views import write_views


def leaves(tree: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


def watched(folder: Path, config: dict[str, Any]) -> dict[str, str]:
    """File → its content, of those that DVC compares."""
    write_views(folder, {"scratch": config}, {"scratch": {"stage": "train", "from": "images"}})
    files = [path for path in folder.rglob("*.yaml") if not path.stem.endswith("_unwatched")]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


@pytest.mark.parametrize("group", ["data", "network", "schedule", "optimizer"])
def test_whatever_is_changed_is_another_run(configure: Configure, tmp_path: Path, group: str) -> None:
    config = configure("scratch")
    before = watched(tmp_path / "before", config)
    stage = "prepare.yaml" if group == "data" else "scratch/train.yaml"
    for number, (*path, last) in enumerate(leaves(config[group])):
        changed = copy.deepcopy(config)
        node = changed[group]
        for key in path:
            node = node[key]
        if last in ("name", "source") or path[:1] in (["epochs_of"], ["lr_of"]):
            continue  # which the stage does not read, or which is another dataset's
        if f"{group}.{last}" in NEUTRAL:
            continue
        node[last] = "another" if isinstance(node[last], str) else 12345
        after = watched(tmp_path / str(number), changed)
        assert after[stage] != before[stage], f"{group}.{'.'.join([*path, last])}"


def test_the_same_is_the_same_run_and_a_stage_reads_what_was_written(configure: Configure, tmp_path: Path) -> None:
    config = configure("scratch")
    assert watched(tmp_path / "a", config) == watched(tmp_path / "b", config)
    with initialize_config_dir(str(tmp_path / "a"), version_base="1.3"):
        read = plain(compose("prepare"), whole=False)
    assert read["data"] == config["data"] and "hydra" not in read
