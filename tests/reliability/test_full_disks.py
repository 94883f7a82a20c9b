"""Every stage on a disk that is full, read-only or somebody else's: one sentence, nothing lost, and with room it goes
on as if nothing had been.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import CHECKOUT

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs the right to mount"),
]
ALONE = ["unshare", "--mount", "--propagation", "private"]


def test_every_stage_survives_every_bad_disk(tmp_path: Path) -> None:
    trial = f"mount -t tmpfs none {tmp_path}"
    if (
        not shutil.which("unshare")
        or subprocess.run([*ALONE, "sh", "-c", trial], check=False, capture_output=True).returncode
    ):
        pytest.skip("needs the right to mount")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", CHECKOUT, clone], check=True)
    done = subprocess.run(
        [*ALONE, sys.executable, Path(__file__).with_name("full_disks.py"), clone], env={**os.environ, "FULL_DISKS_BELOW": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    cases = [json.loads(line) for line in done.stdout.splitlines()]
    faults = [case for case in cases if case.get("fault")]
    assert not done.returncode and any(case.get("status") for case in cases), done.stderr[-3000:]
    assert not faults, json.dumps(faults, indent=1)
