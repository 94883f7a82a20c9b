"""The page about Lightning: its code is run, and gives the numbers of the stages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support import CHECKOUT, Configure, Folders, read_history
from warmstart.config.stages import EvaluateConfig
from warmstart.config.typed import to_typed
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.records.predictions import PredictionRow

TINY_NUMBERS = {"batch_size=20": "batch_size=16", "max_epochs=15": "max_epochs=2, enable_progress_bar=False"}


def test_the_code_gives_the_numbers_of_the_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: Folders, scratch: Path, configure: Configure
) -> None:
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "critters").symlink_to(tiny.root)
    monkeypatch.chdir(tmp_path)
    page = (CHECKOUT / "docs/lightning.md").read_text(encoding="utf-8")
    trained, kept = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    said: dict[str, Any] = {}
    for ours, tiny_ones in TINY_NUMBERS.items():
        assert ours in trained
        trained = trained.replace(ours, tiny_ones)
    exec(compile(trained, "docs/lightning.md", "exec"), said)
    last, measured = read_history(scratch / "history.csv")[-1], said["module"].metrics
    assert {name: measured[name] for name in ("val/loss", "val/acc", "train/loss", "train/acc")} == {
        name: last[name] for name in ("val/loss", "val/acc", "train/loss", "train/acc")
    }
    assert said["probabilities"].shape == (16, 2)

    exec(compile(kept, "docs/lightning.md", "exec"), said)
    options = to_typed(EvaluateConfig, configure("scratch", "evaluate.bootstrap=50"))
    metrics = evaluate(options, model_dir=scratch, images_dir=tiny.images, out_dir=tmp_path / "evaluate")
    theirs, ours = metrics.as_trained.test, said["kept"].metrics
    assert ours["test/acc"] == pytest.approx(theirs.accuracy.value, abs=1e-12)
    rows = [row for row in PredictionRow.iter_rows(tmp_path / "evaluate/predictions.csv") if row.split == "test"]
    probabilities = said["probabilities"].double().numpy()
    labels = np.array([row.label for row in rows])
    assert ours["test/loss"] == pytest.approx(-np.log(probabilities[np.arange(16), labels]).mean(), rel=1e-5)
    assert ours["test/loss"] == pytest.approx(theirs.metrics["loss"].value, rel=1e-5)
