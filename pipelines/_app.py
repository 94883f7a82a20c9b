"""What the entry points share: where things are, composing the configuration, and showing a person's mistake as one line."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path.cwd()
CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "src"))

from warmstart.runtime import interrupts  # noqa: E402
from warmstart.runtime.preload import hand_over  # noqa: E402

# Nothing phones home, and a stage run by DVC speaks one language.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "NO_ALBUMENTATIONS_UPDATE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}

interrupts.listen_in_entry_points()
hand_over(ENVIRONMENT)  # what follows is done in a process that has the libraries loaded, where there is one

import hydra  # noqa: E402
from hydra.core.hydra_config import HydraConfig  # noqa: E402
from hydra.types import RunMode  # noqa: E402
from omegaconf import DictConfig  # noqa: E402

from _compose import check_shown, plain, register_schema  # noqa: E402
from _door import readable_errors  # noqa: E402
from _typed import as_typed  # noqa: E402
from warmstart.config.paths import absolute_paths, exclusive_folder, stamp  # noqa: E402
from warmstart.errors import UserError  # noqa: E402
from warmstart.files.aside import clear_below  # noqa: E402
from warmstart.inputs.unchanged import check_unchanged  # noqa: E402
from warmstart.runtime.console import exit_on_user_error, start_logging  # noqa: E402
from warmstart.runtime.memory import keep_freed_memory  # noqa: E402
from warmstart.runtime.sockets import keep_sockets_short  # noqa: E402

log = logging.getLogger("warmstart")


@dataclass(frozen=True)
class Place:
    """Where a stage reads and writes. root: the person's checkout, also when DVC works in a temporary copy of it.

    given: where it was told to write; None for a run by hand, which gets a new folder of its own below ``hand``.
    """

    dataset: Path
    root: Path
    kind: str  # dvc | hand | sweep
    given: Path | None
    hand: Path
    stage: str

    @cached_property
    def out(self) -> Path:
        """Where the stage writes. By hand, the folder around it is made when this is asked for, so that no two runs share one."""
        if self.given:
            return self.given
        clear_below(self.hand)
        return exclusive_folder(self.hand / stamp()) / self.stage

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

    def show(self, folder: Path) -> None:
        """Say to a person where the stage has written: the last line of a run by hand."""
        if self.kind == "hand":
            path = folder / "index.html" if (folder / "index.html").exists() else folder
            log.info("written to %s", path.relative_to(HERE) if path.is_relative_to(HERE) else path)

    def leave(self) -> None:
        """Remove the folder of a run by hand that wrote nothing."""
        if self.given is None and "out" in self.__dict__:
            with suppress(OSError):  # not empty
                self.out.parent.rmdir()


def prepare_process() -> None:
    """Work from the checkout, whatever folder the person stands in, with log lines on."""
    os.chdir(CHECKOUT)
    os.environ.update(ENVIRONMENT)
    start_logging()
    keep_sockets_short()


def app(stage: str, work: Callable[[dict[str, Any], Place], Any]) -> None:
    """Compose the configuration for ``stage`` and do its ``work``; what it returns is what a sweeper optimises."""

    def job(composed: DictConfig) -> Any:
        config = absolute_paths(plain(composed, whole=HydraConfig.get().job.config_name == "config"), HERE)
        keep_freed_memory()
        place = _place(stage, config)
        if place.kind == "dvc":
            check_unchanged(_listing(place, config), CHECKOUT, place.root / "artifacts/.digests/.code")
        try:
            value = work(config, place)
        finally:
            place.leave()
        if "out" in place.__dict__:
            place.show(place.out)
        return value

    @hydra.main(version_base="1.3", config_path=str(CHECKOUT / "conf"), config_name="config")
    def main(composed: DictConfig) -> Any:
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            from _sweep import run_job

            return run_job(lambda: job(composed))
        with exit_on_user_error():
            return job(composed)

    interrupts.listen()
    with exit_on_user_error():
        prepare_process()
        if {"--help", "-h"} & set(sys.argv[1:]):
            from _help import print_help

            print_help(CHECKOUT / "conf")
            return
        if "-cp" in sys.argv:  # DVC gives it from the checkout; Hydra would take it from this file
            path = sys.argv.index("-cp") + 1
            sys.argv[path:] = [str(CHECKOUT / word) for word in sys.argv[path : path + 1]] + sys.argv[path + 1 :]
        sys.argv[1:] = as_typed(sys.argv[1:], HERE)
        register_schema()
        os.environ["HYDRA_FULL_ERROR"] = "1"  # what goes wrong comes out of Hydra as it is
        with readable_errors():
            check_shown(CHECKOUT / "conf", sys.argv[1:])
            try:
                main()
            except BaseException as error:
                if "_sweep" in sys.modules:
                    sys.modules["_sweep"].end_early(error)
                raise


def _listing(place: Place, config: dict[str, Any]) -> Path:
    """What list_inputs has written about the stage that runs."""
    entry = Path(sys.argv[0]).stem
    recipe = (config.get("recipe") or {}).get("name")
    return place.dataset / "inputs" / (f"{'train' if entry == 'fine_tune' else entry}/{recipe}" if recipe else entry)


def user_root() -> Path:
    """The checkout of the person: DVC's temporary copies live elsewhere, and tell."""
    return Path(os.environ.get("DVC_ROOT") or CHECKOUT)


def _place(stage: str, config: dict[str, Any]) -> Place:
    settings = HydraConfig.get()
    dataset = CHECKOUT / "artifacts" / config["data"]["name"]
    kind = "dvc" if "DVC_STAGE" in os.environ else "hand"
    given = Path(config["out_dir"]) if config["out_dir"] else None
    if settings.mode == RunMode.MULTIRUN:
        if given:
            raise UserError(
                "out_dir is set, but every job of a sweep has a folder of its own: hydra.sweep.dir=FOLDER says where those are"
            )
        kind, given = "sweep", Path(settings.runtime.output_dir) / stage
        if settings.job.num == 0:
            clear_below(dataset / "sweeps")
    hand = dataset / "hand" / config.get("recipe", {}).get("name", "data")
    return Place(dataset, user_root(), kind, given, hand, stage)
