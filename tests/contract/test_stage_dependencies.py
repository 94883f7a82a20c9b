"""What dvc.yaml says of the stages fits the entry points, the listings and the code that composes."""

from __future__ import annotations

import pytest
import yaml

from support import CHECKOUT
from warmstart.config.views import CURVE_STAGE, DATA_STAGES, RECIPE_STAGES
from warmstart.inputs import write
from warmstart.inputs.code import PLUMBING, Code

STAGES = {
    name: item.get("do", item) for name, item in yaml.safe_load((CHECKOUT / "dvc.yaml").read_text())["stages"].items()
}
RUN = [name for name in STAGES if name not in ("compose", "list_inputs")]


@pytest.mark.parametrize("stage", RUN)
def test_every_stage_watches_its_configuration_and_its_listing(stage: str) -> None:
    watched = STAGES[stage]["deps"]
    recipe = next((word for word in ("${key}", "${item}") if f"conf/{word} " in STAGES[stage]["cmd"]), "")
    folder = f"artifacts/${{data}}/conf/{recipe}/" if recipe else "artifacts/${data}/conf/"
    assert f"{folder}{'${item.stage}' if stage == 'train' else stage}.yaml" in watched
    assert f"artifacts/${{data}}/inputs/{stage}{f'/{recipe}' if recipe else ''}" in watched


def test_every_stage_is_listed_and_composed() -> None:
    assert set(RUN) == {*write.DATA_STAGES, *write.RECIPE_STAGES, write.CURVE_STAGE}
    assert set(RUN) == {*DATA_STAGES, *RECIPE_STAGES, *CURVE_STAGE, "train"}


def test_composition_watches_all_it_imports() -> None:
    watched = tuple(STAGES["compose"]["deps"])
    code = Code(CHECKOUT)
    seen, waiting = set(), ["pipelines/compose.py"]
    while waiting:  # the entry points' plumbing is what composes
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        assert path.startswith((*watched, *PLUMBING)), path
        if path.startswith(("pipelines/", "src/warmstart/config")):
            waiting += [
                found for found in code.reached([path]) if found.startswith(("pipelines/", "src/warmstart/config"))
            ]


@pytest.mark.parametrize("stage", RUN)
def test_views_are_no_inputs_of_work(stage: str) -> None:
    if stage != "publish":
        assert not [dependency for dependency in STAGES[stage]["deps"] if "mlruns" in dependency]


def test_every_watched_file_exists() -> None:
    for stage, item in STAGES.items():
        for dependency in item["deps"]:
            if not dependency.startswith("artifacts"):
                assert (CHECKOUT / dependency).exists(), f"{stage}: {dependency}"
