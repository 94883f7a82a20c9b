"""The store of one's own on the page about scale: the code there is run, and feeds the loader and a training."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from photos import save_photo
from support import CHECKOUT
from warmstart.config.schema import Network, Trainer
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.models.build import network_spec
from warmstart.models.image_model import ImageModel
from warmstart.runtime.devices import DevicePlan
from warmstart.training.fit import FitOptions, fit
from warmstart.training.lightning_module import LearningOptions
from warmstart.training.parts import TrainingParts
from warmstart.training.schedule import ResolvedSchedule


def test_photos_in_a_store_of_ones_own_train_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, n in (("train", 12), ("val", 4)):
        with closing(sqlite3.connect(f"{name}.sqlite")) as store, store:
            store.execute("create table photos(id integer primary key, file blob, label integer)")
            for number in range(n):
                save_photo(tmp_path / f"{number}.jpg", 10 * number)
                store.execute(
                    "insert into photos values (?, ?, ?)",
                    (number, (tmp_path / f"{number}.jpg").read_bytes(), number % 2),
                )
    page = (CHECKOUT / "docs/scale.md").read_text(encoding="utf-8")
    said: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(block.replace("Preprocessing(150)", "Preprocessing(48)"), "docs/scale.md", "exec"), said)
    data, (photos, labels) = said["data"], said["train"]
    assert photos.shape == (12, 48, 48, 3)
    ((images, classes),) = list(data.train_dataloader())  # in processes of their own
    assert images.shape == (12, 48, 48, 3)
    assert images.dtype == torch.uint8
    assert sorted(classes.tolist()) == sorted(labels.tolist()) == [0] * 6 + [1] * 6
    ((images, _),) = list(data.val_dataloader())
    assert np.array_equal(images[3].numpy(), Preprocessing(48).read(tmp_path / "3.jpg"))
    spec = network_spec(Network([4], dense=4), size=48, channels=3, n_classes=2)
    model = ImageModel.build(spec, Preprocessing(48), ["a", "b"])
    parts = TrainingParts(partial(torch.optim.SGD, lr=0.01))
    options = FitOptions(LearningOptions(parts), ResolvedSchedule(1, 4), DevicePlan("cpu", "32-true"), Trainer())
    assert len(fit(model, said["train"], said["val"], options, tmp_path).epochs) == 1
