"""MLflow's own server, as ``warmstart ui`` starts it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from ui_process import alive, free, give, make_checkout, until_open, wait_until
from warmstart.cli import ui
from warmstart.tracking.publish import publish
from warmstart.tracking.run_logger import RunLogger
from warmstart.tracking.saved_view import CHARTS
from warmstart.tracking.store import Experiment


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc which processes there are")
def test_mlflow_shows_runs_and_pictures_of_a_checkout_of_any_name_and_ends_when_the_command_is_killed(
    tmp_path: Path, empty_store: Path
) -> None:
    place = make_checkout(tmp_path / "a%2Fb #ü")
    shutil.copy(empty_store, place / "mlruns/mlflow.db")
    logger = RunLogger(Experiment.open(place, "critters"), "a key", "a run", 0)
    (tmp_path / "right.png").write_bytes(b"a picture")
    logger.sync_artifacts("interpret", {"right.png": tmp_path / "right.png"})
    port = ui.free_port(21_100)
    with give(place, port) as process:
        until_open(process)
        started = [
            int(path.name)
            for path in Path("/proc").glob("[0-9]*")
            if str(port).encode() in _words(path) and b"mlflow" in _words(path)
        ]
        assert started
        query = f"run_uuid={logger.id}&path=interpret/right.png"
        with urlopen(f"http://{ui.HOST}:{port}/get-artifact?{query}", timeout=30) as answer:
            assert answer.read() == b"a picture"
        with urlopen(f"http://{ui.HOST}:{port}/ajax-api/2.0/mlflow/runs/get?run_id={logger.id}", timeout=30) as answer:
            assert json.load(answer)["run"]["info"]["run_id"] == logger.id
        process.kill()
    wait_until(lambda: not any(alive(pid) for pid in started))
    assert free(port) and not [path for path in Path("/proc").glob("[0-9]*") if _folder(path) == place]
    with closing(sqlite3.connect(place / "mlruns/mlflow.db", timeout=0)) as connection:
        connection.execute("BEGIN EXCLUSIVE")


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_browser_draws_the_four_charts_of_the_page_that_is_printed(tmp_path: Path, checkout: Any) -> None:
    for recipe in ("scratch", "fine_tune"):
        checkout.recipe(recipe)
    checkout.audit(near=1)
    publish(checkout.root, "critters", checkout.folder)
    make_checkout(checkout.root)
    with give(checkout.root, ui.free_port(21_200)) as process:
        address = until_open(process)
        assert "viewStateShareKey=" in address and CHROMIUM
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,1600", "--dump-dom"]
        patience, profile = "--virtual-time-budget=60000", f"--user-data-dir={tmp_path / 'profile'}"
        words = [CHROMIUM, *options, patience, profile, address]
        page = subprocess.run(words, capture_output=True, text=True, timeout=180, check=True).stdout
    titles = re.findall(r"[^<>]+", page)
    drawn = [text for text in titles if text in {chart.metric for chart in CHARTS}]
    assert list(dict.fromkeys(drawn)) == [chart.metric for chart in CHARTS]
    assert page.count("js-plotly-plot") == len(CHARTS), "and no other group of charts is unfolded"
    assert "notification-notice-error" not in page and "audit" not in titles


def _words(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def _folder(process: Path) -> Path | None:
    try:
        return Path((process / "cwd").readlink()) if alive(int(process.name)) else None
    except OSError:
        return None
