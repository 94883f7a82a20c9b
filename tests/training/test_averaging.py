"""Weight averaging: the checkpoint that is kept holds the average, and the reported accuracy is the average's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from support import Folders, read_history
from warmstart.dataset.image_store import ImageStore
from warmstart.models.checkpoint import load_model
from warmstart.models.logits import cross_entropy, predicted_classes
from warmstart.training.averaging import EMA, SWA
from warmstart.training.lightning_module import Classifier

EPOCHS = 4
WORDS = (f"schedule.epochs={EPOCHS}", "optimizer.lr=2e-3", "network.widths=[4,8]", "network.dense=8")
OPTIONS = {"ema": ("callbacks=ema", "callbacks.ema.decay=0.9"), "swa": ("callbacks=swa", "callbacks.swa.start=0.5")}


@pytest.fixture
def own_weights(monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, torch.Tensor]]]:
    """The network's own weights after every step, by epoch."""
    epochs: list[list[dict[str, torch.Tensor]]] = []
    measure = Classifier.optimizer_step

    def start(self: Classifier) -> None:
        epochs.append([])

    def step(self: Classifier, *arguments: Any, **options: Any) -> None:
        measure(self, *arguments, **options)
        epochs[-1].append({name: value.detach().clone() for name, value in self.model.network.state_dict().items()})

    monkeypatch.setattr(Classifier, "on_train_epoch_start", start)
    monkeypatch.setattr(Classifier, "optimizer_step", step)
    return epochs


def mean(states: list[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    return {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}


def ema(epochs: list[list[dict[str, torch.Tensor]]], until: int, decay: float) -> dict[str, torch.Tensor]:
    states = [state for epoch in epochs[:until] for state in epoch]
    average = states[0]
    for n, state in enumerate(states[1:], 1):
        kept = min(decay, (1 + n) / (10 + n))
        average = {name: kept * average[name] + (1 - kept) * state[name] for name in state}
    return average


def check_kept(out: Path, images: Path) -> int:
    """The reported figures are those of the checkpoint. Returns the epoch that is kept."""
    history = read_history(out / "history.csv")
    kept = min(history, key=lambda row: (-row["val/acc"], row["val/loss"]))
    store, model = ImageStore(images), load_model(out / "model.ckpt")
    with torch.inference_mode():
        logits = model(torch.from_numpy(np.array(store.images("val"))))
    labels = torch.from_numpy(store.labels("val"))
    assert float((predicted_classes(logits) == labels).float().mean()) == pytest.approx(kept["val/acc"])
    assert float(cross_entropy(logits, labels)) == pytest.approx(kept["val/loss"], rel=1e-5)
    return int(kept["epoch"])


@pytest.mark.parametrize("option", OPTIONS)
def test_what_is_kept_is_the_average_and_its_accuracy_is_reported(
    train_tiny: Callable[..., Path], tiny: Folders, tmp_path: Path, own_weights: Any, option: str
) -> None:
    out = train_tiny("scratch", tmp_path / "m", *WORDS, *OPTIONS[option], state_root=tmp_path / "state")
    epoch = check_kept(out, tiny.images)
    kept = load_model(out / "model.ckpt").network.state_dict()
    last = [steps[-1] for steps in own_weights]
    if option == "ema":
        expected = ema(own_weights, epoch, 0.9)
    else:
        begins = round(0.5 * EPOCHS)
        expected = mean(last[begins:epoch]) if epoch > begins else last[epoch - 1]
    for name, value in expected.items():
        torch.testing.assert_close(kept[name], value, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("option", OPTIONS)
def test_batch_norm_is_kept_with_the_average(
    train_tiny: Callable[..., Path], tiny: Folders, tmp_path: Path, option: str
) -> None:
    out = train_tiny("scratch_batchnorm", tmp_path / "m", *WORDS, *OPTIONS[option], state_root=tmp_path / "state")
    check_kept(out, tiny.images)


@pytest.mark.parametrize("start", [-0.1, 1, 2])
def test_a_start_outside_the_training_is_refused(start: float) -> None:
    with pytest.raises(ValueError, match="a share from 0 to below 1"):
        SWA(start)
    with pytest.raises(ValueError, match="decay"):
        EMA(decay=1.5)
