"""A person's photos become a data option of their own, which overwrites none and remembers what was set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir

from _compose import plain, register_schema
from support import compose_config
from warmstart.cli.checkout import Checkout
from warmstart.cli.option import Option, choose_option
from warmstart.cli.settings import Settings, read_settings
from warmstart.cli.source import find_source, safe_name
from warmstart.errors import UserError


def option_for(
    checkout: Checkout, word: str | Path, name: str | None = None, *pairs: str, size: int | None = None
) -> Option:
    return choose_option(checkout, find_source(str(word), checkout), name, read_settings(checkout, pairs, size))


def composed(checkout: Checkout, option: Option) -> dict[str, Any]:
    register_schema()
    with initialize_config_dir(str(checkout.root / "conf"), version_base="1.3"):
        return plain(compose("config", [f"data={option.name}"]))


def test_a_folder_becomes_an_option_that_hydra_reads(checkout: Checkout, photos: Path) -> None:
    option = option_for(
        checkout, photos, None, "schedule=quick", "optimizer.lr=1e-3", "data.on_leak=drop", "seed=3", size=64
    )
    assert option.name == "my_photos" and option.write() and not option.write()
    config = composed(checkout, option)
    data = config["data"]
    assert (data["name"], data["folder"], data["size"], data["on_leak"]) == ("my_photos", str(photos), 64, "drop")
    assert config["schedule"]["name"] == "quick" and config["optimizer"]["lr"] == 1e-3 and config["seed"] == 3
    assert compose_config(*option.overrides) == config, "what check reads must be what run keeps"


def test_a_zip_file_is_read_whole_and_not_as_the_published_archive(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "it's, a = zip.zip").write_bytes(b"")
    option = option_for(checkout, "it's, a = zip.zip")
    option.write()
    config = composed(checkout, option)
    assert config["data"]["archive"] == str(tmp_path / "it's, a = zip.zip")
    assert config["data"]["train"] is config["data"]["test"] is None and config["schedule"]["name"] == "own"
    assert compose_config(*option.overrides) == config


def test_the_same_photos_keep_their_option_and_what_was_set(checkout: Checkout, photos: Path) -> None:
    option_for(checkout, photos, None, "schedule=quick", size=64).write()
    again = option_for(checkout, photos, None, "schedule.epochs=2")
    assert (again.name, again.groups, again.values["data.size"], again.values["schedule.epochs"]) == (
        "my_photos",
        {"schedule": "quick"},
        64,
        2,
    )
    again.write()
    by_name = option_for(checkout, "my_photos", size=32)
    assert (
        by_name.name == "my_photos"
        and by_name.values["data.folder"] == str(photos)
        and by_name.values["data.size"] == 32
    )


def test_other_photos_never_overwrite_an_option(checkout: Checkout, tmp_path: Path) -> None:
    before = checkout.option("critters").read_text()
    (tmp_path / "a/critters").mkdir(parents=True)
    (tmp_path / "b/critters").mkdir(parents=True)
    first = option_for(checkout, tmp_path / "a/critters")
    first.write()
    assert first.name == "critters_2" and option_for(checkout, tmp_path / "b/critters").name == "critters_3"
    with pytest.raises(UserError, match="about something else"):
        option_for(checkout, tmp_path / "b/critters", "critters")
    assert checkout.option("critters").read_text() == before


def test_a_file_written_by_hand_is_used_and_left_alone(checkout: Checkout, photos: Path) -> None:
    text = f"# @package _global_\ndefaults: [image_folder, _self_]\ndata: {{name: my_photos, folder: '{photos}'}}\n"
    checkout.option("my_photos").write_text(text)
    option = option_for(checkout, photos)
    assert option.name == "my_photos" and option.file is None and not option.write()
    with pytest.raises(UserError, match=r"written by hand: set data\.size"):
        option_for(checkout, photos, size=64)
    assert checkout.option("my_photos").read_text() == text


def test_an_option_that_is_there_is_used_as_it_stands_or_copied_where_something_is_changed(checkout: Checkout) -> None:
    assert option_for(checkout, "critters").overrides == ["data=critters"]
    changed = option_for(checkout, "critters", None, "schedule.epochs=1", size=48)
    changed.write()
    config = composed(checkout, changed)
    assert (config["data"]["name"], config["data"]["size"], config["data"]["train"]) == ("critters_own", 48, 800)
    assert config["schedule"]["epochs"] == 1 and option_for(checkout, "critters").file is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My Birds!", "my_birds"),
        ("2024", "photos_2024"),
        ("null", "photos_null"),
        ("Фото", "photos"),
        ("on", "photos_on"),
        ("a.b", "a_b"),
    ],
)
def test_names_are_safe_in_files_and_in_yaml(text: str, name: str) -> None:
    assert safe_name(text) == safe_name(name) == name


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("nowhere/at/all", "does not exist"),
        ("digit", "did you mean digits"),
        ("a.txt", "another kind"),
        ("qqq", "the options are"),
    ],
)
def test_what_is_no_source_is_said_so(checkout: Checkout, tmp_path: Path, word: str, said: str) -> None:
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(UserError, match=said):
        find_source(word, checkout)


@pytest.mark.parametrize(
    ("pair", "said"), [("size", "key=value"), ("data=x", "photos"), ("recipe=x", "--only"), ("schedule=quik", "quick")]
)
def test_settings_that_are_none_are_refused(checkout: Checkout, pair: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_settings(checkout, [pair])


def test_values_are_read_as_hydra_reads_them(checkout: Checkout) -> None:
    pairs = ["a.b=1e-3", "a.c=null", "a.d=true", "a.e=[1, 2]", "a.f=x: y", "seed=4"]
    values = {"a.b": 1e-3, "a.c": None, "a.d": True, "a.e": [1, 2], "a.f": {"x": "y"}, "seed": 4}
    assert read_settings(checkout, pairs, 32, 5) == Settings(
        {}, {"data.size": 32, "data.folds": 5, **values, "backbone.size": "data"}
    )


def test_paths_that_are_set_are_taken_from_where_the_person_stands(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    values = read_settings(checkout, ["data.corrections=mine.csv", "backbone.weights=embedded"]).values
    assert values == {"data.corrections": str(tmp_path / "mine.csv"), "backbone.weights": "embedded"}


def test_so_many_of_each_class_or_folds_leave_no_numbers_of_a_split(checkout: Checkout) -> None:
    source = find_source("cats_vs_dogs", checkout)
    for pair in ("data.per_class=500", "data.folds=5"):
        values = choose_option(checkout, source, None, read_settings(checkout, [pair])).values
        assert {key: values[key] for key in ("data.train", "data.val", "data.test")} == dict.fromkeys(
            ("data.train", "data.val", "data.test")
        )
    assert "data.val" not in choose_option(checkout, source, None, read_settings(checkout, ["data.size=64"])).values


@pytest.mark.parametrize(
    "pair",
    ["data.folder=elsewhere", "data.name=other", "data.source=csv", "debug=fast", "debug.batches=1", "out_dir=x", "init_from=x.ckpt", "sweep=lr", "hydra.verbose=true"],
)  # fmt: skip
def test_what_the_photos_decide_and_what_stages_by_hand_read_is_not_set(
    checkout: Checkout, photos: Path, pair: str
) -> None:
    with pytest.raises(UserError, match=rf"--set {pair.partition('=')[0]}="):
        option_for(checkout, photos, None, pair)


def test_a_value_that_is_said_twice_is_refused(checkout: Checkout, photos: Path) -> None:
    with pytest.raises(UserError, match=r"data\.size is said twice"):
        option_for(checkout, photos, None, "data.size=96", size=128)
