"""What the entry points share: where things are, composing the configuration, and showing a person's mistake as one line."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

gc.disable()  # imports allocate for good; collecting meanwhile costs a tenth of every start
HERE = Path.cwd()
CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "src"))
os.chdir(CHECKOUT)
# Nothing phones home, and a stage run by DVC speaks one language.
os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true", NO_ALBUMENTATIONS_UPDATE="1", HF_HUB_DISABLE_TELEMETRY="1")

import hydra  # noqa: E402
from hydra.core.hydra_config import HydraConfig  # noqa: E402
from hydra.types import RunMode  # noqa: E402
from omegaconf import DictConfig  # noqa: E402

from _compose import plain, register_schema  # noqa: E402
from warmstart.config.paths import absolute_paths  # noqa: E402
from warmstart.console import exit_on_user_error, start_logging  # noqa: E402
from warmstart.memory import keep_freed_memory  # noqa: E402


@dataclass(frozen=True)
class Place:
    """Where a stage reads and writes. root: the person's checkout, also when DVC works in a temporary copy of it."""

    dataset: Path
    out: Path
    root: Path
    kind: str  # dvc | hand | sweep

    @property
    def images(self) -> Path:
        return self.dataset / "images"

    @property
    def features(self) -> Path:
        return self.dataset / "feature_cache"

    @property
    def state(self) -> Path:
        """Interrupted trainings: not an output of any stage, so DVC does not clear it."""
        return self.root / "artifacts" / ".resume"


def app(stage: str, work: Callable[[dict[str, Any], Place], Any]) -> None:
    """Compose the configuration for ``stage`` and do its ``work``; what it returns is what a sweeper optimises."""

    @hydra.main(version_base="1.3", config_path=str(CHECKOUT / "conf"), config_name="config")
    def main(composed: DictConfig) -> Any:
        config = absolute_paths(plain(composed), HERE)
        start_logging()
        keep_freed_memory()
        gc.enable()
        with exit_on_user_error():
            return work(config, _place(stage, config))

    if "-cp" in sys.argv:  # DVC gives it from the checkout; Hydra would take it from this file
        place = sys.argv.index("-cp") + 1
        sys.argv[place] = str(CHECKOUT / sys.argv[place])
    register_schema()
    main()


def user_root() -> Path:
    """The checkout of the person: DVC's temporary copies live elsewhere, and tell."""
    return Path(os.environ.get("DVC_ROOT") or CHECKOUT)


def _place(stage: str, config: dict[str, Any]) -> Place:
    settings = HydraConfig.get()
    dataset = CHECKOUT / "artifacts" / config["data"]["name"]
    kind = "dvc" if "DVC_STAGE" in os.environ else "hand"
    if settings.mode == RunMode.MULTIRUN:
        kind, out = "sweep", Path(settings.runtime.output_dir) / stage
    elif config["out_dir"]:
        out = Path(config["out_dir"])
    else:
        from warmstart.config.paths import stamp

        out = dataset / "hand" / config.get("recipe", {}).get("name", "data") / stamp() / stage
    return Place(dataset, out, user_root(), kind)
