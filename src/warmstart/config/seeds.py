"""How many seeds a recipe is trained with: ``seeds``, from ``seed`` on. null and 1 are as if the key did not exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.errors import UserError

KEY = "seeds"
LAST_SEED = 2**43 - 1  # it is shifted by 20 bits, for the number of the epoch, and NumPy and PyTorch must still take it


def without_single_seed(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration (plain data) without the key where it asks for one seed, so that nothing depends on it then."""
    return {key: value for key, value in config.items() if key != KEY or (value or 1) > 1}


def check_seeds(seed: int, seeds: int | None, folds: int | None) -> None:
    """Refuse (UserError) several seeds with several folds, and seeds beyond the last one."""
    several = seeds or 1
    if several > 1 and (folds or 1) > 1:
        raise UserError(
            f"seeds is {seeds} and data.folds {folds}: a recipe is trained either with several seeds, on one split, or "
            "on several folds, with one seed: set one of the two to null"
        )
    if seed + several - 1 > LAST_SEED:
        raise UserError(f"seed is {seed} and seeds {seeds}, but the last seed that there is is {LAST_SEED}: lower seed")


def check_same_seeds(configs: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse (UserError) recipes with other numbers of seeds than one another, which cannot be compared.

    configs: recipe → its whole configuration.
    """
    numbers = {name: config.get(KEY) or 1 for name, config in configs.items()}
    for name, number in numbers.items():
        if number != (first := next(iter(numbers.values()))):
            raise UserError(
                f"seeds is {first} for {next(iter(numbers))} and {number} for {name}: all recipes of a comparison have "
                "the same number"
            )
