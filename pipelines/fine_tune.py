"""Go on from a trained recipe with the backbone's last block unfrozen: python pipelines/fine_tune.py
init_from=model.ckpt.
"""

from __future__ import annotations

import train
from _app import app

if __name__ == "__main__":
    app("fine_tune", train.work, default="recipe=fine_tune")
