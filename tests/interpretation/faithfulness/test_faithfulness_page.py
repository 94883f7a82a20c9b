from __future__ import annotations

import copy
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from warmstart.cli.stage_view import PROGRESS
from warmstart.config.schema import Interpret
from warmstart.errors import UserError
from warmstart.interpretation.faithfulness.faithfulness_page import write_scores
from warmstart.interpretation.subject import Subject

Make = Callable[..., Any]


def run(made: Any, out: Path, **options: Any) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    model, store, examples = made
    chosen = Interpret(**{"scored": 32, "steps": 6, **options})
    summary = write_scores(Subject(model, "patches", store, examples, chosen), out)
    return summary, json.loads((out / "scores.json").read_text())


def outcomes(filed: dict[str, Any]) -> dict[str, str]:
    return {c["name"]: c["outcome"] for c in filed["verdict"]["criteria"]}


@pytest.mark.parametrize("classes", [("red", "blue"), ("red", "blue", "green")])
def test_maps_of_a_network_that_looks_at_the_evidence_are_trusted(
    patches: Make, tmp_path: Path, classes: tuple[str, ...]
) -> None:
    summary, filed = run(patches(classes), tmp_path / "out")
    assert summary is not None and summary["trusted"] is True and summary["verdict"] == "these maps may be trusted"
    assert outcomes(filed) == dict.fromkeys(
        [
            "shows evidence",
            "better than the middle",
            "in the right cells",
            "depends on what was learned",
            "stable under noise",
            "on the evidence",
        ],
        "passed",
    )
    scores = filed["scores"]
    assert summary["mosaic_energy"] == scores["mosaic_energy"]
    assert scores["evidence_energy"]["value"] > 0.6 and scores["evidence_lift"]["value"] > 8
    assert scores["evidence_pointing_game"]["value"] == scores["pointing_game"]["value"] == 1
    assert scores["mosaic_energy"]["value"] > 0.9
    assert all(s["low"] <= s["value"] <= s["high"] and s["n"] > 0 for s in scores.values())
    assert filed["images"] == {c: 32 // len(classes) for c in classes}
    assert filed["layer"] == "features" and filed["map"] == [8, 8]
    assert filed["endpoints"]["clean"].keys() == set(classes)
    for picture in ("scores.png", "examples.png"):
        image = Image.open(tmp_path / "out" / picture)
        assert image.width > 900 and len(image.getcolors(1 << 24) or []) > 20


def test_the_control_that_ignores_the_network_fails(patches: Make, tmp_path: Path) -> None:
    _, filed = run(patches(), tmp_path / "out")
    control = filed["failing_control"]
    assert control["name"] == "edges" and control["verdict"]["trusted"] is False
    assert filed["controls"]["edges"]["randomised_head_spearman"]["value"] == pytest.approx(1)
    assert {c["name"] for c in control["verdict"]["criteria"] if c["outcome"] == "failed"} >= {
        "depends on what was learned"
    }


def test_maps_from_a_wrong_layer_are_not_trusted(patches: Make, tmp_path: Path) -> None:
    summary, filed = run(patches(), tmp_path / "out", layer="mirrored.2")
    assert summary is not None and summary["trusted"] is False and "not to be trusted" in summary["verdict"]
    failed = {name for name, outcome in outcomes(filed).items() if outcome == "failed"}
    assert {"in the right cells", "on the evidence"} <= failed
    assert filed["layer"] == "mirrored.2"


def test_each_part_of_the_work_is_said_with_its_count(
    patches: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In words that the command ``warmstart`` shows as they come."""
    with caplog.at_level(logging.INFO):
        run(patches(n=16), tmp_path / "out", scored=8, steps=2)
    said = [message for message in caplog.messages if PROGRESS.match(message)]
    assert [message.rpartition(":")[2].strip() for message in said if "scores" in message] == [
        "1 of 3",
        "2 of 3",
        "3 of 3",
    ]
    assert all(any(what in message for message in said) for what in ("deletion", "mosaics", "random weights", "noise"))


def test_the_model_is_left_as_it_was(patches: Make, tmp_path: Path) -> None:
    made = patches()
    model = made[0]
    before = copy.deepcopy(model.state_dict())
    modes = [m.training for m in model.modules()]
    run(made, tmp_path / "out")
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert [m.training for m in model.modules()] == modes
    assert all(p.grad is None and p.requires_grad for p in model.parameters())
    assert not any(m._forward_hooks for m in model.modules())


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(patches: Make, tmp_path: Path) -> None:
    made = patches(n=40)
    options = {"scored": 16, "steps": 3}
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        run(made, tmp_path / name, seed=seed, **options)
    for file in ("scores.json", "scores.png", "examples.png"):
        a, b, c = ((tmp_path / name / file).read_bytes() for name in "abc")
        assert a == b != c


def test_the_batch_size_changes_nothing(patches: Make, tmp_path: Path) -> None:
    made = patches(n=40)
    for size in (5, 64):
        run(made, tmp_path / str(size), scored=16, steps=3, batch_size=size)
    a, b = (json.loads((tmp_path / str(size) / "scores.json").read_text())["scores"] for size in (5, 64))
    assert all(a[key]["value"] == pytest.approx(b[key]["value"], abs=1e-5) for key in a)


def test_flat_maps_score_chance_and_are_not_trusted(patches: Make, tmp_path: Path) -> None:
    made = patches()
    torch.nn.init.zeros_(made[0].network.head.weight)
    summary, filed = run(made, tmp_path / "out")
    assert summary is not None and summary["trusted"] is False and summary["blank"]["value"] == 1
    scores = filed["scores"]
    assert scores["mosaic_energy"]["value"] == scores["pointing_game"]["value"] == pytest.approx(0.5)
    assert scores["insertion_minus_deletion"]["value"] == pytest.approx(0)
    assert scores["evidence_lift"]["value"] == pytest.approx(1)
    assert scores["noise_spearman"] is None
    assert outcomes(filed)["shows evidence"] == "failed" and "passed" not in outcomes(filed).values()


def test_answers_that_are_not_numbers_are_refused(patches: Make, tmp_path: Path) -> None:
    made = patches()
    torch.nn.init.constant_(made[0].network.head.weight, float("nan"))
    with pytest.raises(UserError, match="not numbers"):
        run(made, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_too_few_images_are_no_trust(patches: Make, tmp_path: Path) -> None:
    summary, filed = run(patches(n=12), tmp_path / "out")
    assert summary is not None and summary["trusted"] is None and filed["n"] == 12
    assert outcomes(filed)["better than the middle"] == outcomes(filed)["in the right cells"] == "not scored"
    assert "of 16 at least" in filed["verdict"]["criteria"][1]["line"]


def test_one_class_alone_has_no_mosaics(patches: Make, tmp_path: Path) -> None:
    model, store, examples = patches()
    summary, filed = run((model, store, [e for e in examples if e.label == 0]), tmp_path / "out")
    assert summary is not None and summary["trusted"] is not True
    assert (
        "two classes" in filed["not_scored"]["localisation"] and outcomes(filed)["in the right cells"] == "not scored"
    )


def test_a_network_without_a_feature_map_says_so(
    patches: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = patches()
    monkeypatch.setattr(type(made[0].network), "cam_layer", None)
    summary, filed = run(made, tmp_path / "out")
    assert summary is None and filed["scored"] is False and "no feature map" in filed["why"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["scores.json"]


def test_nothing_scored_on_request(patches: Make, tmp_path: Path) -> None:
    summary, filed = run(patches(), tmp_path / "out", scored=0)
    assert summary is None and filed["scored"] is False and "interpret.scored" in filed["why"]


def test_layers_that_do_not_serve_are_named(patches: Make, tmp_path: Path) -> None:
    made = patches()
    with pytest.raises(UserError, match=r"interpret.layer is 'feature'.*features"):
        run(made, tmp_path / "out", layer="feature")
    with pytest.raises(UserError, match="not maps"):
        run(made, tmp_path / "out", layer="head")
