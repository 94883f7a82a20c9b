"""Under DVC itself, with the entry points' own beginning: an interrupt ends the stage with one line, and nothing is
left behind.
"""

from __future__ import annotations

import re
import shutil
import signal
import sys
from pathlib import Path

import pytest

from contract.test_exit_statuses import ENVIRONMENT, STAGE
from runtime.served import servers
from runtime.test_preload import wait_for
from signalled import python_hit
from support import CHECKOUT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no preloaded process")


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_ctrl_c(tmp_path: Path, dvc_folder: Path, shell: str) -> None:
    if not Path(shell).exists():
        pytest.skip(f"there is no {shell}")
    (tmp_path / "pipelines").mkdir()
    forked = 'import sys; print("forked", "_warmstart_preloaded" in sys.modules); wait()'
    (tmp_path / "pipelines/stage.py").write_text(STAGE.format(work=forked).replace("!= 1", "== 1"))
    command = f"{sys.executable} pipelines/stage.py seed=1"
    (tmp_path / "dvc.yaml").write_text(f"stages: {{wait: {{cmd: {command}, outs: [out]}}}}\n")
    shutil.copytree(dvc_folder, tmp_path, dirs_exist_ok=True)
    environment = {**ENVIRONMENT, "SHELL": shell, "OMP_NUM_THREADS": "1", "TMPDIR": str(tmp_path)}
    ended = python_hit(["-m", "dvc", "repro"], [signal.SIGINT], at="at work", cwd=tmp_path, environment=environment)
    assert "forked True" in ended.said, ended.said
    assert ended.said.count("the same command goes on") == 1 and "Traceback" not in ended.said, ended.said
    assert re.search(r"exited with (130|-2)\b", ended.said), ended.said  # the latter of a shell that stays in between
    wait_for(
        lambda: (
            not [
                server
                for server in servers(CHECKOUT)
                if str(tmp_path).encode() in Path(f"/proc/{server}/cmdline").read_bytes()
            ]
        )
    )
