"""Classes of nine to one: what the loss that is minimised, the figures that are logged and early stopping
make of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from support import compose_config
from warmstart.config.schema import Balance, Loss, Trainer
from warmstart.dataset.class_balance import class_weights
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.errors import UserError
from warmstart.files.plain import read_json
from warmstart.models.image_model import ImageModel
from warmstart.models.logits import cross_entropy
from warmstart.models.transfer import Head
from warmstart.records.history import EpochMetrics
from warmstart.runtime.devices import DevicePlan
from warmstart.training.early_stopping import EarlyStopping
from warmstart.training.fit import FitOptions, fit
from warmstart.training.lightning_module import LearningOptions, loss_and_correct
from warmstart.training.parts import TrainingParts
from warmstart.training.schedule import ResolvedSchedule

WEIGHTS = Balance(class_weights=True)
BALANCED = Balance(sampling="balanced")
NONE = Balance()
LBFGS = partial(torch.optim.LBFGS, lr=1, max_iter=20, line_search_fn="strong_wolfe")
SGD = partial(torch.optim.SGD, lr=0.5)


class OnlyHead(torch.nn.Module):
    """A network that is trained on vectors."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head = Head(width, dense=None, dropout=0.0, outputs=outputs)

    @property
    def output_layer(self) -> torch.nn.Linear:
        return self.head.logits


def data(n: int = 200, width: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = (np.arange(n) % 10 == 9).astype(np.int64)
    return rng.normal(size=(n, width)).astype(np.float32) + labels[:, None].astype(np.float32), labels


def run(
    folder: Path,
    balance: Balance | None,
    optimizer: Callable[..., torch.optim.Optimizer],
    *,
    epochs: int = 3,
    patience: int | None = None,
    **model: Any,
) -> tuple[Sequence[EpochMetrics], OnlyHead]:
    folder.mkdir()
    train = model.get("train") or data()
    network = model.get("network") or OnlyHead(4, 1)
    whole = optimizer is LBFGS
    schedule = ResolvedSchedule(epochs, len(train[1]) if whole else 20, None, patience)
    parts = TrainingParts(optimizer, callbacks={"early_stopping": partial(EarlyStopping, patience)})
    options = FitOptions(
        LearningOptions(parts, loss=Loss(ridge=1.0 if whole else 0.0)),
        schedule,
        DevicePlan("cpu", "32-true"),
        Trainer(),
        full_batch=whole,
        balance=balance,
        on_features=True,
    )
    history = fit(ImageModel(network, None, Preprocessing(8), ["a", "b"]), train, train, options, folder)
    return history.epochs, network


@pytest.fixture(autouse=True)
def no_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bare head is no network that a checkpoint could be read back into."""
    monkeypatch.setattr("warmstart.training.checkpoints.save_model", lambda model, path, *_, **__: path.touch())


@pytest.mark.parametrize("outputs", [1, 3])
def test_weights_give_the_gradient_of_a_duplicated_minority(outputs: int) -> None:
    inputs, labels = (torch.from_numpy(part) for part in data(40))
    many, few = (torch.nonzero(labels == label)[:, 0] for label in (0, 1))
    duplicated = torch.cat([many, *[few] * 9])
    layer = torch.nn.Linear(4, outputs)
    weights = torch.from_numpy(class_weights(labels.numpy(), max(outputs, 2)))
    (weighted,) = torch.autograd.grad(cross_entropy(layer(inputs), labels, weights), [layer.weight])
    (expected,) = torch.autograd.grad(
        loss_and_correct(layer(inputs[duplicated]), labels[duplicated])[0], [layer.weight]
    )
    (plain,) = torch.autograd.grad(loss_and_correct(layer(inputs), labels)[0], [layer.weight])
    torch.testing.assert_close(weighted, expected)
    assert not torch.allclose(weighted, plain, rtol=0.1)


def test_the_weighted_probe_is_balanced_logistic_regression(tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    inputs, labels = data()
    _, network = run(tmp_path / "a", WEIGHTS, LBFGS, epochs=6)
    theirs = LogisticRegression(class_weight="balanced", tol=1e-8, max_iter=1000).fit(inputs, labels)
    assert network.head.logits.weight.detach().numpy() == pytest.approx(theirs.coef_, abs=1e-2)
    assert network.head.logits.bias.item() == pytest.approx(theirs.intercept_[0], abs=1e-2)


def test_with_the_whole_set_as_one_batch_balanced_sampling_is_weights(tmp_path: Path) -> None:
    weighted, sampled, plain = (run(tmp_path / str(i), b, LBFGS)[0] for i, b in enumerate((WEIGHTS, BALANCED, NONE)))
    figures = [[(row.train_loss, row.val_loss) for row in rows] for rows in (weighted, sampled, plain)]
    assert figures[0] == figures[1] != figures[2]


def test_losses_are_reported_without_weights_and_compare_with_a_plain_run(tmp_path: Path) -> None:
    epochs, network = run(tmp_path / "a", WEIGHTS, SGD)
    inputs, labels = (torch.from_numpy(part) for part in data())
    with torch.no_grad():
        loss, hits = loss_and_correct(network.head(inputs), labels)
    assert epochs[-1].val_loss == pytest.approx(loss.item(), rel=1e-5)
    assert epochs[-1].val_acc == pytest.approx(hits.item() / 200)
    still = partial(SGD, lr=1e-12)
    weighted, plain = (run(tmp_path / str(i), b, still)[0][0] for i, b in enumerate((WEIGHTS, NONE)))
    assert (weighted.train_loss, weighted.val_loss) == (plain.train_loss, plain.val_loss)


def test_balanced_sampling_raises_what_the_rare_class_is_given(tmp_path: Path) -> None:
    recall = {}
    inputs, labels = data()
    for name, balance in (("none", NONE), ("sampling", BALANCED)):
        _, network = run(tmp_path / name, balance, SGD, epochs=4)
        with torch.no_grad():
            recall[name] = float((network.head(torch.from_numpy(inputs[labels == 1])) > 0).float().mean())
    assert recall["sampling"] > recall["none"] + 0.2


def test_early_stopping_watches_the_loss_in_which_classes_count_the_same(tmp_path: Path) -> None:
    """Vectors that tell nothing and a head that begins with the classes' shares: balancing raises the plain loss from
    the first step.
    """

    def sure() -> OnlyHead:
        network = OnlyHead(4, 1)
        torch.nn.init.zeros_(network.head.logits.weight)
        torch.nn.init.constant_(network.head.logits.bias, float(np.log(1 / 9)))
        return network

    blank = (np.zeros((200, 4), dtype=np.float32), data()[1])
    for balance in (WEIGHTS, BALANCED):
        epochs, _ = run(
            tmp_path / str(balance.sampling),
            balance,
            partial(SGD, lr=0.1),
            epochs=8,
            patience=2,
            network=sure(),
            train=blank,
        )
        assert len(epochs) == 8
        assert epochs[-1].val_loss > epochs[0].val_loss + 0.05
    epochs, _ = run(tmp_path / "plain", NONE, partial(SGD, lr=1e-12), epochs=8, patience=2, network=sure(), train=blank)
    assert len(epochs) == 3


def test_nothing_asked_for_changes_nothing(tmp_path: Path) -> None:
    none, missing = (run(tmp_path / str(i), balance, SGD)[0] for i, balance in enumerate((NONE, None)))
    assert [(row.val_loss, row.train_loss) for row in none] == [(row.val_loss, row.train_loss) for row in missing]


def test_a_recipe_trains_balanced(train_tiny: Callable[..., Path], tmp_path: Path) -> None:
    for option in ("class_weights", "balanced_sampling"):
        out = train_tiny("scratch", tmp_path / option, f"balance={option}", "schedule.epochs=1")
        assert read_json(out / "summary.json")["epochs"] == 1


@pytest.mark.parametrize(
    ("balance", "key"),
    [
        (Balance(sampling="often"), "balance.sampling"),
        (Balance(class_weights=True, sampling="balanced"), "balance.class_weights"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_key_before_any_work(balance: Balance, key: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=key):
        compose_config("data=critters", *(f"balance.{name}={value}" for name, value in asdict(balance).items()))
    with pytest.raises(UserError, match=key):
        run(tmp_path / "a", balance, SGD)
