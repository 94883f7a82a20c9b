"""Loader processes and pools work wherever temporary files are: the path of a socket may not be long."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import CHECKOUT

CODE = """
import sys
import numpy as np
sys.path[:0] = sys.argv[1:]
from _app import import_warmstart, prepare_process

if __name__ == "__main__":
    import_warmstart()
    prepare_process()
    from warmstart.dataset.datamodule import ArrayDataModule
    from warmstart.ingest.critters.generate import generate

    split = np.zeros((8, 4, 4, 3), np.uint8), np.arange(8)
    data = ArrayDataModule(split, split, batch_size=4, seed=1, workers=1)
    print(sum(len(labels) for _, labels in data.train_dataloader()), len(generate(1, range(4), 32, workers=2).images))
"""


@pytest.mark.skipif(os.name != "posix", reason="sockets with paths are of POSIX")
def test_processes_share_what_they_make_under_a_long_path(tmp_path: Path) -> None:
    folder = tmp_path / ("t" * 100)
    folder.mkdir()
    script = tmp_path / "script.py"
    script.write_text(CODE)
    command = [sys.executable, str(script), str(CHECKOUT / "pipelines"), str(CHECKOUT / "src")]
    done = subprocess.run(
        command, env={**os.environ, "TMPDIR": str(folder)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["8", "4"], done.stderr
