"""What Hydra refuses, and what it would accept and ignore, is one line that names the key or value and the near one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from reliability.nursery import Nursery
from support import CHECKOUT, compose_config, python
from warmstart.errors import UserError


def refusal(*overrides: str, conf: Path = CHECKOUT / "conf") -> str:
    from _command_line import add_open_key
    from _compose import plain, register_schema
    from _errors import readable_errors
    from _parts import check_parts

    register_schema()
    with pytest.raises(UserError) as caught, readable_errors(), initialize_config_dir(str(conf), version_base="1.3"):
        check_parts(plain(compose("config", [add_open_key(word) for word in overrides])))
    message = str(caught.value)
    assert "\n" not in message
    assert "+" not in message  # Hydra's advice, which makes it worse
    return message


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("optimizer.lrr=3", ["optimizer.lrr", "did you mean lr?"]),
        ("+optimizer.lrr=3", ["optimizer.lrr", "did you mean lr?"]),
        ("++optimizer.lrr=3", ["optimizer.lrr", "did you mean lr?"]),
        ("+trainer.gradient_clip_vall=1", ["trainer.gradient_clip_vall", "gradient_clip_val?"]),
        ("+foo=1", ["foo"]),
        ("+data.folder=x", ["data.folder", "critters", "csv"]),
        ("data.folder=x", ["data.folder", "critters", "csv"]),
        ("optimiser=adam", ["optimiser", "optimizer?"]),
        ("trainer.max_epochs=3", ["trainer.max_epochs", "schedule.epochs"]),
        ("batch_size=3", ["schedule.batch_size?"]),
        ("optimizer.learning_rate=3", ["optimizer.learning_rate", "did you mean lr?"]),
        ("optimizer=adamm", ["optimizer=adamm", "adam?"]),
        ("experiment=own", ["experiment=own", "lesson"]),
        ("backbone=resnet18", ["backbone.name"]),
        ("trainer.devices=2", ["trainer.devices", "one device"]),
        ("optimizer.lr=abc", ["optimizer.lr", "'abc'", "float"]),
        ("data.seed=abc", ["data.seed", "'abc'", "whole number"]),
        ("network.widths=3", ["network.widths", "list of whole numbers"]),
        ("network.widths=[a]", ["network.widths", "list of whole numbers"]),
        ("optimizer.lr.x=3", ["optimizer.lr"]),
        ("recipe.phase=warm", ["recipe.phase", "fine_tune"]),
        ("optimizer.lr=1e-3,1e-4", ["optimizer.lr=1e-3,1e-4", "-m"]),
        ("seed=range(1,3)", ["seed=range(1,3)", "-m"]),
        ("image=/tmp/a=b.jpg", ["""'image="/tmp/a=b.jpg"'"""]),
        ("image=a(b", ["""'image="a(b"'"""]),
        ("optimizer=3", ["optimizer=adam"]),
        ("foo", ["foo", "key=value"]),
        ("optimizer.lr=${nothing.there}", ["nothing.there", "optimizer.lr"]),
    ],
)
def test_a_mistake_on_the_command_line_is_named(override: str, named: list[str]) -> None:
    message = refusal(override)
    assert all(word in message for word in named), message


def test_a_plus_is_good_for_keys_that_there_are() -> None:
    assert compose_config("+optimizer.momentum=0.5")["optimizer"]["momentum"] == 0.5
    assert compose_config("++head.dropout=0.3")["head"]["dropout"] == 0.3


@pytest.mark.parametrize(
    ("file", "text", "named"),
    [
        ("experiment/mine.yaml", "# @package _global_\nfoo: 1\n", ["conf/experiment/mine.yaml", "foo"]),
        (
            "experiment/mine.yaml",
            "# @package _global_\noptimizer:\n  lrr: 3\n",
            ["optimizer.lrr", "did you mean lr?"],
        ),
        (
            "experiment/mine.yaml",
            "# @package _global_\noptimizer:\n  lr: fast\n",
            ["optimizer.lr", "fast"],
        ),
        ("experiment/mine.yaml", "# @package _global_\ntrainer:\n  devices: 4\n", ["trainer.devices", "4"]),
        (
            "experiment/mine.yaml",
            "# @package _global_\ndefaults: [{override /optimizer: adm}]\n",
            ["optimizer=adm", "adam?"],
        ),
        ("experiment/mine.yaml", "a: [\n", ["mine.yaml", "line 2"]),
        (
            "data/mine.yaml",
            "# @package _global_\ndata: {name: mine, source: folder, size: 32}\n",
            ["conf/data/mine.yaml", "/schema/data/"],
        ),
    ],
)
def test_a_mistake_in_an_option_file_is_named(file: str, text: str, named: list[str], tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "conf", tmp_path / "conf")
    (tmp_path / "conf" / file).write_text(text)
    message = refusal(f"{Path(file).parent}=mine", conf=tmp_path / "conf")
    assert all(word in message for word in named), message


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("    lr: null", "    lrr: 0.1", ["optimizer.lrr", "did you mean lr?"]),
        ("    lr: null", "    lr: fast", ["optimizer.lr", "fast"]),
        ("    lr: null", "    lr: -1", ["optimizer: ", "-1"]),
        ("set:", "set:\n  foo: 1", ["set.foo"]),
        ("seed: null  ", "seed: -1  ", ["seed is -1"]),
        ("schedule: null", "schedule: [quick]", ["schedule", "conf/schedule"]),
        ("schedule: null", "schedule: quik", ["schedule=quik", "quick?"]),
    ],
)
def test_a_mistake_in_params_yaml_is_named(old: str, new: str, named: list[str], tmp_path: Path) -> None:
    from _recipes import compose_params
    from warmstart.config.params import read_params

    text = (CHECKOUT / "params.yaml").read_text()
    assert old in text
    (tmp_path / "params.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(UserError) as caught:
        compose_params(read_params(tmp_path / "params.yaml"), tmp_path)
    assert all(word in str(caught.value) for word in named), str(caught.value)


def test_a_stage_says_it_in_one_line_before_any_work(forked: Nursery) -> None:
    assert_one_line(python("pipelines/train.py", "+optimizer.lrr=3"))
    assert_one_line(forked.python("pipelines/train.py", "optimizer.lr=-1", "--cfg", "job", "--resolve"))
    assert_one_line(forked.python("pipelines/train.py", "--cfg", "job", "-m"))


def assert_one_line(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 1 and not done.stdout
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")


def test_help_says_what_a_stage_does_and_names_every_key(forked: Nursery) -> None:
    from warmstart.config.tree import leaves

    done = forked.python("pipelines/evaluate.py", "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Measure a trained recipe")
    assert "python pipelines/evaluate.py" in done.stdout and "conf/" in done.stdout
    words = done.stdout.split()
    assert all(f"{key}:" in words for key in leaves())
    assert "scratch_augmented" in words
