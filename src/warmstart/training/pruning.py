"""Ending a trial of Optuna early: its training is compared, epoch by epoch, with those of the trials before it."""

from __future__ import annotations

import json
import logging
import os
import warnings
from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl

from warmstart.config.selection import ACCURACY, SELECTABLE
from warmstart.training.messages import PRUNED

if TYPE_CHECKING:
    from optuna.trial import Trial

log = logging.getLogger(__name__)
TRIAL = "WARMSTART_TRIAL"  # the variable that names a job's trial: name and storage of the study, number, as JSON


class Pruning(pl.Callback):
    """Stop a training whose validation accuracy, or whatever ``select_by`` names, is worse than the median of the other
    trials at the same epoch.

    The trial keeps the best value that it has reached. Outside a sweep by Optuna, and in all folds and seeds but the
    first, this does nothing.

    startup_trials: as many are never stopped. warmup_epochs: nor is any in its first epochs.
    """

    def __init__(self, startup_trials: int = 5, warmup_epochs: int = 3) -> None:
        self.startup_trials, self.warmup_epochs = startup_trials, warmup_epochs
        self.stopped = False
        self._trial: Trial | None = None

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:
        """Find the trial. A resumed training that had been stopped stays so."""
        self._trial = _find_trial(self.startup_trials, self.warmup_epochs)
        trainer.should_stop = trainer.should_stop or self.stopped

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Report the metric that keeps an epoch, and stop where it is too bad."""
        if self._trial is None or trainer.sanity_checking:
            return
        select_by = pl_module.select_by
        name = "val/acc" if select_by == ACCURACY else f"val/{select_by}"
        self._trial.report(float(trainer.callback_metrics[name]), trainer.current_epoch)
        if self._trial.should_prune():
            self.stopped = trainer.should_stop = True
            log.info(PRUNED, trainer.current_epoch + 1, SELECTABLE[select_by].title)

    def state_dict(self) -> dict[str, Any]:
        """Whether the training was stopped."""
        return {"stopped": self.stopped}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up ``state_dict``."""
        self.stopped = state_dict["stopped"]


def _find_trial(startup_trials: int, warmup_epochs: int) -> Trial | None:
    """The trial that this process trains, each once: the trainings after it are other folds or seeds of the same."""
    if not (named := os.environ.pop(TRIAL, "")):
        return None
    import optuna

    name, storage, number = json.loads(named)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.filterwarnings("ignore", category=FutureWarning, module="optuna|hydra_plugins")
    pruner = optuna.pruners.MedianPruner(startup_trials, warmup_epochs)
    study = optuna.load_study(study_name=name, storage=storage, pruner=pruner)
    found = study.get_trials(deepcopy=False)[number]
    return optuna.trial.Trial(study, found._trial_id)
