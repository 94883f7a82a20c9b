"""Go on from a trained recipe with the backbone's last block unfrozen: python pipelines/fine_tune.py init_from=model.ckpt."""

from __future__ import annotations

import sys
from functools import partial

import train
from _app import app

if __name__ == "__main__":
    chosen = any(argument.startswith(("recipe=", "--config-name", "-cn")) for argument in sys.argv)
    sys.argv += [] if chosen else ["recipe=fine_tune"]
    app("model", partial(train.work, stage="fine_tune"))
