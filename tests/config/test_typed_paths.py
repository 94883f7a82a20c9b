"""Paths on a stage's command line: what is there is meant as typed, and advice on how to quote the rest is right."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from _command_line import quote_paths
from _errors import readable_errors
from warmstart.config.paths import absolute
from warmstart.errors import UserError

NAMES = [
    "${oc.env:HOME}",
    "${data}",
    "${data.name}",
    "${",
    "a=b",
    "a,b",
    "[x]",
    "{x}",
    "it's",
    '"q"',
    "\\",
    "a b",
    " a",
    "a ",
    "%h",
    "#c",
    "a\nb",
]
NAMES += ["~", "~root", "-rf", "null", "1e3", "(x)", "a:b", "*", "é", "${x:${y}}", "\\${x}", "'q'", "a\\'", 'a\\"b']
KEYS = ("image", "out_dir", "model_dir", "init_from", "backbone.weights")
PARSER = OverridesParser.create()


def read(word: str, here: Path) -> str:
    """What Hydra, OmegaConf and ``absolute`` make of the word."""
    with readable_errors():
        override = PARSER.parse_override(word)
        value = OmegaConf.to_container(OmegaConf.create({"a": override.value()}), resolve=True)
    return str(absolute(str(override.key_or_group), value["a"], here))  # type: ignore[call-overload,index]


@pytest.mark.parametrize("name", NAMES)
def test_a_path_that_is_there_is_meant_as_it_is_typed(name: str, tmp_path: Path) -> None:
    (tmp_path / "photos" / name).mkdir(parents=True)
    key = KEYS[NAMES.index(name) % len(KEYS)]
    for typed in (f"photos/{name}", f"{tmp_path}/photos/{name}", f"photos/../photos/{name}"):
        (word,) = quote_paths([f"{key}={typed}"], tmp_path)
        assert read(word, tmp_path) == str(tmp_path / "photos" / name)


@pytest.mark.parametrize("name", [name for name in NAMES if "\n" not in name])
def test_what_is_not_there_is_read_or_refused_with_advice_that_works(name: str, tmp_path: Path) -> None:
    word = f"image=/nowhere/{name}"
    assert quote_paths([word], tmp_path) == [word]
    try:
        read(word, tmp_path)
    except UserError as error:
        said = str(error)
        assert "\n" not in said
        if "as in " in said:
            (advised,) = shlex.split(said.partition("as in ")[2])
            assert read(advised, tmp_path) == f"/nowhere/{name}".rstrip("/")


def test_other_words_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a,b").mkdir()
    words = [
        "-m",
        "optimizer.lr=1e-3,1e-4",
        "data.size=${x}",
        "image=",
        "foo",
        "hydra.sweep.dir=a,b",
        'image="a,b"',
        "image=a\0b",
    ]
    assert quote_paths(words, tmp_path) == words
