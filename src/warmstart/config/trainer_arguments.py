"""The arguments of Lightning's Trainer, and those that a configuration may not give, because Warmstart gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.errors import UserError

# The arguments of pytorch_lightning.Trainer 2.6, so that a mistyped one is found without importing it.
LIGHTNING = frozenset(
    {
        "accelerator", "strategy", "devices", "num_nodes", "precision", "logger", "callbacks", "fast_dev_run",
        "max_epochs", "min_epochs", "max_steps", "min_steps", "max_time", "limit_train_batches", "limit_val_batches",
        "limit_test_batches", "limit_predict_batches", "overfit_batches", "val_check_interval",
        "check_val_every_n_epoch", "num_sanity_val_steps", "log_every_n_steps", "enable_checkpointing",
        "enable_progress_bar", "enable_model_summary", "accumulate_grad_batches", "gradient_clip_val",
        "gradient_clip_algorithm", "deterministic", "benchmark", "inference_mode", "use_distributed_sampler",
        "profiler", "detect_anomaly", "barebones", "plugins", "sync_batchnorm", "reload_dataloaders_every_n_epochs",
        "default_root_dir", "enable_autolog_hparams", "model_registry",
    }
)  # fmt: skip
# Argument → what decides it here.
GIVEN = {
    "max_epochs": "schedule.epochs",
    "callbacks": "the group callbacks",
    "logger": "the group tracking; history.csv and MLflow have the metrics",
    "enable_checkpointing": "the training itself, which keeps the best epoch and resumes from the last one",
    "default_root_dir": "out_dir",
    "fast_dev_run": "debug=fast",
    "overfit_batches": "debug=overfit",
    "limit_train_batches": "debug.batches",
    "limit_val_batches": "debug.batches",
    "check_val_every_n_epoch": "the history, which has the validation metrics of every epoch",
    "val_check_interval": "the history, which has the validation metrics of every epoch",
    "num_sanity_val_steps": "the training itself, whose first validation is that of the first epoch",
    "use_distributed_sampler": "the sampler, which draws the same batches after an interruption",
    "enable_progress_bar": "the terminal: a bar is shown where there is one",
}


def check_trainer(options: Mapping[str, Any]) -> None:
    """Refuse (UserError) arguments that Warmstart gives itself. options: the ``trainer`` group, plain data."""
    for name, decides in GIVEN.items():
        if name in options:
            raise UserError(f"trainer.{name} is decided by {decides}: leave it out")
    many = options.get("accumulate_grad_batches")
    if isinstance(many, int) and many < 1:
        raise UserError(f"trainer.accumulate_grad_batches is {many}; it is 1 or more")
