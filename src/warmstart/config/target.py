"""A class that an option file names by ``_target_``, with the arguments that it is to be given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TARGET = "_target_"
CONVNET = "warmstart.models.convnet.ConvNet"  # the only network whose keys the schema declares


@dataclass(frozen=True)
class Target:
    """path: of the class, dotted, as in ``torch.optim.AdamW``. arguments: plain data."""

    path: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, node: Mapping[str, Any]) -> Target | None:
        """The target of an option file's content; None where it names none."""
        path = node.get(TARGET)
        return cls(path, {key: value for key, value in node.items() if key != TARGET}) if path else None

    @property
    def full_batch(self) -> bool:
        """Whether it is an optimizer that takes the whole training set as one batch, as a line search needs."""
        return self.path.endswith(".LBFGS")


def target_paths(node: Any) -> list[str]:
    """The paths of all targets in plain data, in order."""
    if isinstance(node, Mapping):
        own = [node[TARGET]] if isinstance(node.get(TARGET), str) else []
        return [*own, *(path for value in node.values() for path in target_paths(value))]
    return [path for item in node for path in target_paths(item)] if isinstance(node, list) else []
