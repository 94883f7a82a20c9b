"""What params.yaml says before another dataset is chosen: which of its values are about the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warmstart.cli.checkout import Checkout
from warmstart.cli.settings import Settings
from warmstart.config.params import GROUPS, set_values


@dataclass(frozen=True)
class ParamsStatus:
    """What params.yaml says besides dataset and recipes, by dotted key, such as ``set.data.folder``.

    stale: about other data. kept: what holds for this dataset too.
    """

    stale: dict[str, Any]
    kept: dict[str, Any]

    @property
    def settings(self) -> Settings:
        """What is kept, as settings. An experiment is left to the stages, because it says which data it is about."""
        kept = {key: value for key, value in self.kept.items() if key != "experiment"}
        groups = {key: str(value) for key, value in kept.items() if key in GROUPS}
        return Settings(groups, {key.removeprefix("set."): value for key, value in kept.items() if key not in groups})


def params_status(checkout: Checkout, name: str) -> ParamsStatus:
    """The status of params.yaml for the dataset ``name``. Data options and experiments of another dataset are stale."""
    params = checkout.params()
    given = {key: params[key] for key in (*GROUPS, "seed") if params.get(key) is not None}
    given |= {f"set.{key}": value for key, value in set_values(params).items()}
    other = params.get("data") != name
    stale = {key: given[key] for key in given if other and (key == "experiment" or key.startswith("set.data."))}
    return ParamsStatus(stale, {key: value for key, value in given.items() if key not in stale})


def choose_command(name: str, recipes: Sequence[str] | None, stale: Mapping[str, Any]) -> list[str]:
    """The command that makes params.yaml run the dataset. recipes: None for its own list."""
    listed = [f"recipes=[{','.join(recipes)}]"] if recipes else []
    return ["python", "pipelines/choose.py", f"data={name}", *listed, *(f"{key}=null" for key in stale)]
