"""The transforms of an option file one by one, each with its range in words, for the demonstration of augmentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from warmstart.config.target import Target
from warmstart.lesson import messages

AFFINE = "albumentations.Affine"
NO_CHANGE = {"rotate": 0, "translate_percent": 0, "shear": 0, "scale": 1}  # in the order in which they are shown


@dataclass(frozen=True)
class Alone:
    """A transform, or one part of an affine one. title, range: in words."""

    target: Target
    title: str
    range: str


def each_alone(targets: Mapping[str, Target]) -> dict[str, Alone]:
    """What is shown alone, by key below ``augment``: every transform, and of an affine one each part that is set."""
    found: dict[str, Alone] = {}
    for name, target in targets.items():
        if target.path != AFFINE:
            found[name] = Alone(target, name.replace("_", " "), _arguments(target.arguments))
            continue
        rest = {key: value for key, value in target.arguments.items() if key not in NO_CHANGE}
        for part, neutral in NO_CHANGE.items():
            value = target.arguments.get(part)
            if value is not None and any(bound != neutral for bounds in _by_axis(value).values() for bound in bounds):
                alone = Target(AFFINE, {**rest, part: value})
                found[f"{name}.{part}"] = Alone(alone, messages.AFFINE_PARTS[part], _range(part, value))
    return found


def _by_axis(value: Any) -> dict[str, tuple[float, float]]:
    """Its bounds by axis; those of both under ``both`` where they are one."""
    if isinstance(value, Mapping):
        return {str(axis): _bounds(item) for axis, item in value.items()}
    return {"both": _bounds(value)}


def _bounds(value: Any) -> tuple[float, float]:
    low, high = value if isinstance(value, list | tuple) else (value, value)
    return low, high


def _range(part: str, value: Any) -> str:
    unit, factor = ("°", 1) if part in ("rotate", "shear") else (" %", 100)
    axes = {
        axis: _words(low * factor, high * factor, unit)
        for axis, (low, high) in _by_axis(value).items()
        if axis == "both" or (low, high) != (NO_CHANGE[part],) * 2
    }
    names = messages.AXES.get(part, {})
    if len(axes) == 2 and len(set(axes.values())) == 1:
        words = f"{' and '.join(names.get(axis, axis) for axis in axes)}, each {next(iter(axes.values()))}"
        return words + (messages.OF_THE_SIDE if part == "translate_percent" else "")
    words = ", ".join(f"{names[axis]} {said}" if axis in names else said for axis, said in axes.items())
    return words + (messages.OF_THE_SIDE if part == "translate_percent" else "")


def _words(low: float, high: float, unit: str) -> str:
    return f"within ±{high:.3g}{unit}" if low == -high else f"{low:.3g} to {high:.3g}{unit}"


def _arguments(arguments: Mapping[str, Any]) -> str:
    """The arguments that are set, and how many of the draws are changed."""
    said = [f"{name.replace('_', ' ')} {_value(value)}" for name, value in arguments.items() if name != "p"]
    if "p" in arguments and arguments["p"] != 1:
        said.append("half of the draws" if arguments["p"] == 0.5 else f"{100 * arguments['p']:.3g} % of the draws")
    return ", ".join(said)


def _value(value: Any) -> str:
    return " to ".join(map(_value, value)) if isinstance(value, list | tuple) else str(value)
