"""Files outside the checkout: named where they are missing, and known by what they hold, not by where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from support import CHECKOUT, Configure, compose_config
from warmstart.config.inputs import check_named, check_places
from warmstart.config.write_views import write_views
from warmstart.errors import UserError
from warmstart.inputs.write import write_listings

SCRATCH = {"scratch": {"stage": "train", "from": "images"}}
PROBE = {"linear_probe": {"stage": "train", "from": "feature_cache"}}


@pytest.mark.parametrize("key", ["folder", "archive", "csv", "corrections"])
def test_what_does_not_exist_is_named(tmp_path: Path, key: str) -> None:
    with pytest.raises(UserError, match=rf"data\.{key}: .*nowhere does not exist"):
        check_places({key: str(tmp_path / "nowhere")})
    check_places({key: str(tmp_path)})


def test_a_folder_that_holds_the_checkout_is_refused_and_a_table_in_it_is_not() -> None:
    for folder in (CHECKOUT, CHECKOUT.parent):
        with pytest.raises(UserError, match="holds this checkout"):
            check_places({"source": "folder", "folder": str(folder)})
    check_places({"source": "csv", "csv": str(CHECKOUT / "README.md"), "folder": str(CHECKOUT)})


def test_a_relative_path_starts_at_the_checkout(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "w.pth").touch()
    config = configure("linear_probe", "backbone.weights=w.pth")
    check_named([config], tmp_path)
    with pytest.raises(UserError, match=r"backbone\.weights: .*elsewhere/w\.pth does not exist"):
        check_named([config], tmp_path / "elsewhere")


def written(folder: Path, config: dict[str, Any], recipes: dict[str, dict[str, str]]) -> dict[str, str]:
    """What DVC compares of what compose and list_inputs write: parameters and listings."""
    write_views(folder / "conf", dict.fromkeys(recipes, config), recipes)
    write_listings(folder / "conf", folder / "inputs", folder / "digests", folder, CHECKOUT)
    watched = [*folder.glob("conf/**/[!l]*.yaml"), *(path for path in folder.glob("inputs/**/*") if path.is_file())]
    return {str(path.relative_to(folder)): path.read_text() for path in watched if not path.stem.endswith("_unwatched")}


def test_weights_that_are_moved_change_nothing_that_is_watched(configure: Configure, tmp_path: Path) -> None:
    def seen() -> dict[str, str]:
        (weights,) = tmp_path.glob("*/w.pth")
        return written(tmp_path, configure("linear_probe", f"backbone.weights={weights}"), PROBE)

    (tmp_path / "old").mkdir()
    (tmp_path / "old/w.pth").write_bytes(b"weights")
    before = seen()
    (tmp_path / "old").rename(tmp_path / "new")
    assert seen() == before
    (tmp_path / "new/w.pth").write_bytes(b"others!")
    assert {name for name, text in seen().items() if text != before[name]} == {
        "inputs/feature_extract",
        "inputs/train/linear_probe",
    }


def test_photos_that_are_moved_change_nothing_that_is_watched_and_are_still_found(
    configure: Configure, tmp_path: Path
) -> None:
    def seen(folder: str) -> dict[str, str]:
        data = compose_config("data=image_folder", f"data.folder={folder}")["data"]
        return written(tmp_path, {**configure("scratch"), "data": data}, SCRATCH)

    for name in ("a/0.jpg", "b/0.jpg"):
        (tmp_path / "old" / name).parent.mkdir(parents=True)
        (tmp_path / "old" / name).write_bytes(name.encode())
    before = seen("old")  # as it is given: the listing is of the folder there
    (tmp_path / "old").rename(tmp_path / "new")
    assert seen(str(tmp_path / "new")) == before
    with pytest.raises(UserError, match=r"data\.folder: .*old does not exist"):
        seen("old")


def test_a_stage_is_given_the_paths_that_are_not_watched(configure: Configure, tmp_path: Path) -> None:
    from hydra import compose, initialize_config_dir

    data = compose_config("data=csv", "data.csv=table.csv", "data.folder=${oc.env:HOME}/x", "data.corrections=c.csv")[
        "data"
    ]
    write_views(tmp_path, {"scratch": {**configure("scratch"), "data": data}}, SCRATCH)
    with initialize_config_dir(str(tmp_path), version_base="1.3"):
        given = compose("prepare").data
    assert dict(given) == data
    watched = yaml.safe_load((tmp_path / "prepare.yaml").read_text())["data"]
    assert {key for key in data if key not in watched} == {"csv", "folder", "corrections", "workers"}


def test_a_stage_that_reads_nothing_from_outside_lists_only_what_it_runs(configure: Configure, tmp_path: Path) -> None:
    texts = written(tmp_path, configure("scratch"), SCRATCH)
    listings = {name: text for name, text in texts.items() if name.startswith("inputs")}
    assert {
        "inputs/prepare",
        "inputs/audit",
        "inputs/compare",
        "inputs/train/scratch",
        "inputs/interpret/scratch",
    } <= set(listings)
    for name, text in listings.items():
        assert {line.split()[0] for line in text.splitlines()} <= {"#", "code", "library"}, name


def test_so_many_of_each_class_replace_the_numbers_of_an_option() -> None:
    from omegaconf import OmegaConf

    from _recipes import free_counts

    composed = OmegaConf.create({"data": compose_config("data=cats_vs_dogs")["data"]})
    counts = dict.fromkeys(("data.train", "data.val", "data.test"))
    assert free_counts(composed, {"data.per_class": 500}) == counts == free_counts(composed, {"data.folds": 5})
    assert (
        free_counts(composed, {"data.per_class": 500, "data.train": 10})
        == {}
        == free_counts(composed, {"data.size": 64})
    )
