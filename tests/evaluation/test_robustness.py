"""Corrupted images are what the paper says, the same each time, and worse from severity to severity; and what
`evaluate` writes of them agrees with its other files.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from support import Configure, Folders, typed_config
from warmstart.dataset.image_store import ImageStore
from warmstart.evaluation.corruptions import CORRUPTIONS, SEVERITIES, corrupt
from warmstart.evaluation.evaluate_recipe import evaluate
from warmstart.evaluation.robustness import CONDITIONS, stratified_rows
from warmstart.records.predictions import PredictionRow
from warmstart.records.robustness import CLEAN, CorruptedRow, Robustness


def photos(channels: int = 3, side: int = 48) -> np.ndarray:
    """Smooth gradients with an edge, uint8 (4, side, side, channels)."""
    rng = np.random.default_rng(0)
    ramp = np.linspace(20, 180, side)[:, None] + np.linspace(0, 50, side)[None]
    images = np.stack([ramp[..., None] * rng.uniform(0.5, 1, channels) for _ in range(4)])
    images[:, :, side // 2 :] *= 0.6
    return images.astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_distortion_grows_with_severity_and_is_the_same_each_time(kind: str, channels: int) -> None:
    images = photos(channels)
    before = images.copy()
    changed = [corrupt(images, kind, severity) for severity in (0, *SEVERITIES)]
    errors = [float(((one.astype(float) - images) ** 2).mean()) for one in changed]
    assert errors[0] == 0 and errors == sorted(errors) and len(set(errors)) == len(errors)
    assert all(one.dtype == np.uint8 and one.shape == images.shape for one in changed)
    for severity, one in zip((0, *SEVERITIES), changed, strict=True):
        assert (corrupt(images, kind, severity) == one).all()
    assert (images == before).all()


def test_amounts_are_those_of_the_paper() -> None:
    grey = np.full((1, 224, 224, 3), 128, dtype=np.uint8)
    noise = corrupt(grey, "gaussian_noise", 1).astype(float) - 128
    assert noise.std() == pytest.approx(0.08 * 255, rel=0.02)
    assert (corrupt(grey, "brightness", 3) == 128 + round(0.3 * 255)).all()
    colour = np.array([100, 50, 0], dtype=np.uint8).reshape(1, 1, 1, 3)
    raised = corrupt(colour, "brightness", 1).ravel()
    assert raised[0] == 126 and raised[1] == pytest.approx(63, abs=1) and raised[2] == 0, "hue and saturation stay"
    assert (corrupt(np.zeros((1, 1, 1, 3), dtype=np.uint8), "brightness", 5) == 128).all()


def test_the_blur_is_as_wide_a_part_of_a_small_image() -> None:
    for side in (56, 224):
        image = np.zeros((1, side, side, 1), dtype=np.uint8)
        image[:, :, side // 2 :] = 255
        row = corrupt(image, "gaussian_blur", 5)[0, side // 2, :, 0].astype(float)
        at_quarter = np.interp([64, 191], row, np.arange(side) + 0.5)
        assert at_quarter[1] - at_quarter[0] == pytest.approx(2 * 0.674 * 6 * side / 224, rel=0.15)


def test_images_are_chosen_by_the_classes_shares() -> None:
    labels = np.repeat([0, 1, 2], [700, 200, 100])
    rows = stratified_rows(labels, 50)
    assert np.bincount(labels[rows]).tolist() == [35, 10, 5]
    assert (rows == stratified_rows(labels, 50)).all() and len(set(rows.tolist())) == 50
    assert (rows != stratified_rows(labels, 50, seed=1)).any()
    assert stratified_rows(labels, 5000).tolist() == list(range(1000))


def evaluated(configure: Configure, scratch: Path, tiny: Folders, out: Path, images: int) -> Path:
    words = ("evaluate.bootstrap=50", f"evaluate.robustness_images={images}")
    config = typed_config("evaluate", configure("scratch", *words))
    evaluate(config, model_dir=scratch, images_dir=tiny.images, out_dir=out)
    return out


def test_severity_0_is_the_test_itself(configure: Configure, scratch: Path, tiny: Folders, tmp_path: Path) -> None:
    n = len(ImageStore(tiny.images).labels("test"))
    folder = evaluated(configure, scratch, tiny, tmp_path / "all", n)
    tested = {row.path: row for row in PredictionRow.iter_rows(folder / "predictions.csv") if row.split == "test"}
    rows = CorruptedRow.read_rows(folder / "robustness.csv")
    clean = [row for row in rows if row.corruption == CLEAN]
    assert {row.path: (row.label, row.predicted) for row in clean} == {
        path: (row.label, row.predicted) for path, row in tested.items()
    }
    found = Robustness.read(folder / "robustness.json")
    assert found.n == n and found.clean.value == np.mean([not row.wrong for row in tested.values()])
    assert {(one.corruption, one.severity) for one in found.corrupted} == set(CONDITIONS)
    right = [row.predicted == row.label for row in rows if row.corruption != CLEAN]
    assert len(right) == n * len(CONDITIONS) and found.mean.value == pytest.approx(np.mean(right))
    assert found.mean.low <= found.mean.value <= found.mean.high

    few = evaluated(configure, scratch, tiny, tmp_path / "few", 3)
    assert Robustness.read(few / "robustness.json").n == 3
    again = evaluated(configure, scratch, tiny, tmp_path / "again", 3)
    assert (few / "robustness.csv").read_bytes() == (again / "robustness.csv").read_bytes()
    assert (few / "package/model.json").read_bytes() == (folder / "package/model.json").read_bytes()


def test_none_leaves_no_trace(configure: Configure, scratch: Path, tiny: Folders, tmp_path: Path) -> None:
    folder = evaluated(configure, scratch, tiny, tmp_path / "off", 0)
    assert not list(folder.glob("robustness*")) and (folder / "metrics.json").exists()
