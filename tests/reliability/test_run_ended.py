"""`warmstart run` that is ended at random stops soon, and the same command then brings what an undisturbed
one brings.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from reliability.equal import json_differs
from reliability.findings import chance, note, share
from reliability.passes import damaged, wait_for_quiet, warmstart
from repro_checkout import TINY, Checkout

ENDS = ["INT"] * 25 + ["HUP"] * 4 + ["KILL"] * 5 + ["TERM"] * 5
PASSES = 4
WORDS = ["run", "critters", "--only", "linear_probe,scratch"] + [
    word for key, value in {**{f"data.{name}": n for name, n in TINY.items() if name != "size"}, "schedule.epochs": 2}.items()
    for word in ("--set", f"{key}={value}")
] + ["--size", str(TINY["size"])]  # fmt: skip
STATUSES = {"INT": (130,), "TERM": (130, 143, -15), "HUP": (129, 130, -1), "KILL": (-9,)}


def ran(checkout: Checkout) -> None:
    work = warmstart(checkout, *WORDS)
    assert work.ends_within(900)
    assert work.process.returncode == 0, work.said()[-3000:]


def table(root: Path) -> Path:
    """The table of the only dataset, which has a name of its own because of the settings."""
    (found,) = root.glob("artifacts/*/report/table.json")
    return found


def test_a_run_interrupted_before_its_first_stage_leaves_the_checkout_as_it_was(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    panel = (tmp_path / "params.yaml").read_text()
    work = warmstart(checkout, *WORDS)
    end = time.monotonic() + 60
    while "$ dvc" not in work.said() and "$ python" not in work.said():
        assert time.monotonic() < end and not work.ends_within(0.01), work.said()
    work.send("INT", whole_group=False)
    wait_for_quiet(tmp_path)
    assert work.process.returncode == 130, work.said()
    assert (tmp_path / "params.yaml").read_text() == panel
    assert not damaged(tmp_path)


@pytest.mark.long
def test_runs_ended_at_random(tmp_path: Path) -> None:
    whole = Checkout(tmp_path / "whole")
    begin = time.monotonic()
    ran(whole)
    seconds = time.monotonic() - begin
    ends = share(ENDS, 3)
    chance("order").shuffle(ends)
    told, found, stops, passes = Counter[str](), [], [], max(1, round(PASSES * len(ends) / len(ENDS)))
    for number in range(passes):
        checkout, draws = Checkout(tmp_path / str(number)), chance("run", number)
        left = ends[number::passes]
        while left:
            work = warmstart(checkout, *WORDS)
            if work.ends_within(draws.uniform(0.3, max(2.0, seconds / 6))):
                found += (
                    [] if work.process.returncode == 0 else [f"pass {number}: {work.said().strip().splitlines()[-1:]}"]
                )
                told["ended before the signal"] += 1
                if told["ended before the signal"] > 3 * len(ENDS):
                    break
                continue
            name = left.pop()
            stop = work.send(name, whole_group=False)
            stops += [] if name == "KILL" else [stop]
            told[f"{name} {work.process.returncode}"] += 1
            if work.process.returncode not in STATUSES[name]:
                found.append(
                    f"pass {number}: {name} ended with {work.process.returncode}: "
                    f"{work.said().strip().splitlines()[-1:]}"
                )
            wait_for_quiet(checkout.root)
            told["dvc.lock damaged"] += damaged(checkout.root)
        ran(checkout)
        found += [f"pass {number}: another table"] if json_differs(table(checkout.root), table(whole.root)) else []
    longest = f"{max(stops, default=0):.1f}"
    found += [f"stopping took {longest} s"] if float(longest) > 20 else []
    note("8 warmstart run ended at random", found, passes=passes, ended=dict(told), longest_stop_in_s=longest)
    assert not found, found
