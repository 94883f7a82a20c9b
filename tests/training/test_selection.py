"""Which metric keeps an epoch: what it is by default, that it is measured as the registry measures it, and that it
decides.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from record_builders import epoch_metrics
from support import compose_config, typed_config
from warmstart.config.schema import Balance, Trainer
from warmstart.config.selection import ACCURACY, BALANCED_ACCURACY, SELECTABLE
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.evaluation.metric_registry import METRICS
from warmstart.evaluation.outcomes import Outcomes, WeightedOutcomes
from warmstart.evaluation.predictions import classify
from warmstart.models.image_model import ImageModel
from warmstart.models.logits import n_logits, probabilities
from warmstart.models.transfer import Head
from warmstart.records.history import History
from warmstart.records.training_summary import TrainingSummary
from warmstart.runtime.devices import DevicePlan
from warmstart.training.checkpoints import ResumeCheckpoint
from warmstart.training.fit import FitOptions, fit
from warmstart.training.lightning_module import LearningOptions
from warmstart.training.parts import TrainingParts
from warmstart.training.schedule import ResolvedSchedule
from warmstart.training.selection_score import selection_score


class OnlyHead(torch.nn.Module):
    """A network that is trained on vectors, and begins with the shares of nine to one."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head = Head(4, dense=None, dropout=0.0, outputs=1)
        torch.nn.init.zeros_(self.head.logits.weight)
        torch.nn.init.constant_(self.head.logits.bias, float(np.log(1 / 9)))


@pytest.fixture
def no_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bare head is no network that a checkpoint could be read back into."""
    monkeypatch.setattr("warmstart.training.checkpoints.save_model", lambda model, path, *_, **__: path.touch())


def data(n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """One in ten of class 1, which the vectors tell roughly."""
    rng = np.random.default_rng(0)
    labels = (np.arange(n) % 10 == 9).astype(np.int64)
    return rng.normal(size=(n, 4)).astype(np.float32) + labels[:, None].astype(np.float32), labels


def train(folder: Path, select_by: str, balance: Balance | None = None, epochs: int = 6) -> History:
    folder.mkdir(exist_ok=True)
    parts = TrainingParts(partial(torch.optim.SGD, lr=0.05))
    options = FitOptions(
        LearningOptions(parts),
        ResolvedSchedule(epochs, 20, None, None),
        DevicePlan("cpu", "32-true"),
        Trainer(),
        balance=balance,
        on_features=True,
        select_by=select_by,
    )
    return fit(ImageModel(OnlyHead(), None, Preprocessing(8), ["a", "b"]), data(), data(), options, folder)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("name", sorted(SELECTABLE))
def test_it_is_measured_as_the_registry_measures_it(name: str, n_classes: int) -> None:
    generator = torch.Generator().manual_seed(n_classes)
    labels = torch.arange(50) % n_classes
    logits = torch.randn((50, n_logits(n_classes)), generator=generator).round(decimals=1)  # with ties
    score = selection_score(name, n_classes)
    if score is None:
        assert name in (ACCURACY, "loss")
        return
    for _ in range(2):  # an epoch does not see the one before
        for batch in torch.arange(50).split(16):
            score.update(logits[batch], labels[batch])
        value = score.compute()
    predictions = classify(probabilities(logits).double().numpy())
    whole = WeightedOutcomes(Outcomes(predictions, labels.numpy(), np.zeros(50, dtype=np.int64), 10), np.ones((1, 50)))
    ranks = METRICS[name].ranks  # torchmetrics ranks in float32
    assert value == pytest.approx(float(METRICS[name].function(whole)[0]), abs=1e-6 if ranks else 1e-12)


def test_what_may_select_is_what_the_registry_says_of_it() -> None:
    assert set(METRICS) - set(SELECTABLE) == {"ece"}, "a metric of the registry selects, or is left out for a reason"
    for name, metric in SELECTABLE.items():
        known = METRICS[name]
        assert (metric.unit, metric.higher_is_better) == (known.unit, known.higher_is_better)
        assert sorted(metric.title.split()) == sorted(known.title.replace(",", "").split()), "the words of a column"
        assert metric.needs_every_class == known.needs_every_class


@pytest.mark.parametrize("name", sorted(SELECTABLE))
def test_the_better_epoch_is_kept_then_the_lower_loss_then_the_first(name: str) -> None:
    field = {ACCURACY: "val_acc"}.get(name, f"val_{name}")
    good, bad = (0.8, 0.6) if SELECTABLE[name].higher_is_better else (0.6, 0.8)
    losses = {"val_loss": 0.7} if name != "loss" else {}
    rows = [
        epoch_metrics(1, **{field: bad, "val_acc": 0.99 if name != ACCURACY else bad}),
        epoch_metrics(2, **{field: good, **losses}),
        epoch_metrics(3, **{field: good, **dict.fromkeys(losses, 0.5)}),
        epoch_metrics(4, **{field: good, **dict.fromkeys(losses, 0.5)}),
    ]
    assert History(rows, name).best.epoch == (2 if name == "loss" else 3)


@pytest.mark.usefixtures("no_checkpoints")
def test_of_nine_to_one_the_epoch_that_finds_the_rare_class_is_kept(tmp_path: Path) -> None:
    balance = Balance(class_weights=True)
    plain, balanced = (train(tmp_path / name, name, balance) for name in (ACCURACY, BALANCED_ACCURACY))
    assert [one.val_acc for one in plain.epochs] == [one.val_acc for one in balanced.epochs], "the training is the same"
    assert plain.best.epoch < balanced.best.epoch
    assert plain.best.val_acc > balanced.best.val_acc
    for name, history in ((ACCURACY, plain), (BALANCED_ACCURACY, balanced)):
        assert [path.name for path in (tmp_path / name).glob("best-*.ckpt")] == [f"best-{history.best.epoch}.ckpt"]
    assert History.read(tmp_path / BALANCED_ACCURACY / "history.csv", BALANCED_ACCURACY).best == balanced.best
    assert "balanced" not in (tmp_path / ACCURACY / "history.csv").read_text(encoding="utf-8").partition("\n")[0]


@pytest.mark.usefixtures("no_checkpoints")
def test_a_killed_training_goes_on_to_keep_the_same_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(Exception):
        pass

    def scores(history: History) -> list[Any]:
        return [(one.val_acc, one.val_auroc) for one in history.epochs]

    whole = train(tmp_path / "whole", "auroc")
    with monkeypatch.context() as patched:
        written = ResumeCheckpoint.on_train_epoch_end

        def die(self: ResumeCheckpoint, trainer: Any, module: Any) -> None:
            written(self, trainer, module)
            if trainer.current_epoch == 2:
                raise Killed

        patched.setattr(ResumeCheckpoint, "on_train_epoch_end", die)
        with pytest.raises(Killed):
            train(tmp_path / "killed", "auroc")
    again = train(tmp_path / "killed", "auroc")
    assert scores(again) == scores(whole) and None not in scores(whole)[0]
    assert again.best.epoch == whole.best.epoch
    assert sorted(path.name for path in (tmp_path / "killed").glob("best-*")) == [f"best-{whole.best.epoch}.ckpt"]


@pytest.mark.usefixtures("no_checkpoints")
def test_a_validation_set_that_does_not_define_it_is_refused(tmp_path: Path) -> None:
    options = FitOptions(
        LearningOptions(TrainingParts(torch.optim.SGD)), ResolvedSchedule(1, 20, None, None),
        DevicePlan("cpu", "32-true"), Trainer(), on_features=True, select_by="auroc",
    )  # fmt: skip
    alone = (data()[0][:5], np.zeros(5, dtype=np.int64))
    with pytest.raises(UserError, match=r"select_by.* b:"):
        fit(ImageModel(OnlyHead(), None, Preprocessing(8), ["a", "b"]), data(), alone, options, tmp_path)


@pytest.mark.parametrize(
    ("words", "metric"),
    [
        ([], ACCURACY),
        (["balance=class_weights"], BALANCED_ACCURACY),
        (["balance=balanced_sampling"], BALANCED_ACCURACY),
        (["balance=class_weights", "select_by=accuracy"], ACCURACY),
        (["select_by=auroc"], "auroc"),
    ],
)
def test_balanced_classes_change_the_default(words: list[str], metric: str) -> None:
    for stage in ("train", "evaluate"):
        assert typed_config(stage, compose_config("data=critters", *words)).select_by == metric


def test_a_typo_names_the_near_metric_and_what_misleads_is_refused() -> None:
    with pytest.raises(UserError, match=r"select_by.*balanced_accuracy"):
        compose_config("data=critters", "select_by=balanced_acuracy")
    with pytest.raises(UserError, match="select_by"):
        compose_config("data=critters", "select_by=ece")


def test_the_result_says_by_what_its_epoch_was_kept(train_tiny: Callable[..., Path], tmp_path: Path) -> None:
    folder = train_tiny("scratch", tmp_path / "model", "select_by=brier", "schedule.epochs=3")
    summary = TrainingSummary.read(folder / "summary.json")
    history = History.read(folder / "history.csv", "brier")
    assert summary.selected_by == "brier" and summary.kept == history.best
    assert history.best.val_brier == min(one.val_brier for one in history.epochs if one.val_brier is not None)
