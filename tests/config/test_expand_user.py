"""``~`` in what a person wrote: the home folder where it means that, a plain name where it is one, and never an
exception.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support import CHECKOUT
from warmstart.config.paths import absolute_paths, expand_user


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/somebody")
    (tmp_path / "~tmp1.jpg").touch()
    (tmp_path / "~root").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("~", "/home/somebody"),
        ("~/photos", "/home/somebody/photos"),
        ("~tmp1.jpg", "~tmp1.jpg"),  # a file that is there
        ("~root/a.jpg", "~root/a.jpg"),  # a folder that is there, though there is such a user
        ("~nosuch/photos", "~nosuch/photos"),
        ("./~root", "./~root"),
        ("photos/~", "photos/~"),
        ("~\0", "~\0"),
        ("", ""),
        ("~" + "x" * 5000, "~" + "x" * 5000),
    ],
)
def test_only_the_home_folder_is_expanded(here: Path, text: str, meant: str) -> None:
    assert expand_user(text) == meant


def test_the_home_of_a_user_is_meant_where_no_file_is_called_so(here: Path) -> None:
    (here / "~root").rmdir()
    home = expand_user("~root/a.jpg")
    assert home.startswith("/") and home.endswith("/a.jpg")
    assert expand_user("~root/a.jpg", here / "elsewhere") == home


def test_a_path_of_the_configuration_is_a_file_here_first(here: Path) -> None:
    config = {"data": {"folder": "./~root", "corrections": "~tmp1.jpg", "csv": "~/x.csv"}}
    assert absolute_paths(config, here)["data"] == {
        "folder": str(here / "~root"), "corrections": str(here / "~tmp1.jpg"), "csv": "/home/somebody/x.csv",
    }  # fmt: skip


def test_nothing_else_expands_a_person_s_text() -> None:
    files = [*(CHECKOUT / "src").rglob("*.py"), *(CHECKOUT / "pipelines").glob("*.py")]
    found = [
        path.relative_to(CHECKOUT).as_posix() for path in files if "expanduser" in path.read_text(encoding="utf-8")
    ]
    assert found == ["src/warmstart/config/paths.py"]
