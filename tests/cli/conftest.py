"""A checkout that the command believes to be its own, and a recorder in the place of DVC."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

import _recipes
import warmstart
from photos import save_photo
from report_table import write_table
from support import CHECKOUT
from warmstart.cli import check, recipes, run
from warmstart.cli.checkout import Checkout
from warmstart.cli.main import main
from warmstart.cli.recipes import Configs
from warmstart.config.data_schema import Data
from warmstart.config.stages import recipe_configs
from warmstart.config.typed import to_typed
from warmstart.ingest.checks import check_request

HERE = "/folder/of/the/test"
COMPOSED: dict[str, str] = {}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """Options and params.yaml as they are, no results."""
    root = tmp_path / "checkout"
    shutil.copytree(CHECKOUT / "conf", root / "conf")
    (root / "pipelines").mkdir()
    for name in ("params.yaml", "dvc.yaml", "pipelines/choose.py"):
        shutil.copy(CHECKOUT / name, root / name)
    (root / "src/warmstart").mkdir(parents=True)
    monkeypatch.setattr(warmstart, "__file__", str(root / "src/warmstart/__init__.py"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_recipes, "CHECKOUT", root)
    for module in (recipes, check):
        monkeypatch.setattr(module, "compose_configs", composed)
    return Checkout(root)


def composed(checkout: Checkout, overrides: Sequence[str], recipes: Sequence[str] | None = None) -> Configs:
    """What ``compose_configs`` asks of a process, asked in this one, and once of the same options.

    Composing ten recipes takes seconds, so tests share them. Their folders differ: HERE stands for the test's own.
    """
    words = [*overrides, *([f"recipes=[{','.join(recipes)}]"] if recipes else [])]
    here, conf = str(Path.cwd()), _recipes.CHECKOUT / "conf"
    files = {
        str(path.relative_to(conf)): path.read_text(errors="surrogateescape")
        for path in sorted(conf.rglob("*"))
        if path.is_file()
    }
    key = json.dumps([words, files]).replace(here, HERE)
    if key not in COMPOSED:
        COMPOSED[key] = json.dumps(_recipes.compose_recipes(words, Path.cwd())).replace(here, HERE)
    whole, configs = json.loads(COMPOSED[key].replace(HERE, here))
    check_request(to_typed(Data, whole["data"], "data."))
    return recipe_configs(configs)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twenty photos in two classes."""
    root = tmp_path / "My Photos"
    for label, name in enumerate(("cat", "dog")):
        for index in range(10):
            save_photo(root / name / f"{index}.jpg", 1000 * label + index)
    return root


@pytest.fixture
def commands(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been run: choosing sets params.yaml, comparing writes a table of what was evaluated before."""
    typed: list[str] = []

    def record(self: Any, words: Sequence[str]) -> None:
        typed.append(" ".join(words))
        if words[1] == "pipelines/choose.py":
            panel = checkout.params()
            panel["data"] = words[2].removeprefix("data=")
            (checkout.root / "params.yaml").write_text(yaml.safe_dump(panel))
        elif "compare" in words:
            done = [word.split("@")[1] for line in typed for word in line.split() if "@" in word]
            write_table(checkout, checkout.params()["data"], list(dict.fromkeys(done)))

    monkeypatch.setattr(run.Runner, "__call__", record)
    return typed


@pytest.fixture
def warm(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Give the command; returns exit code, standard output and standard error."""

    def _warm(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return _warm
