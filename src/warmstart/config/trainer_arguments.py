"""Arguments of Lightning's Trainer that a configuration may not give, because Warmstart gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmstart.errors import UserError

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
