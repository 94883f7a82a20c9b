"""Mixed images and smoothed labels: one logit for two classes is trained as two logits are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn

from support import read_history
from warmstart.config.schema import Loss
from warmstart.errors import UserError
from warmstart.models.logits import cross_entropy, log_probabilities, smoothed_labels
from warmstart.training.mixing import build_mixing

IMAGES = torch.rand(8, 3, 16, 16, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 1, 0, 1, 0, 0, 1])
KINDS = {"mixup": Loss(mixup=0.4), "cutmix": Loss(cutmix=1.0), "both": Loss(mixup=0.4, cutmix=1.0)}


def two_of(one: torch.Tensor) -> torch.Tensor:
    """Two logits with the probabilities of one."""
    return torch.cat([-one / 2, one / 2], dim=1)


@pytest.mark.parametrize("weights", [None, torch.tensor([0.4, 1.6])])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("kind", [None, *KINDS])
def test_one_logit_has_the_loss_and_gradient_of_two(
    kind: str | None, smoothing: float, weights: torch.Tensor | None
) -> None:
    torch.manual_seed(3)
    labels = LABELS
    if kind:
        mixing = build_mixing(KINDS[kind], 2)
        assert mixing is not None
        _, labels = mixing(IMAGES, LABELS)
    if smoothing:
        labels = smoothed_labels(labels, 2, smoothing)
    logit = torch.randn(8, 1, requires_grad=True)
    losses = [cross_entropy(logits, labels, weights) for logits in (logit, two_of(logit))]
    gradients = [torch.autograd.grad(loss, logit)[0] for loss in losses]
    torch.testing.assert_close(losses[0], losses[1])
    torch.testing.assert_close(gradients[0], gradients[1])


def test_soft_labels_that_are_hard_give_the_loss_of_hard_ones() -> None:
    for logits in (torch.randn(8, 1), torch.randn(8, 2), torch.randn(8, 3)):
        hot = nn.functional.one_hot(LABELS, max(2, logits.shape[1])).float()
        torch.testing.assert_close(cross_entropy(logits, hot), cross_entropy(logits, LABELS))
        torch.testing.assert_close(log_probabilities(logits).exp().sum(1), torch.ones(8))


def test_smoothing_is_pytorchs() -> None:
    logits = torch.randn(8, 3)
    theirs = nn.functional.cross_entropy(logits, LABELS, label_smoothing=0.2)
    torch.testing.assert_close(cross_entropy(logits, smoothed_labels(LABELS, 3, 0.2)), theirs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_labels_are_mixed_as_the_images_are(kind: str, n_classes: int) -> None:
    """Images whose pixels are their label: the mean of a mixed image is the mixed label."""
    torch.manual_seed(1)
    mixing = build_mixing(KINDS[kind], n_classes)
    assert mixing is not None
    images = LABELS.float()[:, None, None, None].expand(8, 3, 16, 16).clone()
    mixed, soft = mixing(images, LABELS)
    assert soft.shape == (8, n_classes)
    torch.testing.assert_close(soft.sum(1), torch.ones(8))
    torch.testing.assert_close(soft[:, 1], mixed.mean((1, 2, 3)))


def test_nothing_is_mixed_unless_it_is_asked_for() -> None:
    assert build_mixing(Loss(label_smoothing=0.1, ridge=1.0), 2) is None
    assert build_mixing(Loss(), 1) is None


@pytest.mark.parametrize("key", ["mixup", "cutmix"])
def test_a_single_class_is_refused(key: str) -> None:
    with pytest.raises(UserError, match=rf"loss\.{key} mixes images of different classes"):
        build_mixing(Loss(**{key: 0.2}), 1)


@pytest.mark.parametrize("word", ["loss.mixup=-1", "loss.cutmix=-1", "loss.label_smoothing=1.5", "loss.ridge=-1"])
def test_what_is_no_share_is_refused(word: str) -> None:
    from support import compose_config

    with pytest.raises(UserError, match=word.partition("=")[0].replace(".", r"\.")):
        compose_config(word)


def test_mixing_and_smoothing_change_the_training_and_no_measure(
    train_tiny: Callable[..., Path], tmp_path: Path
) -> None:
    small = ("network.widths=[4]", "network.dense=4", "schedule.epochs=1", "optimizer.lr=1e-12")
    losses = {}
    for word in ("loss.mixup=0", "loss.mixup=0.4", "loss.cutmix=1", "loss.label_smoothing=0.1"):
        out = train_tiny("scratch", tmp_path / word, *small, word, state_root=tmp_path / "state")
        (row,) = read_history(out / "history.csv")
        losses[word] = row
    plain = losses.pop("loss.mixup=0")
    for word, row in losses.items():
        assert row["val/loss"] == pytest.approx(plain["val/loss"], rel=1e-6), word  # without a step, the same network


def test_an_accumulation_larger_than_the_epoch_is_refused(train_tiny: Callable[..., Path], tmp_path: Path) -> None:
    words = ("network.widths=[4]", "network.dense=4", "schedule.epochs=1")  # 48 images in batches of 16
    train = partial(train_tiny, "scratch", state_root=tmp_path / "state")
    with pytest.raises(UserError, match=r"trainer\.accumulate_grad_batches is 4, but an epoch has 3 batches"):
        train(tmp_path / "four", *words, "trainer.accumulate_grad_batches=4")
    assert train(tmp_path / "three", *words, "trainer.accumulate_grad_batches=3")
