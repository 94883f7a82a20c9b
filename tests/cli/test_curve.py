"""`warmstart curve` leaves params.yaml as it was where nothing can come of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from warmstart.cli import curve
from warmstart.cli.checkout import Checkout
from warmstart.errors import UserError


@pytest.fixture
def reported(checkout: Checkout) -> bytes:
    """A checkout with a report; gives the content of its params.yaml."""
    table = checkout.report(checkout.current_dataset())
    table.parent.mkdir(parents=True)
    table.write_text("{}")
    return (checkout.root / "params.yaml").read_bytes()


def run_in(warm: Any, monkeypatch: pytest.MonkeyPatch, fails: str, *words: str) -> tuple[int, str]:
    """The exit status and the errors of a curve whose command with the word ``fails`` fails."""

    def run(self: Any, typed: Sequence[str]) -> None:
        if fails in " ".join(typed):
            raise UserError("cannot be resolved")

    monkeypatch.setattr(curve.Runner, "__call__", run)
    code, _, err = warm("curve", *words)
    return code, err


def test_settings_that_cannot_be_resolved_are_taken_back(
    checkout: Checkout, reported: bytes, warm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, err = run_in(warm, monkeypatch, "compose", "scratch", "--seeds", "2")
    assert code == 1 and "cannot be resolved" in err
    assert (checkout.root / "params.yaml").read_bytes() == reported


def test_a_curve_that_breaks_later_stays_asked_for(
    checkout: Checkout, reported: bytes, warm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _ = run_in(warm, monkeypatch, "learning_curve@", "scratch", "--seeds", "2", "--shares", "0.5,1")
    assert code == 1
    params = checkout.params()
    assert params["learning_curve"] == ["scratch"]
    assert params["set"]["learning_curve"] == {"shares": [0.5, 1.0], "seeds": 2}


def test_without_a_report_nothing_is_trained(checkout: Checkout, warm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (checkout.root / "params.yaml").read_bytes()
    code, err = run_in(warm, monkeypatch, "dvc", "scratch")
    assert code == 1 and "warmstart run" in err and "cannot be resolved" not in err
    assert (checkout.root / "params.yaml").read_bytes() == before


@pytest.mark.parametrize("shares", ["0", "2", "x", "", "0.5,,1", "nan"])
def test_shares_that_are_none_are_refused(
    checkout: Checkout, reported: bytes, warm: Any, monkeypatch: pytest.MonkeyPatch, shares: str
) -> None:
    code, err = run_in(warm, monkeypatch, "dvc", f"--shares={shares}")
    assert code and "--shares" in err
    assert (checkout.root / "params.yaml").read_bytes() == reported
