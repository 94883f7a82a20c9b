"""How Lightning writes a checkpoint: beside its place, and then renamed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning.plugins.io import TorchCheckpointIO

from warmstart.files.aside import aside, flush


class AsideCheckpointIO(TorchCheckpointIO):
    """Lightning's own writes through the system's temporary folder, which may be smaller than the disk, and which nobody clears."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: Any = None
    ) -> None:
        """Write in one step: a reader sees the old checkpoint or the new, never a part."""
        with aside(Path(path)) as new:
            torch.save(checkpoint, new)
            flush(new)
            os.replace(new, path)
