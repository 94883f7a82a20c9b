"""What is reported is what the packaged model does: one rule turns probabilities into classes, wherever a class is
said.
"""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from support import Folders
from warmstart.evaluation.prediction_table import read_predictions
from warmstart.files.plain import read_json
from warmstart.interpretation.examples import read_examples
from warmstart.models.decision import decide
from warmstart.serving.package import load_package
from warmstart.serving.predict_files import predict_files
from warmstart.statistics.paired_tests import compare_paired

RECIPES = ("scratch", "scratch_augmented")


@pytest.fixture(scope="module")
def answered(measured: Folders, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """What `warmstart predict` says of the test images, int64 (N,), by recipe."""
    folder = tmp_path_factory.mktemp("photos")
    for row, image in enumerate(np.load(measured.images / "test.npy")):
        Image.fromarray(image).save(folder / f"{row:03}.png")
    said = {}
    for recipe in RECIPES:
        output = folder.parent / f"{recipe}.csv"
        predict_files(package(measured, recipe), [folder], output=output)
        with output.open(newline="") as stream:
            said[recipe] = np.array([("cat", "dog").index(row["predicted"]) for row in csv.DictReader(stream)])
    return said


def package(measured: Folders, recipe: str) -> Path:
    return measured.model(recipe).parent / "evaluate" / "package"


@pytest.fixture(scope="module")
def table(measured: Folders) -> dict[str, dict]:
    return {row["recipe"]: row for row in read_json(measured.root / "report" / "table.json")["rows"]}


@pytest.mark.parametrize("recipe", RECIPES)
def test_figures_are_of_what_predict_answers(measured: Folders, table: dict, answered: dict, recipe: str) -> None:
    evaluate = measured.model(recipe).parent / "evaluate"
    answers = read_predictions(evaluate / "predictions.csv")
    assert answered[recipe].tolist() == answers.predicted.tolist()
    assert [e.predicted for e in read_examples(evaluate / "predictions.csv")] == answered[
        recipe
    ].tolist()  # the galleries' right and wrong
    right = answered[recipe] == answers.labels
    metrics = read_json(evaluate / "metrics.json")
    assert (
        table[recipe]["test_accuracy"] == metrics["test"]["metrics"]["accuracy"]["value"] == pytest.approx(right.mean())
    )


def test_a_threshold_far_from_a_half_is_in_every_figure(measured: Folders, table: dict, answered: dict) -> None:
    """The biased network calls every image a dog as it was trained; its threshold makes it as good as it was without
    the bias.
    """
    row, metrics = (
        table["scratch_augmented"],
        read_json(measured.model("scratch_augmented").parent / "evaluate" / "metrics.json"),
    )
    assert (
        load_package(package(measured, "scratch_augmented")).threshold
        == metrics["threshold"]
        == row["threshold"]
        > 0.55
    )
    assert row["test_accuracy_as_trained"] == metrics["as_trained"]["test"]["metrics"]["accuracy"]["value"] == 0.5
    assert (
        row["test_accuracy"] > 0.5 and row["test_accuracy_as_trained_low"] < 0.5 < row["test_accuracy_as_trained_high"]
    )
    both = read_json(measured.root / "report" / "table.json")
    labels = read_predictions(measured.model("scratch").parent / "evaluate" / "predictions.csv").labels
    (pair,) = both["pairwise"]["pairs"]
    wanted = compare_paired(*(answered[pair[place]] == labels for place in ("first", "second")))
    assert pair["paired"]["difference"] == asdict(wanted.difference)
    page = " ".join((measured.root / "report" / "index.html").read_text().split())
    assert "as trained 50.0" in page and "Can its probabilities be believed?" in page
    # What a person compares training with stays as it was trained.
    assert table["scratch_augmented"]["val_accuracy_kept"] == table["scratch"]["val_accuracy_kept"]


@pytest.mark.parametrize(
    ("probabilities", "threshold", "said"),
    [
        ([[0.6, 0.4], [0.5, 0.5], [0.3, 0.7]], None, [0, 0, 1]),
        ([[0.6, 0.4], [0.5, 0.5], [0.3, 0.7]], 0.5, [0, 0, 1]),
        ([[0.6, 0.4], [0.5, 0.5], [0.3, 0.7]], 0.7, [0, 0, 0]),
        ([[0.6, 0.4], [0.9, 0.1]], 0.35, [1, 0]),
        ([[0.2, 0.3, 0.5], [0.4, 0.35, 0.25]], None, [2, 0]),
        ([[0.2, 0.3, 0.5], [0.4, 0.35, 0.25]], 0.1, [2, 0]),
    ],
)
def test_the_rule(probabilities: list, threshold: float | None, said: list) -> None:
    found = decide(np.array(probabilities), threshold)
    assert found.dtype == np.int64 and found.tolist() == said
