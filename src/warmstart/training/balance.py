"""How a training balances classes of different sizes."""

from __future__ import annotations

import logging
from dataclasses import asdict

from warmstart.config.balance import check_balance
from warmstart.config.schema import Balance
from warmstart.training.messages import FULL_BATCH_BALANCE

log = logging.getLogger(__name__)


def balance_method(balance: Balance | None, *, full_batch: bool) -> str | None:
    """``sampling``, ``weights`` (in the loss), or None for no balancing. Raises UserError for options that conflict.

    full_batch: a training on the whole set as one batch draws nothing, so weights replace balanced sampling.
    """
    if balance is None:
        return None
    check_balance(asdict(balance))
    if balance.class_weights:
        return "weights"
    if balance.sampling == "natural":
        return None
    if full_batch:
        log.info(FULL_BATCH_BALANCE)
        return "weights"
    return "sampling"
