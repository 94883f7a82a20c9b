"""The words of the command: help, typing errors, the report as text, the pages of MLflow, and how fast it starts."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import warmstart
from record_builders import seed_metrics
from report_table import write_table
from support import CHECKOUT, python
from warmstart.cli import ui
from warmstart.cli.checkout import Checkout, find_checkout
from warmstart.cli.report import dataset_line, read_table, recipe_line
from warmstart.errors import UserError
from warmstart.files.plain import read_json, write_json

Warm = Callable[..., tuple[int, str, str]]


def test_help_is_short_and_shows_an_example(warm: Warm) -> None:
    code, out, _ = warm("--help")
    assert code == 0 and "warmstart run ~/photos" in out
    for command in ("check", "run", "report", "ui", "predict"):
        code, out, _ = warm(command, "--help")
        assert code == 0 and f"example: warmstart {command}" in out and len(out.splitlines()) < 40


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "did you mean check?"),
        (["run"], "PHOTOS"),
        (["run", "x", "--fast"], "--fast"),
        (["run", "x", "--size", "big"], "big is no number"),
        (["predict", "best"], "PHOTO"),
        (["predict", "best", "x", "--format", "xml"], "xml"),
    ],
)
def test_typing_errors_are_one_line(warm: Warm, words: list[str], said: str) -> None:
    code, out, err = warm(*words)
    assert code == 2 and not out and said in err and len(err.splitlines()) == 1


def test_values_may_come_before_the_photos(checkout: Checkout, photos: Path, warm: Warm) -> None:
    code, out, _ = warm("run", "--set", "schedule.epochs=2", "data.seed=5", photos, "--dry-run")
    assert code == 0 and "epochs: 2" in out and "seed: 5" in out


def test_the_report_is_printed_as_text(checkout: Checkout, warm: Warm) -> None:
    write_table(checkout, "birds", ["linear_probe", "scratch"], ["fine_tune", "features"])
    code, out, _ = warm("report", "--name", "birds")
    lines = out.splitlines()
    assert code == 0 and lines[0] == "birds: cat, dog; 80 train, 40 val, 40 test"
    assert (
        lines[2].split("  ")[0] == "always cat"
        and lines[3].startswith("linear_probe *")
        and "80.0 % [70.0, 90.0]  n = 40" in lines[3]
    )
    assert "not finished: fine_tune, features" in lines and "Start warm: scratch." in lines
    assert "What to do now: use scratch: the others are clearly worse." in lines and "as trained" not in out.replace(
        "are as trained", ""
    )
    assert lines[-1].endswith("artifacts/birds/report/index.html")


def test_the_report_says_what_is_shipped_beside_what_was_trained(checkout: Checkout, warm: Warm) -> None:
    write_table(checkout, "birds", ["linear_probe", "scratch"], trained={"scratch": 0.55})
    lines = warm("report", "--name", "birds")[1].splitlines()
    assert "81.0 % [71.0, 91.0]  n = 40  (as trained 55.0 % [45.0, 65.0])" in lines[4] and "as trained" not in lines[3]


def test_with_folds_every_line_counts_all_photos(checkout: Checkout, warm: Warm) -> None:
    write_table(checkout, "birds", ["linear_probe"], folds=5)
    table = read_table(checkout, "birds")
    assert (
        "160 photos in 5 folds" in dataset_line(table)
        and "160 photos in 5 folds, each tested once" in warm("report", "--name", "birds")[1]
    )
    assert recipe_line(table, "linear_probe").endswith("of 160 images, out of fold in 5 folds")


def test_with_seeds_a_mean_has_an_interval_over_images_and_one_over_seeds(checkout: Checkout, warm: Warm) -> None:
    write_table(checkout, "birds", ["linear_probe", "scratch"])
    table, seeds = read_table(checkout, "birds"), seed_metrics((0.75, 0.8, 0.85))
    replace(table, over_seeds={"linear_probe": seeds, "scratch": seeds}).write(checkout.report("birds"))
    out = warm("report", "--name", "birds")[1]
    heading, majority, *recipes = out.splitlines()[1:5]
    assert "over seeds" in heading and "–" in majority and "means of 3 seeds" in out
    assert all("]  n = 40" in line and "[55.0, 100.0]  n = 3" in line for line in recipes)
    write_table(checkout, "birds", ["linear_probe", "scratch"])
    assert "seed" not in warm("report", "--name", "birds")[1]


def test_a_table_of_an_earlier_version_is_named(checkout: Checkout, warm: Warm) -> None:
    write_table(checkout, "birds", ["scratch"])
    place = checkout.report("birds")
    table = read_json(place)
    write_json(place, {**table, "format": 0})
    code, _, err = warm("report", "--name", "birds")
    assert code == 1 and "another version" in err and "dvc repro compare" in err and len(err.splitlines()) == 1


def test_a_report_that_there_is_not_names_those_that_there_are(checkout: Checkout, warm: Warm) -> None:
    assert "warmstart run FOLDER" in warm("report")[2]
    write_table(checkout, "birds", ["scratch"])
    code, _, err = warm("report")
    assert code == 1 and "no report for critters yet; there is one for birds" in err


def test_the_page_is_opened_where_there_is_a_browser(
    checkout: Checkout, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    write_table(checkout, "birds", ["scratch"])
    monkeypatch.setattr("webbrowser.open", lambda uri: bool(opened.append(uri)))
    code, _, err = warm("report", "--name", "birds", "--open")
    assert (
        opened == [checkout.report("birds").with_name("index.html").as_uri()]
        and code == 1
        and "open it yourself" in err.replace(opened[0].removeprefix("file://"), "it")
    )


def test_help_and_report_load_nothing_heavy() -> None:
    code = (
        "import sys\nfrom warmstart.cli import report, run, ui, predict, main\n"
        "print([m for m in ('torch', 'numpy', 'hydra', 'dvc', 'mlflow', 'rich') if m in sys.modules])"
    )
    done = python("-c", code, PYTHONPATH=str(CHECKOUT / "src"))
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_the_module_is_the_command_too() -> None:
    done = python("-m", "warmstart", "--version", PYTHONPATH=str(CHECKOUT / "src"))
    assert done.stdout.strip() == f"warmstart {warmstart.__version__}"


def test_a_package_without_its_checkout_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warmstart, "__file__", str(tmp_path / "lib/site-packages/warmstart/__init__.py"))
    with pytest.raises(UserError, match="clone the repository"):
        find_checkout()


def test_mlflow_needs_runs_and_a_free_port(checkout: Checkout, warm: Warm) -> None:
    code, _, err = warm("ui")
    assert code == 1 and "there are no runs to look at yet" in err
    with socket.socket() as taken:
        taken.bind((ui.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert ui.free_port(port) > port


def test_the_pages_are_told_once_they_answer_and_ended_with_the_command(
    checkout: Checkout, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    (checkout.root / "mlruns").mkdir()
    (checkout.root / "mlruns/mlflow.db").touch()
    served = "import http.server as h, sys; h.HTTPServer(('127.0.0.1', int(sys.argv[1])), h.SimpleHTTPRequestHandler).serve_forever()"

    def serve(typed: list[str]) -> list[str]:
        started.append(typed)
        return [sys.executable, "-c", served, typed[typed.index("--port") + 1]]

    def interrupted(self: Any, timeout: float | None = None) -> int:
        if not started[1:]:
            started.append(self)
            raise KeyboardInterrupt
        return waited(self, timeout)

    waited = ui.subprocess.Popen.wait
    monkeypatch.setattr(ui, "arguments", serve)
    monkeypatch.setattr(ui.subprocess.Popen, "wait", interrupted)
    port = ui.free_port(18_431)
    code, out, _ = warm("ui", "--port", port)
    assert code == 130 and f"open http://127.0.0.1:{port} in a browser" in out
    assert "sqlite:///mlruns/mlflow.db" in started[0] and started[1].poll() is not None
