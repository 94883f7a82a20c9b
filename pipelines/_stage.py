"""A stage as a Hydra application: the configuration composed, checked and typed, and the work done."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

import _sweep
from _app import CHECKOUT, user_root
from _command_line import asks_for_help, overrides_to_show, prepare_command_line
from _compose import check_shown, plain, register_schema
from _errors import readable_errors
from _help import print_help
from _parts import check_parts
from _stage_paths import StagePaths
from warmstart.config.paths import absolute_paths
from warmstart.config.stages import TrainConfig, stage_config
from warmstart.errors import UserError
from warmstart.files.aside import clear_below
from warmstart.ingest.check_prepared import check_prepared
from warmstart.inputs.unchanged import check_unchanged
from warmstart.records.run_identity import RunKind
from warmstart.runtime.console import exit_on_user_error
from warmstart.runtime.memory import keep_freed_memory

OUT_DIR_IN_SWEEP = (
    "out_dir is set, but every job of a sweep has a folder of its own: hydra.sweep.dir=FOLDER chooses where these are"
)
Work = Callable[[Any, StagePaths], Any]


def run_stage(stage: str, work: Work, default: str, here: Path) -> None:
    """Run ``work`` as `_app.app` describes it. here: the folder in which the command was typed."""

    def job(composed: DictConfig) -> Any:
        config = absolute_paths(plain(composed, whole=HydraConfig.get().job.config_name == "config"), here)
        keep_freed_memory()
        paths = _stage_paths(stage, config, here)
        if paths.kind == "dvc":
            check_unchanged(_listing(paths, config), CHECKOUT, paths.code_digests)
        try:
            value = do_work(work, config, paths)
        finally:
            paths.remove_if_empty()
        paths.log_written()
        return value

    @hydra.main(version_base="1.3", config_path=str(CHECKOUT / "conf"), config_name="config")
    def main(composed: DictConfig) -> Any:
        if HydraConfig.get().mode == RunMode.MULTIRUN:
            return _sweep.run_job(lambda: job(composed), composed)
        with exit_on_user_error():
            return job(composed)

    if asks_for_help():
        print_help(stage, CHECKOUT / "conf")
        return
    prepare_command_line(stage, default, here)
    register_schema()
    os.environ["HYDRA_FULL_ERROR"] = "1"  # so that exceptions leave Hydra as they are
    with readable_errors():
        check_shown(CHECKOUT / "conf", overrides_to_show())
        try:
            main()
        except BaseException as error:
            _sweep.end_early(error)
            raise


def do_work(work: Work, config: Mapping[str, Any], paths: StagePaths) -> Any:
    """Call ``work`` with the stage's part of a configuration, once the images that it reads have been checked."""
    typed = stage_config(paths.stage, config)
    if isinstance(typed, TrainConfig):
        check_parts(config)  # before anything is looked at that a mistake in them would make useless
    if typed.needs_images:
        check_prepared(config["data"], paths.images)
    return work(typed, paths)


def _listing(paths: StagePaths, config: Mapping[str, Any]) -> Path:
    """The listing of what the stage runs and reads, by the stage list_inputs."""
    stage = "train" if paths.stage == "fine_tune" else paths.stage
    recipe = (config.get("recipe") or {}).get("name")
    return paths.dataset / "inputs" / (f"{stage}/{recipe}" if recipe else stage)


def _stage_paths(stage: str, config: Mapping[str, Any], here: Path) -> StagePaths:
    hydra_config = HydraConfig.get()
    dataset = CHECKOUT / "artifacts" / config["data"]["name"]
    kind: RunKind = "dvc" if "DVC_STAGE" in os.environ else "hand"
    out_dir = Path(config["out_dir"]) if config["out_dir"] else None
    if hydra_config.mode == RunMode.MULTIRUN:
        if out_dir:
            raise UserError(OUT_DIR_IN_SWEEP)
        kind, out_dir = "sweep", Path(hydra_config.runtime.output_dir) / StagePaths.folder_of(stage)
        if hydra_config.job.num == 0:
            clear_below(dataset / "sweeps")
    by_hand = dataset / "hand" / config.get("recipe", {}).get("name", "data")
    return StagePaths(dataset, user_root(), kind, out_dir, by_hand, stage, here)
