"""A recipe that breaks does not keep the later ones from running; what failed and what was skipped is named
at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from _recipes import compose_recipes
from report_table import write_table
from support import CHECKOUT
from warmstart.cli import run
from warmstart.cli.checkout import Checkout
from warmstart.cli.jobs import PUBLISH, REPORT, Outcome, run_recipes
from warmstart.cli.recipes import by_cost
from warmstart.cli.runner import CommandError
from warmstart.config.stages import recipe_configs

Warm = Callable[..., tuple[int, str, str]]
NAMES = ["linear_probe", "scratch", "features_augmented", "fine_tune"]


@cache
def composed(names: tuple[str, ...]) -> dict[str, Any]:
    return compose_recipes([f"recipes=[{','.join(names)}]"], CHECKOUT)[1]


def played(
    checkout: Checkout, broken: str, names: Sequence[str] = NAMES, quick: bool = False
) -> tuple[Outcome, list[str]]:
    """What comes of it when a stage always breaks, and the commands that were given."""
    typed: list[str] = []

    def do(command: list[str]) -> None:
        typed.append(" ".join(command))
        kind, _, recipe = broken.partition("@")
        runs = {
            "audit": "audit" in command,
            "train": recipe in typed[-1] or command == ["dvc", "repro"],
            "evaluate": f"@{recipe}" in typed[-1],
            "interpret": f"interpret@{recipe}" in command or command == ["dvc", "repro"],
            "compare": "compare" in command,
            "publish": "publish" in command or command == ["dvc", "repro"],
            "learning_curve": command == ["dvc", "repro"],
        }
        if broken and runs.get(kind, True):
            raise CommandError(f"{broken} cannot be", broken)

    outcome = Outcome()
    run_recipes(
        by_cost(recipe_configs(composed(tuple(names)))),
        quick,
        do,
        lambda recipe: None,
        outcome,
    )
    return outcome, typed


def test_all_goes_well(checkout: Checkout) -> None:
    outcome, typed = played(checkout, "")
    assert outcome.good and outcome.finished == NAMES and typed[-1] == "dvc repro"


def test_a_learning_curve_that_breaks_keeps_back_no_report(checkout: Checkout) -> None:
    outcome, typed = played(checkout, "learning_curve@scratch")
    assert outcome.finished == NAMES and list(outcome.failed) == ["learning_curve@scratch"]
    assert typed[-4:] == ["dvc repro", f"dvc repro interpret@{NAMES[0]}", *(" ".join(job) for job in (REPORT, PUBLISH))]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_that_breaks_keeps_back_only_what_starts_from_it(checkout: Checkout, name: str) -> None:
    outcome, typed = played(checkout, f"train@{name}")
    skipped = {"fine_tune": "features_augmented"} if name == "features_augmented" else {}
    assert outcome.failed == {name: f"train@{name} cannot be"} and outcome.skipped == skipped
    assert outcome.finished == [other for other in NAMES if other != name and other not in skipped]
    assert "dvc repro" not in typed, "which would train it again"
    assert typed[-1] == "dvc repro --single-item publish"
    assert sum(f"@{name}" in line for line in typed) == 1


def test_what_is_trained_may_be_started_from_even_if_it_cannot_be_measured_or_looked_into(checkout: Checkout) -> None:
    outcome, _ = played(checkout, "evaluate@features_augmented")
    assert "fine_tune" in outcome.finished and "features_augmented" not in outcome.finished and not outcome.skipped
    outcome, _ = played(checkout, "interpret@features_augmented")
    assert outcome.finished == NAMES and list(outcome.failed) == ["features_augmented"]


@pytest.mark.parametrize("stage", ["audit", "compare", "publish"])
def test_pages_that_break_keep_no_recipe_back(checkout: Checkout, stage: str) -> None:
    outcome, typed = played(checkout, stage)
    assert list(outcome.failed) == [stage] and all(any(f"@{name}" in line for line in typed) for name in NAMES)
    assert outcome.finished == ([] if stage == "compare" else NAMES)


@pytest.mark.parametrize("stage", ["compose", "watch", "prepare", "feature_extract", ""])
def test_what_concerns_all_recipes_ends_the_run(checkout: Checkout, stage: str) -> None:
    with pytest.raises(CommandError):
        played(checkout, stage or "?")


def test_the_command_names_what_failed_and_goes_out_with_a_failure(
    checkout: Checkout, photos: Path, commands: list[str], warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = run.Runner.__call__

    def breaking(self: Any, words: Sequence[str]) -> None:
        if words[-1] == "interpret@features_augmented":
            raise CommandError(
                "the loss is no longer a number\n(everything that was printed: some.log)", "train@features_augmented"
            )
        recorded(self, words)

    monkeypatch.setattr(run.Runner, "__call__", breaking)
    code, out, err = warm("run", photos, "--only", "linear_probe,scratch,fine_tune")
    assert code == 1 and "scratch: right on" in out and "report/index.html" in out
    assert "failed: features_augmented: the loss is no longer a number" in err and "some.log" in err
    assert "skipped: fine_tune, which starts from features_augmented" in err
    assert checkout.option("my_photos").exists()


def test_nothing_finished_is_said_without_a_report(
    checkout: Checkout, photos: Path, commands: list[str], warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = run.Runner.__call__

    def breaking(self: Any, words: Sequence[str]) -> None:
        self.trained = True
        if "repro" in words:
            raise CommandError("no", f"train@{words[-1].partition('@')[2]}")
        recorded(self, words)

    monkeypatch.setattr(run.Runner, "__call__", breaking)
    code, out, err = warm("run", photos, "--quick")
    assert code == 1 and "failed: linear_probe: no" in err and "report:" not in out
    write_table(checkout, "my_photos", ["scratch"])  # of an earlier run
    code, out, _ = warm("run", photos)
    assert code == 1 and "report:" not in out
