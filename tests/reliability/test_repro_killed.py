"""`dvc repro` that is killed at random and given again ends with the table of one that nobody disturbed, and then
reruns nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from reliability.equal import json_differs, stamps
from reliability.findings import chance, note, share
from reliability.passes import TABLE, damaged, dvc, wait_for_quiet, warmstart
from repro_checkout import Checkout

# Each pass has its share of 25 KILL, 8 INT and 8 TERM to the whole process group, and 8 KILL to DVC alone.
ENDS = [("KILL", True)] * 25 + [("INT", True)] * 8 + [("TERM", True)] * 8 + [("KILL", False)] * 8
PASSES = 6
HISTORY = "artifacts/critters/recipes/scratch/model/history.csv"


def mended(checkout: Checkout) -> bool:
    """Whether, with a damaged dvc.lock, a `warmstart run` puts a good one in its place; where it does not, the file is
    removed.
    """
    panel = (checkout.root / "params.yaml").read_bytes()
    work = warmstart(checkout, "run", "critters", "--quick")
    while damaged(checkout.root) and not work.ends_within(0.02):
        pass
    if not work.ends_within(0.0):
        work.send("INT", whole_group=False)
    wait_for_quiet(checkout.root)
    (checkout.root / "params.yaml").write_bytes(panel)
    good = not damaged(checkout.root)
    if not good:
        (checkout.root / "dvc.lock").unlink()
    return good


def one_pass(
    checkout: Checkout, ends: list[tuple[str, bool]], seconds: float, number: int
) -> tuple[Counter[str], list[str]]:
    """Reproduce, ended so often within so many seconds of an attempt's start; what happened, and what went wrong."""
    told, left, draws, failures = Counter[str](), list(ends), chance("pass", number), 0
    while failures < 3:
        work = dvc(checkout, "repro")
        if work.ends_within(draws.uniform(1.0, max(2.0, seconds)) if left else 900):
            if work.process.returncode == 0:
                return told, []
            failures += 1
            if damaged(checkout.root):
                told["refused for dvc.lock"] += 1
                told["mended by warmstart"] += mended(checkout)
            continue
        name, whole_group = left.pop()
        work.send(name, whole_group)
        wait_for_quiet(checkout.root)
        told[name if whole_group else "dvc alone"] += 1
        told["dvc.lock damaged"] += damaged(checkout.root)
        failures = 0
    return told, [f"never got over: {work.said().strip().splitlines()[-1:]}"]


def newer(path: Path, than: float) -> bool:
    """Whether a file is there that was written later."""
    try:
        return path.stat().st_mtime > than
    except FileNotFoundError:
        return False


@pytest.mark.long
def test_dvc_killed_while_it_prepares_images(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    work = dvc(checkout, "repro", "prepare")
    end = time.monotonic() + 60
    while (
        not list(tmp_path.glob("artifacts/critters/.images.*"))
        and not (tmp_path / "artifacts/critters/images").exists()
    ):
        assert time.monotonic() < end
        time.sleep(0.005)
    work.send("KILL", whole_group=True)
    wait_for_quiet(tmp_path)
    checkout.repro("prepare")
    assert (tmp_path / "artifacts/critters/images/meta.json").exists()
    assert not list(tmp_path.glob("artifacts/critters/.images.*"))


@pytest.mark.long
def test_repro_killed_at_random(tmp_path: Path) -> None:
    """The passes are compared with a run that nobody disturbs."""
    whole = Checkout(tmp_path / "whole")
    begin = time.monotonic()
    whole.repro()
    seconds = time.monotonic() - begin
    ends = share(ENDS, 2)
    chance("order").shuffle(ends)
    told, found, passes = Counter[str](), [], max(1, round(PASSES * len(ends) / len(ENDS)))
    for number in range(passes):
        checkout = Checkout(tmp_path / str(number))
        more, faults = one_pass(checkout, ends[number::passes], seconds / 6, number)
        told += more
        found += [f"pass {number}: {fault}" for fault in faults]
        if not faults:
            found += (
                [f"pass {number}: another table"] if json_differs(checkout.root / TABLE, whole.root / TABLE) else []
            )
            ran = checkout.repro()
            found += [f"pass {number}: afterwards ran again {sorted(ran)}"] if ran else []
    found += ["dvc.lock refused, and not mended"] if told["refused for dvc.lock"] > told["mended by warmstart"] else []
    note("6 dvc repro killed at random", found, passes=passes, ended=dict(told))
    assert not found, found


@pytest.mark.long
def test_a_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    """DVC is killed when the training's folder has appeared, or a moment later, before DVC has noted it."""
    checkout = Checkout(tmp_path)
    checkout.repro("prepare")
    found, aimed, noted = [], 0, 0
    moments = share([(delay, group) for delay in (0.0, 0.1, 0.3, 0.6) for group in (True, False)], 3)
    for number, (delay, whole_group) in enumerate(moments, 1):
        panel = checkout.root / "params.yaml"
        old = next(line for line in panel.read_text().splitlines() if line.startswith("seed:"))
        panel.write_text(panel.read_text().replace(old, f"seed: {number}"))
        path, before = checkout.root / HISTORY, time.time()
        work = dvc(checkout, "repro", "train@scratch")
        while not newer(path, before):
            assert not work.ends_within(0.002), work.said()
        trained = stamps(path)
        if work.ends_within(delay):
            noted += 1  # too late: DVC has ended
            continue
        work.send("KILL", whole_group)
        wait_for_quiet(checkout.root)
        checkout.repro("train@scratch")
        aimed += 1
        if stamps(path) != trained:
            found.append(
                f"{'all' if whole_group else 'dvc'} killed {delay} s after: {len(trained)} epochs trained again"
            )
    note("9 finished training, dvc killed before it has noted it", found, aimed=aimed, too_late=noted)
    assert not found, found
