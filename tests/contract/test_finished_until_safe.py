"""Under DVC, a finished training is kept until a later stage of it has run: only then DVC has noted the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from _stage import do_work
from _stage_paths import StagePaths
from record_builders import evaluation_metrics, run_identity
from support import CHECKOUT
from warmstart.files.plain import write_json
from warmstart.records.training_state import TrainingInputs
from warmstart.training.resume import resume_state
from warmstart.training.state_folders import list_states

STAGES = {"evaluate": {"scratch"}, "publish": {"scratch", "dense"}}
CONFIG = {"data": {"name": "critters"}, "recipe": {"name": "scratch"}, "evaluate": {}, "trainer": {}}


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The work of an entry point, without what it calls."""
    monkeypatch.setattr("_stage.check_prepared", lambda *_: None)
    monkeypatch.setattr("warmstart.evaluation.evaluate_recipe.evaluate", lambda *_, **__: evaluation_metrics())
    monkeypatch.setattr("warmstart.tracking.publish.publish", lambda *_: None)

    def _work(stage: str, paths: StagePaths) -> None:
        names: dict[str, Any] = {"__name__": stage}
        exec(compile((CHECKOUT / f"pipelines/{stage}.py").read_text(), stage, "exec"), names)
        do_work(names["work"], CONFIG, paths)

    return _work


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", ["dvc", "hand"])
def test_later_stages_forget_what_is_safe(tmp_path: Path, work: Any, stage: str, kind: str) -> None:
    paths = StagePaths(tmp_path / "artifacts/critters", tmp_path, kind, tmp_path / "out", tmp_path / "hand", stage)
    for recipe in ("scratch", "dense"):
        inputs = TrainingInputs({"recipe": recipe}, {}, {})
        with resume_state(paths.state, inputs, run_identity(recipe=recipe), {}, tmp_path):
            pass
    write_json(tmp_path / "out/x.json", {})
    work(stage, paths)
    left = {run.recipe for _, run in list_states(paths.state) if run}
    assert left == {"scratch", "dense"} - (STAGES[stage] if kind == "dvc" else set())
