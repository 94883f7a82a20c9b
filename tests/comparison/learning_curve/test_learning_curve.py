"""The stage: real trainings on parts of the tiny dataset, finished ones kept, and what the report makes of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from support import Configure, Folders, training_parts, typed_config
from warmstart.comparison.learning_curve import train_points
from warmstart.comparison.learning_curve.finished_curve import find_curves
from warmstart.comparison.learning_curve.points import Point
from warmstart.comparison.learning_curve.stage import learning_curve
from warmstart.comparison.learning_curve.train_points import Places, Training
from warmstart.config.schema import LearningCurveOptions
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.models.checkpoint import load_model
from warmstart.records.learning_curve import PointRow
from warmstart.training.train_recipe import train

OPTIONS = LearningCurveOptions(shares=[0.25, 1.0], seeds=2)
Run = Callable[..., list[PointRow]]


@pytest.fixture
def run(configure: Configure, tiny: Folders, tmp_path: Path) -> Run:
    """Run the stage for recipes, the last of which is the one that the curve is of."""

    def _make(point: Point) -> Training:
        config = configure(point.recipe, f"seed={point.seed}", f"train_share={point.share}", "schedule.epochs=1")
        stage = "fine_tune" if point.recipe == "fine_tune" else "train"
        return Training(typed_config(stage, config), training_parts(config), stage, {})

    def _run(*recipes: str, images: Path = tiny.images, options: LearningCurveOptions = OPTIONS) -> list[PointRow]:
        return learning_curve(
            [typed_config("train", configure(name)).recipe for name in recipes],
            options,
            _make,
            seed=7,
            places=Places(images, tiny.features, tmp_path / "state", tmp_path / "points"),
            out_dir=tmp_path / "recipes" / recipes[-1] / "learning_curve",
        )

    return _run


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, int]]:
    """The trainings that are really made: recipe, share, seed."""
    made: list[tuple[str, float, int]] = []

    def counted(config, *arguments, **options):  # type: ignore[no-untyped-def]
        made.append((config.recipe.name, config.train_share, config.seed))
        return train(config, *arguments, **options)

    monkeypatch.setattr(train_points, "train", counted)
    return made


def test_every_size_and_seed_is_trained_on_its_share_and_measured(run: Run, tiny: Folders, tmp_path: Path) -> None:
    rows = run("scratch")
    assert [(row.share, row.n, row.seed) for row in rows] == [(0.25, 12, 7), (0.25, 12, 8), (1.0, 48, 7), (1.0, 48, 8)]
    store = ImageStore(tiny.images)
    (found,) = find_curves(tmp_path, ["scratch", "features"], store)
    accuracy = (found.probabilities.argmax(-1) == store.labels("test")).mean(axis=-1)
    assert accuracy.ravel() == pytest.approx([row.accuracy for row in rows])
    assert found.probabilities.sum(axis=-1) == pytest.approx(np.ones((2, 2, 16)), abs=1e-5)


def test_what_is_finished_is_not_trained_again(run: Run, trainings: list[tuple[str, float, int]]) -> None:
    first = run("scratch")
    trainings.clear()
    assert run("scratch") == first
    assert not trainings
    run("scratch", options=LearningCurveOptions(shares=[0.25, 0.5, 1.0], seeds=2))
    assert trainings == [("scratch", 0.5, 7), ("scratch", 0.5, 8)]


def test_an_interrupted_curve_goes_on(
    run: Run, trainings: list[tuple[str, float, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        counted = train_points.train

        def stopped(*arguments, **options):  # type: ignore[no-untyped-def]
            if len(trainings) == 2:
                raise KeyboardInterrupt
            return counted(*arguments, **options)

        patch.setattr(train_points, "train", stopped)
        with pytest.raises(KeyboardInterrupt):
            run("scratch")
    run("scratch")
    assert len(trainings) == len(set(trainings)) == 4


def test_fine_tuning_starts_from_the_network_of_its_own_size_and_seed(
    run: Run, tiny: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[tuple[float, int, torch.Tensor]] = []
    ends: dict[tuple[float, int], torch.Tensor] = {}

    def watched(config, *arguments, **options):  # type: ignore[no-untyped-def]
        key = config.train_share, config.seed
        if options["init_from"]:
            starts.append((*key, _head(options["init_from"])))
        summary = train(config, *arguments, **options)
        if not options["init_from"]:
            ends[key] = _head(options["out_dir"] / "model.ckpt")
        return summary

    monkeypatch.setattr(train_points, "train", watched)
    run("features_augmented", "fine_tune", options=LearningCurveOptions(shares=[0.5, 1.0], seeds=1))
    assert len(starts) == 2
    for share, seed, weight in starts:
        assert torch.equal(weight, ends[share, seed])
    assert not list((tmp_path / "points").rglob("*.ckpt")), "networks are kept no longer than they are needed"


def test_networks_that_interrupted_curves_have_left_go_after_a_while(run: Run, tmp_path: Path) -> None:
    old, new = (tmp_path / "points" / name / train_points.CHECKPOINT for name in ("old", "new"))
    for file in (old, new):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"weights")
        (file.parents[1] / train_points.POINT_FILE).write_text("{}")
    os.utime(old, (0, 0))
    run("scratch", options=LearningCurveOptions(shares=[1.0], seeds=1))
    assert new.exists() and not old.parent.exists()
    assert (old.parents[1] / train_points.POINT_FILE).exists(), "results stay"


def test_images_in_folds_have_no_learning_curve(run: Run, folded: Folders) -> None:
    with pytest.raises(UserError, match=r"data\.folds"):
        run("scratch", images=folded.images)


def test_a_curve_of_other_images_or_seeds_is_left_out(
    run: Run, tiny: Folders, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run("scratch")
    run("scratch_batchnorm", options=LearningCurveOptions(shares=[0.25, 1.0], seeds=1))
    names = ["scratch", "scratch_batchnorm"]
    assert [curve.origin.recipe for curve in find_curves(tmp_path, names, ImageStore(tiny.images))] == ["scratch"]
    assert "scratch_batchnorm" in caplog.text


def test_a_damaged_curve_is_named_with_its_remedy(run: Run, tiny: Folders, tmp_path: Path) -> None:
    run("scratch", options=LearningCurveOptions(shares=[1.0], seeds=1))
    file = tmp_path / "recipes/scratch/learning_curve/probabilities.npy"
    np.save(file, np.zeros((5, 16, 2), dtype=np.float32))
    with pytest.raises(UserError, match=r"probabilities\.npy.*learning_curve@scratch"):
        find_curves(tmp_path, ["scratch"], ImageStore(tiny.images))


def _head(checkpoint: Path) -> torch.Tensor:
    return [*load_model(checkpoint).parameters()][-2]
