"""Which metrics may keep an epoch and choose among recipes, and which one does where nothing is said.

The definitions are those of `evaluation.metric_registry`. Its calibration error is not among them: a network that
answers every image with the shares of the classes has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACCURACY, BALANCED_ACCURACY = "accuracy", "balanced_accuracy"


@dataclass(frozen=True)
class SelectionMetric:
    """title: in a sentence. unit: ``%`` for a share, ``nats``, or none. needs_every_class: whether it is undefined
    where the images lack a class.
    """

    title: str
    unit: str = "%"
    higher_is_better: bool = True
    needs_every_class: bool = False

    def oriented(self, value: float) -> float:
        """The value, or its opposite where lower is better: of two, the higher is the better."""
        return value if self.higher_is_better else -value

    def text(self, value: float) -> str:
        """A value with its unit: ``93.1 %``, ``0.214 nats``, ``0.981``."""
        number = f"{100 * value:.1f}" if self.unit == "%" else f"{value:.3f}"
        return f"{number} {self.unit}".rstrip()


SELECTABLE: dict[str, SelectionMetric] = {
    ACCURACY: SelectionMetric("accuracy"),
    BALANCED_ACCURACY: SelectionMetric("balanced accuracy", needs_every_class=True),
    "auroc": SelectionMetric("AUROC", "", needs_every_class=True),
    "average_precision": SelectionMetric("average precision", "", needs_every_class=True),
    "f1": SelectionMetric("macro F1", needs_every_class=True),
    "loss": SelectionMetric("log loss", "nats", higher_is_better=False),
    "brier": SelectionMetric("Brier score", "", higher_is_better=False),
}


def selected_by(config: Mapping[str, Any]) -> str:
    """The metric of a configuration (plain data): ``select_by``, or else accuracy, balanced where the training balances
    the classes.
    """
    if (chosen := config.get("select_by")) is not None:
        return str(chosen)
    balance = config.get("balance") or {}
    balances = balance.get("class_weights") or balance.get("sampling", "natural") != "natural"
    return BALANCED_ACCURACY if balances else ACCURACY
