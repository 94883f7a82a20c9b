"""Any folder name that a file system takes comes out of the settings as it went in."""

from __future__ import annotations

import os
import random
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from _compose import plain, register_schema
from support import CHECKOUT
from warmstart.cli.checkout import Checkout
from warmstart.cli.option import choose_option
from warmstart.cli.settings import Settings
from warmstart.cli.source import find_source
from warmstart.config.escape import escape, escape_all, quoted, unescape
from warmstart.config.paths import absolute_paths
from warmstart.config.write_views import write_views
from warmstart.errors import UserError

PARTS = ["${", "${b}", "${oc.env:HOME}", "\\", "\\\\", "'", '"', ",", "=", "{", "}", "[", "]", "#", "%", "\n", "\t", "~", " ", ":", "$", "é",
         "日", "\u2028", "&", "*", "!", "|", ">", "@", "a", "B", "0", "-", "null"]  # fmt: skip
Warm = Callable[..., tuple[int, str, str]]


def names(count: int) -> list[str]:
    draw = random.Random(7)
    made = ["".join(draw.choice(PARTS) for _ in range(draw.randint(1, 8))) for _ in range(count)]
    return ["i${b}", "~root", "~", "it's", "a\\", "\\${x}", "#", *(name for name in made if name not in (".", ".."))]


def test_escaped_text_resolves_to_itself(tmp_path: Path) -> None:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from omegaconf import OmegaConf

    parser = OverridesParser.create()
    for name in names(300):
        text = f"/{name}"
        assert unescape(escape(text)) == text
        assert OmegaConf.to_container(OmegaConf.create({"a": escape_all([text])}), resolve=True) == {"a": [text]}
        value = parser.parse_override(f"data.folder={quoted(escape(text))}").value()
        assert OmegaConf.to_container(OmegaConf.create({"a": value}), resolve=True) == {"a": text}, text


@pytest.mark.parametrize("name", ["i${b}", "~root", "it's \\${x},= #1\\", *names(4)[-4:]])
def test_a_folder_keeps_its_path_through_file_words_hydra_and_compose(
    checkout: Checkout, tmp_path: Path, name: str
) -> None:
    register_schema()
    folder = tmp_path / "photos" / name
    folder.mkdir(parents=True)
    option = choose_option(checkout, find_source(str(folder), checkout), None, Settings())
    option.write()
    one = ["recipes=[linear_probe]", "recipe=linear_probe"]
    with initialize_config_dir(str(checkout.root / "conf"), version_base="1.3"):
        by_words, by_file = (
            absolute_paths(plain(compose("config", [*words, *one])), Path("/elsewhere"))
            for words in (option.overrides, [f"data={option.name}"])
        )
    assert by_words == by_file and by_file["data"]["folder"] == str(folder)
    again = choose_option(checkout, find_source(str(folder), checkout), None, Settings())
    assert (again.name, again.values, again.remembered) == (option.name, option.values, {}) and not again.write()
    # What the stages read, through Hydra once more.
    write_views(
        tmp_path / "views", {"linear_probe": by_file}, {"linear_probe": {"stage": "train", "from": "feature_cache"}}
    )
    with initialize_config_dir(str(tmp_path / "views"), version_base="1.3"):
        assert plain(compose("prepare"), whole=False)["data"]["folder"] == str(folder)


def test_a_name_that_is_not_utf8_is_refused_in_a_line(checkout: Checkout, tmp_path: Path, warm: Warm) -> None:
    folder = os.fsdecode(bytes(tmp_path) + b"/caf\xe9")
    os.mkdir(folder)  # noqa: PTH102
    with pytest.raises(UserError, match=r"caf\\xe9: this name is not UTF-8"):
        choose_option(checkout, find_source(folder, checkout), None, Settings())
    for words in (["run"], ["run", "--dry-run"], ["check"]):
        code, out, err = warm(words[0], folder, *words[1:])
        assert code == 1 and len(err.splitlines()) == 1 and not out and "not UTF-8" in err


def test_paths_that_are_set_are_taken_as_they_are_typed(checkout: Checkout, tmp_path: Path) -> None:
    from warmstart.cli.settings import read_settings

    for name in ("a: b.csv", "${b}.csv", "[1].csv", "#x.csv", "1e-3"):
        value = read_settings(checkout, [f"data.corrections={name}"]).values["data.corrections"]
        assert unescape(value) == str(tmp_path / name)
    assert read_settings(checkout, ["data.corrections=null"]).values["data.corrections"] is None


def test_the_process_that_is_asked_reads_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "i${b} it's, = #1"
    folder.mkdir()
    words = ["data=image_folder", "data.name=x", f"data.folder={quoted(escape(str(folder)))}", "recipes=[linear_probe]"]
    done = subprocess.run(
        [sys.executable, "pipelines/preview.py", *words], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and str(folder) in done.stdout, shlex.join(words) + done.stderr
