"""What pretraining, the architecture and training more layers are worth, of planted predictions."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import pytest

from finished_recipes import write_images, write_recipe
from warmstart.comparison.compare import Comparison, build_comparison, compare
from warmstart.comparison.effects import Effect
from warmstart.records.comparison import ComparisonTable
from warmstart.statistics.multiple_tests import holm
from warmstart.statistics.paired_tests import mcnemar, newcombe_interval
from warmstart.tracking.final_metrics import comparison_metrics

SMALL = {"kind": "convnet", "size": 16}
BACKBONE = {"kind": "transfer", "backbone": "efficientnet_lite0", "size": 16, "train_batch_norm": False}
PLANTED: dict[str, tuple[str, str, dict[str, Any], int, float]] = {  # family, phase, network, wrong, validation
    "scratch": ("scratch", "scratch", SMALL, 20, 0.8),
    "scratch_augmented": ("scratch", "scratch_augmented", SMALL, 14, 0.85),
    "features_augmented": ("transfer", "frozen", BACKBONE, 13, 0.9),
    "fine_tune": ("transfer", "fine_tune", BACKBONE, 12, 0.9),
    "scratch_backbone": ("scratch", "scratch_backbone", BACKBONE | {"train_batch_norm": True}, 15, 0.7),
    "fine_tune_all": ("transfer", "fine_tune_all", BACKBONE, 1, 0.95),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_images(tmp_path)
    return tmp_path


def plant(root: Path, *names: str, **networks: dict[str, Any]) -> Comparison:
    for name in names:
        family, phase, network, wrong, val = PLANTED[name]
        network = networks.get(name, network)
        write_recipe(root, name, family, wrong=wrong, val=val, phase=phase, network=network)
    return build_comparison(root, names)


def test_each_effect_is_of_the_pair_that_differs_in_it_alone(root: Path) -> None:
    effects = {one.effect: one for one in plant(root, *PLANTED).effects}
    assert {effect: (one.more, one.less) for effect, one in effects.items()} == {
        Effect.PRETRAINING: ("fine_tune_all", "scratch_backbone"),
        Effect.ARCHITECTURE: ("scratch_backbone", "scratch_augmented"),  # the better of the small ones on validation
        Effect.LAST_BLOCK: ("fine_tune", "features_augmented"),
        Effect.ALL_LAYERS: ("fine_tune_all", "features_augmented"),
    }
    pretraining = effects[Effect.PRETRAINING]
    assert pretraining.paired.difference == newcombe_interval(25, 14, 0, 1)
    assert pretraining.paired.p == mcnemar(14, 0) and pretraining.p == pytest.approx(4 * mcnemar(14, 0))
    assert [effect for effect, one in effects.items() if one.clear] == [Effect.PRETRAINING, Effect.ALL_LAYERS]


def test_the_sentences_say_what_helps_and_what_may_be_chance(root: Path) -> None:
    verdict = plant(root, *PLANTED).verdict_record()
    sentences = {effect.name: effect.sentence for effect in verdict.effects}
    assert sentences["pretraining"].startswith("Pretraining helps: +35.0 points [")
    assert "fine_tune_all against scratch_backbone, the same network with and without it" in sentences["pretraining"]
    assert "makes no difference beyond the noise: −2.5 points" in sentences["architecture"]
    assert "makes no difference beyond the noise: +2.5 points" in sentences["last_block"]
    assert verdict.not_measured == []


def test_a_network_that_has_learned_nothing_is_no_evidence_by_itself(root: Path) -> None:
    comparison = plant(root, "scratch_backbone", "fine_tune_all")
    assert "longer training" not in comparison.verdict_record().effects[0].sentence
    write_recipe(root, "scratch_backbone", "scratch", wrong=30, phase="scratch_backbone", network=BACKBONE)
    sentence = build_comparison(root, ["scratch_backbone", "fine_tune_all"]).verdict_record().effects[0].sentence
    assert sentence.endswith(
        "But scratch_backbone is not clearly better than always saying cat: longer training may change this."
    )


def test_without_the_pair_nothing_is_said_of_pretraining_but_how_to_measure_it(root: Path) -> None:
    verdict = plant(root, "scratch", "features_augmented", "fine_tune").verdict_record()
    assert [effect.name for effect in verdict.effects] == ["last_block"]
    assert any("networks differ too" in reason for reason in verdict.reasons)
    first, second, add = verdict.not_measured
    assert first == (
        "What pretraining alone is worth is not measured: fine_tune_all and scratch_backbone have no result yet."
    )
    assert second == "What the larger network alone is worth is not measured: scratch_backbone has no result yet."
    assert "python pipelines/choose.py data=critters 'recipes=[scratch,features_augmented,fine_tune," in add
    assert "helps" not in " ".join([verdict.answer, *verdict.reasons, verdict.advice])


def test_other_networks_are_no_pair(root: Path) -> None:
    comparison = plant(root, *PLANTED, fine_tune_all=BACKBONE | {"size": 32})
    assert not any(one.more == "fine_tune_all" for one in comparison.effects)
    assert "different networks or image sizes" in " ".join(comparison.verdict_record().not_measured)


def test_recipes_of_one_family_are_not_asked_about_pretraining(root: Path) -> None:
    verdict = plant(root, "scratch", "scratch_augmented").verdict_record()
    assert verdict.effects == [] and verdict.not_measured == []


def test_the_same_networks_are_not_called_different(root: Path) -> None:
    verdict = plant(root, "scratch_backbone", "fine_tune_all").verdict_record()
    assert not any("networks differ" in reason for reason in verdict.reasons)
    assert verdict.not_measured[-1].startswith("To measure it, add scratch:")


def test_a_recipe_that_is_listed_is_waited_for(root: Path) -> None:
    plant(root, "scratch", "fine_tune")
    listed = ["scratch", "fine_tune", "scratch_backbone", "fine_tune_all"]
    sentences = build_comparison(root, listed).verdict_record().not_measured
    assert len(sentences) == 2 and not any("choose.py" in sentence for sentence in sentences)


def test_page_table_and_mlflow_have_them(root: Path) -> None:
    plant(root, *PLANTED)
    compare(root, list(PLANTED), root / "report")
    table = ComparisonTable.read(root / "report" / "table.json")
    page = (root / "report" / "index.html").read_text(encoding="utf-8")
    assert all(f"<li>{escape(effect.sentence)}</li>" in page for effect in table.verdict.effects)
    assert "Holm" in page
    metrics, paired = comparison_metrics(table), table.verdict.effects[0].paired
    assert metrics["effect/pretraining"] == paired.difference.value
    assert metrics["effect/pretraining_low"] == paired.difference.low
    assert metrics["effect/pretraining_p"] == table.verdict.effects[0].p


def test_holms_correction() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0] and holm([]) == []
