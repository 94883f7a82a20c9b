from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data_builders import audit_report, finding_record
from finished_recipes import write_images, write_recipe
from record_builders import run_identity
from warmstart.comparison.compare import build_comparison, compare
from warmstart.comparison.made import RecipeMade, how_made
from warmstart.errors import UserError
from warmstart.records.training_summary import SeedSummary

CONFIG = """
seed: 7
optimizer: {_target_: torch.optim.RMSprop, lr: 0.0004, alpha: 0.9}
schedule: {name: quick, epochs: 3, batch_size: 20}
augment: {affine: {_target_: albumentations.Affine}, flip: null}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_images(tmp_path)
    write_recipe(tmp_path, "scratch", "scratch", wrong=12)
    write_recipe(tmp_path, "features", "transfer", wrong=4)
    return tmp_path


def made(root: Path) -> list[RecipeMade]:
    return how_made(build_comparison(root, ["scratch", "features"]).finished)


def text_of(root: Path) -> str:
    compare(root, ["scratch", "features"], root / "report")
    return " ".join((root / "report/index.html").read_text().split())


def test_the_configuration_and_the_commit_of_each_training_are_told(root: Path) -> None:
    folder = root / "recipes/scratch/model"
    (folder / "config.yaml").write_text(CONFIG)
    run_identity(git_commit="0123456789abcdef", created=0.0).write(folder / "run.json")
    scratch, features = made(root)
    assert (scratch.optimizer, scratch.batch, scratch.commit) == ("RMSprop, 0.0004", "20", "0123456789abcdef")
    assert scratch.config is not None and list(scratch.config.augment) == ["affine"]
    assert features.config is None and (features.optimizer, features.batch) == ("–", "–")
    page = text_of(root).split("How this was made")[1]
    assert "0123456789" in page and "1970-01-01 00:00" in page and "albumentations.Affine" in page


def test_of_several_seeds_the_first_and_the_last_are_told(root: Path) -> None:
    (root / "recipes/scratch/model/config.yaml").write_text(CONFIG)
    first = made(root)[0]
    seeds = [SeedSummary(7 + i, 1, 1, first.recipe.summary.kept, first.recipe.summary.last, 1.0) for i in range(3)]
    several = replace(first, recipe=replace(first.recipe, summary=replace(first.recipe.summary, seeds=seeds)))
    assert (first.seeds, several.seeds, made(root)[1].seeds) == ("7", "7–9", "–")


def test_a_fit_on_all_images_has_no_batch_size(root: Path) -> None:
    text = CONFIG.replace("RMSprop, lr: 0.0004, alpha: 0.9", "LBFGS")
    (root / "recipes/features/model/config.yaml").write_text(text)
    assert (made(root)[1].batch, made(root)[1].optimizer) == ("all", "LBFGS")


@pytest.mark.parametrize("text", ["- a list", "seed: 1", "a: b: c", "seed: [1\n"])
def test_a_damaged_configuration_is_named(root: Path, text: str) -> None:
    (root / "recipes/scratch/model/config.yaml").write_text(text)
    with pytest.raises(UserError, match=r"scratch.model.config\.yaml.*train@scratch"):
        made(root)


@pytest.mark.parametrize(
    ("changes", "last"),
    [
        ({"kept_epoch": 3}, True),
        ({"kept_epoch": 2}, False),
        ({"kept_epoch": 1, "epochs": 1}, False),  # there was no choice
        ({"kept_epoch": 3, "phase": "probe"}, False),  # fitted until it has converged
    ],
)
def test_a_best_epoch_that_was_the_last_is_said_beside_the_verdict(
    root: Path, changes: dict[str, int | str], last: bool
) -> None:
    scratch, features = made(root)
    summaries = [replace(scratch.recipe.summary, **{"epochs": 3, **changes}), replace(features.recipe.summary)]
    for recipe, summary in zip(("scratch", "features"), summaries, strict=True):
        replace(summary, kept_epoch=summary.kept_epoch if recipe == "scratch" else 1).write(
            root / "recipes" / recipe / "model/summary.json"
        )
    assert [one.best_was_last for one in made(root)] == [last, False]
    assert ("best epoch was the last of scratch" in text_of(root).split("</header>")[0]) is last


@pytest.mark.parametrize(("name", "said"), [("quick", True), ("own", False)])
def test_the_short_schedule_is_said_beside_the_verdict(root: Path, name: str, said: bool) -> None:
    for recipe in ("scratch", "features"):
        (root / "recipes" / recipe / "model/config.yaml").write_text(CONFIG.replace("quick", name))
    assert ("short schedule" in text_of(root).split("</header>")[0]) is said


def test_the_audit_is_told_in_short(root: Path) -> None:
    assert "audit/index.html" not in text_of(root)
    (root / "audit").mkdir()
    finding = finding_record(title="<Two> are the same", count=17, of=40)
    audit_report(finding, verdict="One thing was found").write(root / "audit/audit.json")
    page = text_of(root)
    assert "One thing was found" in page and "&lt;Two&gt; are the same" in page and "17<small>of 40" in page
    assert '<a href="../audit/index.html">' in page
