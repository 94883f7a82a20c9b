"""The learning rate of every step of each option file of conf/scheduler is what PyTorch gives by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from support import CHECKOUT, Configure, training_parts
from warmstart.errors import UserError
from warmstart.training.schedulers import TrainingLength, WarmupCosine, build_scheduler

EPOCHS, STEPS, LR = 12, 5, 0.1
OPTIONS = sorted(path.stem for path in (CHECKOUT / "conf/scheduler").glob("*.yaml"))
LOSSES = [1.0, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.4, 0.5, 0.5, 0.5, 0.5]  # after each epoch


def sgd(*lr_scales: float) -> torch.optim.Optimizer:
    groups = [
        {"params": [torch.zeros(1, requires_grad=True)], "lr_scale": scale, "lr": LR * scale}
        for scale in lr_scales or (1.0,)
    ]
    return torch.optim.SGD(groups, LR)


def rates(optimizer: torch.optim.Optimizer, scheduler: Any, interval: str) -> list[list[float]]:
    """The rates of every group in every step."""
    found = []
    for epoch in range(EPOCHS):
        for _ in range(STEPS):
            found.append([group["lr"] for group in optimizer.param_groups])
            optimizer.step()
            if scheduler and interval == "step":
                scheduler.step()
        if isinstance(scheduler, lr_scheduler.ReduceLROnPlateau):
            scheduler.step(LOSSES[epoch])
        elif scheduler and interval == "epoch":
            scheduler.step()
    return found


def by_hand(option: str, optimizer: torch.optim.Optimizer) -> Any:
    if option == "none":
        return None
    if option == "step":
        return lr_scheduler.StepLR(optimizer, 10, 0.1)
    if option == "plateau":
        return lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.33, patience=3)
    if option == "one_cycle":
        return lr_scheduler.OneCycleLR(optimizer, LR, EPOCHS * STEPS)
    if option == "cosine":
        warmup, rest = STEPS, (EPOCHS - 1) * STEPS

        def share(step: int) -> float:
            return (step + 1) / (warmup + 1) if step < warmup else (1 + math.cos(math.pi * (step - warmup) / rest)) / 2

        return lr_scheduler.LambdaLR(optimizer, share)
    raise AssertionError(f"conf/scheduler/{option}.yaml: say here what PyTorch gives by hand")


def configured(configure: Configure, option: str, *words: str) -> tuple[Any, str]:
    config = configure("scratch", "optimizer=sgd", f"optimizer.lr={LR}", f"scheduler={option}", *words)
    return training_parts(config).scheduler, config["scheduler"].get("interval", "epoch")


@pytest.mark.parametrize("option", OPTIONS)
def test_the_rates_of_every_step_are_those_by_hand(configure: Configure, option: str) -> None:
    factory, interval = configured(configure, option)
    optimizer, theirs = sgd(), sgd()
    length = TrainingLength(EPOCHS, STEPS, interval)
    scheduler = build_scheduler(factory, optimizer, length) if factory else None
    ours, expected = rates(optimizer, scheduler, interval), rates(theirs, by_hand(option, theirs), interval)
    assert np.array(ours) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("option", [option for option in OPTIONS if option != "none"])
def test_groups_keep_their_share_of_the_rate(configure: Configure, option: str) -> None:
    factory, interval = configured(configure, option)
    optimizer = sgd(1.0, 0.25)
    scheduler = build_scheduler(factory, optimizer, TrainingLength(EPOCHS, STEPS, interval))
    every = rates(optimizer, scheduler, interval)
    assert [quarter for _, quarter in every] == pytest.approx([0.25 * whole for whole, _ in every])


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ("scheduler.T_max=null scheduler.interval=epoch", "T_max", EPOCHS),
        ("scheduler.T_max=null scheduler.interval=step", "T_max", EPOCHS * STEPS),
        ("scheduler.T_max=7 scheduler.interval=step", "T_max", 7),
    ],
)
def test_lengths_that_are_null_are_filled_in(configure: Configure, words: str, key: str, value: int) -> None:
    target = "scheduler._target_=torch.optim.lr_scheduler.CosineAnnealingLR"
    factory, interval = configured(configure, "none", target, *words.split())
    assert getattr(build_scheduler(factory, sgd(), TrainingLength(EPOCHS, STEPS, interval)), key) == value


def test_one_cycle_counts_the_steps_of_the_whole_training_or_those_that_are_given(configure: Configure) -> None:
    for words, steps in (((), EPOCHS * STEPS), (("scheduler.total_steps=99",), 99)):
        factory, _ = configured(configure, "one_cycle", *words)
        assert build_scheduler(factory, sgd(), TrainingLength(EPOCHS, STEPS, "step")).total_steps == steps


@pytest.mark.parametrize("epochs", [EPOCHS, EPOCHS + 1])
def test_a_warm_up_that_leaves_no_step_is_refused(configure: Configure, epochs: int) -> None:
    factory, interval = configured(configure, "cosine", f"scheduler.warmup_epochs={epochs}")
    with pytest.raises(UserError, match=rf"scheduler\.warmup_epochs is {epochs}, .*{EPOCHS} epochs: lower it"):
        build_scheduler(factory, sgd(), TrainingLength(EPOCHS, STEPS, interval))


def test_a_training_refuses_such_a_warm_up_before_its_first_epoch(train_tiny: Any, tmp_path: Any) -> None:
    with pytest.raises(UserError, match=r"scheduler\.warmup_epochs is 3"):
        train_tiny("scratch", tmp_path / "m", "scheduler=cosine", "scheduler.warmup_epochs=3")
    assert not (tmp_path / "m").exists()


def test_the_floor_of_the_cosine_is_a_share_of_the_rate() -> None:
    optimizer = sgd()
    scheduler = WarmupCosine(optimizer, EPOCHS * STEPS, STEPS, warmup_epochs=0, min_share=0.1)
    every = [rate for (rate,) in rates(optimizer, scheduler, "step")]
    assert every[0] == LR and optimizer.param_groups[0]["lr"] == pytest.approx(0.1 * LR)
    assert every == sorted(every, reverse=True)


def test_the_rate_of_every_step_is_recorded(train_tiny: Any, configure: Configure, tmp_path: Any) -> None:
    from warmstart.records.steps import StepRow

    out = train_tiny("scratch", tmp_path / "m", "optimizer.lr=0.01", "scheduler=cosine", "scheduler.warmup_epochs=1")
    rows = StepRow.read_rows(out / "steps.csv")
    factory, _ = configured(configure, "cosine")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.01)
    per_epoch = len(rows) // 2
    scheduler = build_scheduler(factory, optimizer, TrainingLength(2, per_epoch, "step"))
    expected = []
    for _ in rows:
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert [row.lr for row in rows] == pytest.approx(expected)
    assert [row.step for row in rows] == list(range(1, len(rows) + 1))
    assert [row.epoch for row in rows] == [1] * per_epoch + [2] * per_epoch
