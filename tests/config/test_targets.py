"""What an option file names by ``_target_``: a mistake is one line that names the key, before any training."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from reliability.nursery import Nursery
from support import CHECKOUT, Configure, compose_config, training_parts
from warmstart.errors import UserError

DEEP = "callbacks.timer={_target_:pytorch_lightning.callbacks.Timer,duration:{_target_:datetime.timedelta%s,hours:1}}"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        # targets
        ("optimizer._target_=torch.optim.AdamWW", ["optimizer._target_", "torch.optim has no AdamWW", "AdamW?"]),
        ("optimizer._target_=torch.optimm.AdamW", ["optimizer._target_", "no module torch.optimm"]),
        ("optimizer._target_=nothing.Adam", ["optimizer._target_", "no package nothing", "pip install nothing"]),
        ("optimizer._target_=AdamW", ["optimizer._target_ is AdamW", "dotted path"]),
        ("optimizer._target_=torch.nn.ReLU ~optimizer.lr ~optimizer.alpha ~optimizer.eps", ["optimizer", "no optim"]),
        ("callbacks.mine._target_=mine.Nothing", ["callbacks.mine._target_", "no package mine", "src/"]),
        ("callbacks.mine=3", ["callbacks.mine is 3", "callbacks.mine._target_"]),
        ("callbacks.mine.x=3", ["callbacks.mine._target_ is missing"]),
        # arguments
        ("optimizer.weight_dcay=0.1", ["optimizer.weight_dcay", "torch.optim.RMSprop", "weight_decay?"]),
        ("optimizer.learning_rate=1", ["optimizer.learning_rate", "did you mean lr?"]),
        ("optimizer=adamw optimizer.xyz=1", ["optimizer.xyz", "it takes lr, betas"]),
        ("augment=lesson augment.affine.rotat=3", ["augment.affine.rotat", "rotate?"]),
        ("scheduler=cosine scheduler.warmup_epoch=3", ["scheduler.warmup_epoch", "warmup_epochs?"]),
        ("trainer.gradient_clip_vall=1", ["trainer.gradient_clip_vall", "gradient_clip_val?"]),
        ("optimizer.lr=fast", ["optimizer.lr is 'fast'", "float"]),
        ("optimizer=adamw optimizer.betas=[0.9]", ["optimizer.betas is [0.9]", "tuple"]),
        ("scheduler=step scheduler.step_size=x", ["scheduler.step_size is 'x'", "int"]),
        ("callbacks.early_stopping.patience=soon", ["callbacks.early_stopping.patience is 'soon'", "int"]),
        ("trainer.gradient_clip_val=x", ["trainer.gradient_clip_val is 'x'"]),
        ("scheduler._target_=torch.optim.lr_scheduler.StepLR", ["scheduler.step_size is missing"]),
        # a target within an argument
        (DEEP % "a", ["callbacks.timer.duration._target_", "timedelta?"]),
        (DEEP.replace("hours", "hour") % "", ["callbacks.timer: ", "hour"]),
        ("trainer.plugins=[{_target_:nowhere.X}]", ["trainer.plugins[0]._target_", "nowhere"]),
        # values that the class refuses
        ("optimizer.lr=-1", ["optimizer: ", "learning rate", "-1"]),
        ("callbacks=swa callbacks.swa.start=2", ["callbacks.swa: ", "start is 2"]),
        ("callbacks=ema callbacks.ema.decay=2", ["callbacks.ema: ", "decay", "2"]),
        ("callbacks.early_stopping.patience=0", ["callbacks.early_stopping: ", "patience is 0", "1 or more"]),
        ("augment=lesson augment.flip.p=3", ["augment.flip.p is 3", "less than or equal to 1"]),
        ("augment=strong augment.crop.scale=[2,3]", ["augment.crop.scale is [2, 3]"]),
        ("trainer.max_time=long", ["trainer: ", "long", "DD:HH:MM:SS"]),
        ("trainer.accumulate_grad_batches=0", ["trainer.accumulate_grad_batches is 0", "1 or more"]),
        ("scheduler=cosine scheduler.warmup_epochs=-1", ["scheduler: ", "warmup_epochs is -1"]),
        ("scheduler=cosine scheduler.interval=week", ["scheduler.interval is 'week'", "step, epoch"]),
        ("scheduler=cosine optimizer=lbfgs", ["scheduler", "LBFGS", "scheduler=none"]),
        ("scheduler.step_size=3", ["scheduler.step_size", "no scheduler is chosen"]),
        # what Warmstart decides
        ("trainer.max_epochs=3", ["trainer.max_epochs", "schedule.epochs"]),
        ("trainer.callbacks=[]", ["trainer.callbacks", "the group callbacks"]),
        ("trainer.logger=false", ["trainer.logger", "tracking"]),
        ("trainer.limit_train_batches=3", ["trainer.limit_train_batches", "debug.batches"]),
        # keys of earlier versions
        ("optimizer.name=SGD", ["optimizer.name", "optimizer._target_"]),
        ("optimizer.l2=1", ["optimizer.l2", "loss.ridge"]),
        ("optimizer.full_batch=true", ["optimizer.full_batch", "torch.optim.LBFGS"]),
        *(
            (f"augment.{old}=0.1", [f"augment.{old}", "conf/augment/lesson.yaml", f"augment.{new} has taken its place"])
            for old, new in (
                ("rotation", "affine.rotate"),
                ("shift", "affine.translate_percent"),
                ("shear", "affine.shear"),
                ("zoom", "affine.scale"),
                ("horizontal_flip", "flip"),
            )
        ),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(words: str, named: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        training_parts(compose_config(*words.split(" ")))
    message = str(caught.value)
    assert "\n" not in message
    assert all(word in message for word in named), message


@pytest.mark.parametrize(
    "words",
    [
        "optimizer.weight_decay=0.01",
        "optimizer=lbfgs optimizer.max_iter=5",
        "scheduler=cosine scheduler.min_share=0.1",
        "trainer.gradient_clip_val=1 trainer.max_time=00:01:00:00 trainer.profiler=simple",
        "callbacks.early_stopping=null",
        "callbacks.early_stopping.min_delta=0.01",
        "augment=lesson augment.affine=null augment.blur._target_=albumentations.Blur augment.blur.blur_limit=3",
        DEEP % "",
    ],
)
def test_what_the_class_takes_needs_no_plus(words: str) -> None:
    assert training_parts(compose_config(*words.split(" ")))


def test_what_is_given_reaches_the_class() -> None:
    words = ("optimizer.weight_decay=0.01", "augment=lesson", "augment.affine=null", "callbacks.early_stopping=null")
    parts = training_parts(compose_config(*words, "trainer.gradient_clip_val=1"))
    assert parts.optimizer([torch.zeros(1, requires_grad=True)]).param_groups[0]["weight_decay"] == 0.01
    assert list(parts.transforms) == ["flip"] and "early_stopping" not in parts.callbacks
    assert parts.trainer == {"gradient_clip_val": 1}


def test_nothing_is_trained_before_a_mistake_is_named(
    train_tiny: Callable[..., Path], configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_training(*arguments: Any, **options: Any) -> None:
        raise AssertionError("it trains")

    monkeypatch.setattr("warmstart.training.train_recipe.train", no_training)
    with pytest.raises(UserError, match=r"optimizer\.weight_dcay"):
        train_tiny("scratch", tmp_path / "m", "optimizer.weight_dcay=1")


def test_the_command_line_takes_arguments_and_names_mistakes(forked: Nursery) -> None:
    done = forked.python("pipelines/train.py", "optimizer.weight_decay=0.01", "--cfg", "job")
    assert done.returncode == 0 and "weight_decay: 0.01" in done.stdout, done.stderr
    done = forked.python("pipelines/train.py", "optimizer.weight_dcay=0.01", "--cfg", "job")
    assert done.returncode == 1 and "did you mean weight_decay?" in done.stderr and "Traceback" not in done.stderr


def test_params_yaml_takes_arguments_and_names_mistakes(forked: Nursery, tmp_path: Path) -> None:
    for name in ("conf", "pipelines", "src"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    panel = re.sub(r"(?m)^ +linear_probe:.*\n", "", (CHECKOUT / "params.yaml").read_text())  # whose L-BFGS takes none
    assert "    lr: null" in panel
    (tmp_path / "params.yaml").write_text(panel.replace("    lr: null", "    lr: null\n    weight_decay: 0.25", 1))
    done = forked.python("pipelines/compose.py", cwd=tmp_path, fresh=True)
    assert done.returncode == 0, done.stderr
    assert "weight_decay: 0.25" in (tmp_path / "artifacts/critters/conf/scratch/train.yaml").read_text()
    (tmp_path / "params.yaml").write_text(panel.replace("    lr: null", "    lr: null\n    weight_dcay: 0.25", 1))
    done = forked.python("pipelines/compose.py", cwd=tmp_path, fresh=True)
    assert done.returncode == 1 and "optimizer.weight_dcay" in done.stderr and "Traceback" not in done.stderr


def test_the_arguments_of_the_trainer_are_those_of_the_pinned_lightning() -> None:
    import inspect

    import pytorch_lightning as pl

    from warmstart.config.trainer_arguments import LIGHTNING

    assert set(inspect.signature(pl.Trainer).parameters) == LIGHTNING
