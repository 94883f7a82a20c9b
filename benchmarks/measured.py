"""A stage in a process of its own, and what it took with all its children."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SOURCE = str(Path(__file__).resolve().parents[1] / "src")
# A stage in its own process, as pipelines/_app.py runs it: prints its wall seconds, and the processor's before it
# began.
CHILD = """
import json, sys, time
from warmstart.runtime.memory import keep_freed_memory
keep_freed_memory()
config, images, features = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
if features:
    from warmstart.config.stages import stage_config
    from warmstart.features.feature_cache import extract_features as work
    arguments = (stage_config("feature_extract", config), images, features)
else:
    from warmstart.ingest.prepare import prepare as work
    arguments = (config, images)
began, before = time.perf_counter(), time.process_time()
work(*arguments)
print(json.dumps([time.perf_counter() - began, before]))
"""


def stage(config: dict[str, Any], images: Path, features: Path | None = None) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak MB of a stage in a process of its own."""
    command = [sys.executable, "-c", CHILD, json.dumps(config), str(images), str(features or "")]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": SOURCE}, stdout=subprocess.PIPE, text=True)
    peak = used = 0.0
    while process.poll() is None:
        now = taken(process.pid)
        peak, used = max(peak, now[0]), max(used, now[1])
        time.sleep(0.05)
    output = process.communicate()[0]
    if process.returncode:
        sys.exit(f"the stage failed ({process.returncode})")
    wall, before = json.loads(output.splitlines()[-1])
    return wall, used - before, peak


def taken(pid: int, kinds: tuple[str, ...] = ("Rss:",)) -> tuple[float, float]:
    """MB that a process takes now, with what its children have to themselves, and the processor seconds of
    all so far.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        times = (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
        )  # own and those of children that have ended
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has ended
        return 0.0, 0.0
    own = sum(int(line.split()[1]) / 1e3 for line in lines if line.startswith(kinds))
    parts = [taken(int(child), ("Private_Clean:", "Private_Dirty:")) for child in children]
    return own + sum(mb for mb, _ in parts), sum(map(int, times)) / os.sysconf("SC_CLK_TCK") + sum(
        used for _, used in parts
    )
