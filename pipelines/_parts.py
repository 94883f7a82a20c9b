"""The exchangeable parts of a training, which option files name by ``_target_``, made by Hydra."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from hydra.utils import instantiate

from _targets import check_target, refused
from warmstart.config.moved import refuse_moved
from warmstart.config.schema import Trainer
from warmstart.config.target import TARGET, Target
from warmstart.config.trainer_arguments import check_trainer
from warmstart.config.views import on_backbone
from warmstart.errors import UserError

if TYPE_CHECKING:
    from warmstart.training.parts import TrainingParts

LIGHTNING_SCHEDULER = ("interval", "monitor")  # read by Lightning, and no arguments of the scheduler
OWN_NETWORK = "network=own needs the class: network._target_=PACKAGE.CLASS"
INTERVALS = ("step", "epoch")


def training_parts(config: Mapping[str, Any]) -> TrainingParts:
    """The parts of a training, of its configuration (plain data). Raises UserError, naming the key at fault."""
    from warmstart.training.parts import TrainingParts

    check_parts(config)
    scheduler = _scheduler_node(config)
    return TrainingParts(
        factory(config["optimizer"]),
        factory(scheduler) if scheduler.get(TARGET) else None,
        {name: factory(node) for name, node in (config.get("callbacks") or {}).items() if node},
        {name: factory(node) for name, node in (config.get("augment") or {}).items() if node},
        {name: _made(value) for name, value in trainer_arguments(config).items()},
    )


def factory(node: Mapping[str, Any]) -> Callable[..., Any]:
    """Makes a new object at each call. node: a checked target with its arguments."""
    made: Callable[..., Any] = instantiate(dict(node), _partial_=True, _convert_="all")
    return made


def make_transforms(targets: Mapping[str, Target]) -> dict[str, Callable[[], Any]]:
    """What makes each of the transforms. Raises UserError, naming the key at fault."""
    nodes = {name: {TARGET: target.path, **target.arguments} for name, target in targets.items()}
    for name, node in nodes.items():
        _check_made(f"augment.{name}", node)
    return {name: factory(node) for name, node in nodes.items()}


def trainer_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of Lightning's Trainer that the schema does not declare, as plain data."""
    declared = {field.name for field in fields(Trainer)}
    return {name: value for name, value in (config.get("trainer") or {}).items() if name not in declared}


def _made(value: Any) -> Any:
    return factory(value)() if isinstance(value, Mapping) and TARGET in value else value


def check_parts(config: Mapping[str, Any]) -> None:
    """Refuse (UserError) targets that do not exist and arguments that they do not take. config: plain data.

    Each part is made once, with a stand-in for what a training gives it, so that a value out of range is found too.
    """
    import torch

    refuse_moved(config)
    check_network(config)
    check_trainer(config.get("trainer") or {})
    if arguments := trainer_arguments(config):
        _check_trainer_arguments(arguments)
    check_target("optimizer", config.get("optimizer"), ("params",))
    with refused("optimizer"):
        optimizer = factory(config["optimizer"])([torch.nn.Parameter(torch.zeros(1))])
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise UserError(f"optimizer.{TARGET} is {config['optimizer'][TARGET]}, which is no optimizer of PyTorch")
    _check_scheduler(config, optimizer)
    for group in ("callbacks", "augment"):
        for name, node in (config.get(group) or {}).items():
            if node is not None:
                _check_made(f"{group}.{name}", node)


def _check_made(key: str, node: Any) -> None:
    """Check a target that is given nothing else, and make it once."""
    check_target(key, node)
    with refused(key):
        factory(node)()


def check_network(config: Mapping[str, Any]) -> None:
    """Refuse (UserError) a network of a class that is not here or is no network, or whose arguments it does not take.

    Arguments are plain data, since a checkpoint stores them.
    """
    node = config.get("network")
    if not node or on_backbone((config.get("recipe") or {}).get("phase", "scratch")):
        return
    from warmstart.models.own_network import network_class

    if not node.get(TARGET):
        raise UserError(OWN_NETWORK)
    check_target("network", node, ("size", "channels", "outputs"))
    network_class(node[TARGET])
    for name, value in node.items():
        if isinstance(value, Mapping) and TARGET in value:
            raise UserError(f"network.{name} names a class, but arguments of a network are plain data")


def _check_trainer_arguments(arguments: Mapping[str, Any]) -> None:
    import pytorch_lightning as pl

    from warmstart.training.fit import silence_lightning

    silence_lightning()
    check_target("trainer", {TARGET: "pytorch_lightning.Trainer", **arguments})
    with refused("trainer"):
        made = {name: _made(value) for name, value in arguments.items()}
        pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False, **made)


def _scheduler_node(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in (config.get("scheduler") or {}).items() if key not in LIGHTNING_SCHEDULER}


def _check_scheduler(config: Mapping[str, Any], optimizer: Any) -> None:
    from warmstart.training.schedulers import LENGTHS, TrainingLength, build_scheduler

    node = config.get("scheduler") or {}
    if not node.get(TARGET):
        if given := [name for name, value in node.items() if value is not None]:
            raise UserError(f"scheduler.{given[0]}: no scheduler is chosen; choose one, as in scheduler=cosine")
        return
    filled_in = [name for name in LENGTHS if name in node and node[name] is None]
    check_target("scheduler", node, ("optimizer", *filled_in), (*LIGHTNING_SCHEDULER, *filled_in))
    interval = node.get("interval", "epoch")
    if interval not in INTERVALS:
        raise UserError(f"scheduler.interval is {interval!r}; it is one of {', '.join(INTERVALS)}")
    if (chosen := Target.of(config["optimizer"])) and chosen.full_batch:
        raise UserError("scheduler: LBFGS finds the length of its steps itself; choose scheduler=none")
    with refused("scheduler"):
        build_scheduler(factory(_scheduler_node(config)), optimizer, TrainingLength(1000, 100, interval))
