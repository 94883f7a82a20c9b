"""Choosing a dataset writes it and its recipes into params.yaml, and nothing else; recipes that cannot run on it are
refused.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from _recipes import choose_recipes
from support import CHECKOUT, Configure, compose_config, python
from warmstart.config.params import edit_params, read_params, recipes_run
from warmstart.config.recipe_list import check_fit
from warmstart.config.views import start_of
from warmstart.config.write_views import write_views
from warmstart.errors import UserError

PANEL = """# top
data: critters   # a note

# about the list
recipes:  # these
  # inside
  scratch: {stage: train, from: images} # mine
  features:
    stage: train
    from: feature_cache

# about the seed
seed: null
learning_curve: []
set:
  data: {size: 28}  # deep
"""
TWO = {"scratch": {"stage": "train", "from": "images"}, "dense": {"stage": "train", "from": "images"}}


def test_every_other_line_and_comment_stays(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(PANEL)
    edit_params(path, "digits", TWO)
    assert (
        path.read_text()
        == """# top
data: digits     # a note

# about the list
recipes:  # these
  # inside
  scratch: {stage: train, from: images} # mine
  dense: {stage: train, from: images}

# about the seed
seed: null
learning_curve: []
set:
  data: {size: 28}  # deep
"""
    )


@pytest.mark.parametrize(
    "text",
    [
        "data: a\nrecipes: {x: {stage: train, from: images}}\nseed: 1",
        "recipes:\n  x: {stage: train, from: images}\n\n\nseed: 1\n",
        "seed: 1\n",
        "data: a # b\nrecipes:\n",
        '"recipes": {}\ndata: a\n',
        "recipes:\n- x\n",
    ],
)
def test_other_ways_of_writing_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "params.yaml").write_text(text)
    edit_params(tmp_path / "params.yaml", "digits", TWO)
    edited = yaml.safe_load((tmp_path / "params.yaml").read_text())
    assert edited == {**yaml.safe_load(text), "data": "digits", "recipes": TWO, "learning_curve": []}


@pytest.mark.parametrize(
    ("data", "said", "stays"),
    [
        ("digits", "[dense, gone]", ["dense"]),
        ("digits", "null", []),
        ("digits", "[dense, scratch] # of two", ["dense", "scratch"]),
        ("other", "[dense]", []),
    ],
)
def test_learning_curves_stay_on_the_same_data_where_their_recipe_runs(
    tmp_path: Path, data: str, said: str, stays: list[str]
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(PANEL.replace("data: critters", f"data: {data}").replace("_curve: []", f"_curve: {said}"))
    edit_params(path, "digits", TWO)
    assert yaml.safe_load(path.read_text())["learning_curve"] == stays


@pytest.mark.parametrize(
    "text",
    [
        "data: a\ndata: b\n",
        "- a\n",
        "a: [\n",
        "a\n",
    ],
)
def test_what_cannot_be_edited_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(UserError, match=r"params\.yaml"):
        edit_params(tmp_path / "params.yaml", "digits", TWO)
    assert (tmp_path / "params.yaml").read_text() == text


def test_what_is_set_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text((CHECKOUT / "params.yaml").read_text())
    data = read_params(path).data
    edit_params(path, data, choose_recipes([f"data={data}"])[1], {"set.data.folder": None})
    assert path.read_text() == (CHECKOUT / "params.yaml").read_text()


def test_each_dataset_names_its_recipes() -> None:
    photos, digits = compose_config()["recipes"], compose_config("data=digits")["recipes"]
    assert len(photos) == 7 and compose_config("data=image_folder")["recipes"] == photos
    assert digits == compose_config("data=mnist")["recipes"] == ["dense", "convnet", "convnet_no_pooling"]
    assert compose_config("data=mnist")["recipe"]["name"] == "convnet"
    assert compose_config("data=mnist", "recipe=dense")["recipe"]["name"] == "dense"


def test_where_a_recipe_starts_follows_from_what_it_trains() -> None:
    recipe = {
        name: compose_config(f"recipe={name}")["recipe"]
        for name in ("scratch", "linear_probe", "features", "fine_tune")
    }
    assert start_of(recipe["scratch"]) == {"stage": "train", "from": "images"}
    assert (
        start_of(recipe["linear_probe"]) == start_of(recipe["features"]) == {"stage": "train", "from": "feature_cache"}
    )
    assert start_of(recipe["fine_tune"]) == {"stage": "fine_tune", "from": "recipes/features_augmented/model"}


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["data=digits", "recipe=features"], "grey"),
        (["data=mnist", "recipe=scratch"], "46 or more"),
        (["data=critters", "data.channels=1", "recipe=fine_tune"], "grey"),
        (["data=digits", "recipe=convnet", "data.size=17"], "18 or more"),
    ],
)
def test_a_recipe_that_does_not_fit_is_refused_with_the_command_that_helps(overrides: list[str], words: str) -> None:
    config = compose_config(*overrides)
    with pytest.raises(UserError, match=words) as caught:
        check_fit(config)
    assert f"python pipelines/choose.py data={config['data']['name']}" in str(caught.value)


@pytest.mark.parametrize(
    "overrides", [["data=digits"], ["data=digits", "data.channels=3", "recipe=features"], ["data=critters"]]
)
def test_a_recipe_that_fits_is_not_refused(overrides: list[str]) -> None:
    check_fit(compose_config(*overrides))


def test_choosing_the_unknown_is_refused() -> None:
    for overrides in (
        ["data=digit"],
        ["data=digits", "recipes=[conv]"],
        ["data=critters", "recipes=[fine_tune]"],
        ["data=digits", "recipes=[]"],
    ):
        with pytest.raises(UserError):
            choose_recipes(overrides)


def test_extraction_has_nothing_to_do_where_no_recipe_wants_features(configure: Configure, tmp_path: Path) -> None:
    starts = {
        "scratch": {"stage": "train", "from": "images"},
        "linear_probe": {"stage": "train", "from": "feature_cache"},
    }
    for name, recipes in (("without", ["scratch"]), ("with", ["scratch", "linear_probe"])):
        write_views(tmp_path / name, {r: configure(r) for r in recipes}, {r: starts[r] for r in recipes})
    without, wanted = (
        yaml.safe_load((tmp_path / name / "feature_extract.yaml").read_text()) for name in ("without", "with")
    )
    assert without["backbone"] is None and "trainer" not in without
    assert [
        yaml.safe_load((tmp_path / name / "list_inputs.yaml").read_text())["feature_extract"]
        for name in ("without", "with")
    ] == [
        None,
        {"name": "efficientnet_lite0", "weights": "embedded"},
    ]
    assert wanted["backbone"]["name"] == "efficientnet_lite0" and wanted["head"] == {"pool": "avg"}


def test_params_yaml_lists_the_recipes_of_its_dataset_only() -> None:
    path = CHECKOUT / "params.yaml"
    params = read_params(path)
    assert recipes_run(path, params.data, ["dense"]) == list(params.recipes)
    assert recipes_run(path, "another", ["dense"]) == ["dense"]


def test_choose_takes_no_other_values() -> None:
    before = (CHECKOUT / "params.yaml").read_text()
    done = python("pipelines/choose.py", "data=digits", "data.size=32")
    assert done.returncode != 0 and "set:" in done.stderr and "Traceback" not in done.stderr
    assert (CHECKOUT / "params.yaml").read_text() == before


def test_compose_takes_no_words() -> None:
    done = python("pipelines/compose.py", "data=digits")
    assert done.returncode == 1 and "params.yaml" in done.stderr and "Traceback" not in done.stderr
