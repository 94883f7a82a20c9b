from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data_builders import audit_report, photo_row, scan_record
from finished_recipes import fold_images, fold_recipe, write_images, write_recipe
from warmstart.comparison.compare import build_comparison, compare
from warmstart.comparison.photo_properties import PhotoProperties
from warmstart.comparison.slices import RecipeSlices, Slice, make_slices, measure_slices
from warmstart.errors import UserError
from warmstart.records.audit import PropertySeparation
from warmstart.records.manifest import ManifestRow
from warmstart.records.photos import PhotoRow
from warmstart.records.predictions import PredictionRow
from warmstart.records.slices import SliceRow

N = 1000
CLASSES = ["cat", "dog"]


@pytest.fixture(scope="module")
def slices() -> list[Slice]:
    """By class, brightness, size and file format of 1,000 photos; none has to do with another."""
    rng = np.random.default_rng(1)
    numbers = {"brightness": rng.uniform(size=N), "size": rng.integers(10_000, 90_000, N).astype(float)}
    kinds = {"format": np.where(rng.uniform(size=N) < 0.01, "PNG", "JPEG")}
    labels = rng.integers(0, 2, N)
    return list(make_slices(labels, CLASSES, PhotoProperties(numbers, kinds, frozenset({"size"}))))


def test_a_recipe_that_is_wrong_on_dark_photos_is_found_out(slices: list[Slice]) -> None:
    rng = np.random.default_rng(2)
    dark = next(one for one in slices if one.property == "brightness" and one.quarter == 1)
    correct = rng.uniform(size=N) > np.where(dark.inside, 0.25, 0.03)
    found = measure_slices("r", slices, correct)
    assert [(row.property, row.quarter) for row in found.worse] == [("brightness", 1)]
    worst = found.rows[0]
    assert worst == found.worse[0] and worst.n == 250 and worst.low is not None and worst.low < 0.01
    rest = correct[~dark.inside].mean()
    assert worst.accuracy == correct[dark.inside].mean() and worst.difference == pytest.approx(worst.accuracy - rest)
    assert worst.difference_high is not None and worst.difference_high < 0
    assert worst.p is not None and worst.p_corrected == pytest.approx(found.tests * worst.p)


def test_a_recipe_that_errs_evenly_is_seldom_accused(slices: list[Slice]) -> None:
    rng = np.random.default_rng(3)
    accused = [any(row.clear for row in measure_slices("r", slices, rng.uniform(size=N) < 0.9).rows) for _ in range(60)]
    assert np.mean(accused) <= 0.1  # 5 % at most, in the long run


def test_what_would_have_been_found_is_found(slices: list[Slice]) -> None:
    rng = np.random.default_rng(4)
    dark = next(one for one in slices if one.property == "brightness" and one.quarter == 1).inside
    smallest = measure_slices("r", slices, rng.uniform(size=N) < 0.9).detectable
    assert smallest is not None
    runs = [measure_slices("r", slices, rng.uniform(size=N) < np.where(dark, 0.9 - smallest, 0.9)) for _ in range(60)]
    assert 0.6 < np.mean([any(row.property == "brightness" for row in run.worse) for run in runs]) < 0.95


def test_parts_that_are_too_small_are_shown_last_and_not_tested(slices: list[Slice]) -> None:
    found = measure_slices("r", slices, np.arange(N) % 10 > 0)
    few = [row for row in found.rows if row.p is None]
    assert {(row.property, row.value) for row in few} == {("format", "JPEG"), ("format", "PNG")}
    assert found.rows[-2:] == few and not any(row.clear or row.difference is not None for row in few)
    accuracies = [row.accuracy for row in found.rows[:-2]]
    assert accuracies == sorted(accuracies)
    assert found.tests == 1 + 4 + 4  # two classes are one test
    assert {row.property for row in found.rows if row.spurious} == {"size"}


def test_quarters_are_of_equal_size_and_ties_stay_together() -> None:
    values = {"brightness": np.arange(100.0), "size": np.repeat(400.0, 100), "aspect": np.repeat([1.0, 1.5], [90, 10])}
    values["sharpness"] = np.where(np.arange(100) < 40, np.nan, np.arange(100.0))
    made = list(make_slices(np.zeros(100, dtype=np.int64), ["cat"], PhotoProperties(values)))
    by_name = {name: [one for one in made if one.property == name] for name in ("class", *values)}
    assert [int(one.inside.sum()) for one in by_name["brightness"]] == [25] * 4
    assert [one.quarter for one in by_name["brightness"]] == [1, 2, 3, 4]
    assert [int(one.inside.sum()) for one in by_name["sharpness"]] == [15] * 4  # of those that are known
    assert not by_name["class"] and not by_name["size"]  # all photos are no slice
    assert [int(one.inside.sum()) for one in by_name["aspect"]] == [90, 10]
    assert all(one.quarter is None for one in by_name["aspect"])


def test_one_value_is_no_range() -> None:
    values = {"size": np.repeat([150.0 * 150, 96.0 * 96], [60, 40])}
    made = list(make_slices(np.zeros(100, dtype=np.int64), ["cat"], PhotoProperties(values)))
    assert [one.value for one in made] == ["9,216 pixels", "22,500 pixels"]


def test_quarters_too_small_to_be_tested_promise_nothing() -> None:
    values = {"brightness": np.arange(60.0)}
    made = list(make_slices(np.arange(60) % 2, CLASSES, PhotoProperties(values)))
    found = measure_slices("r", made, np.arange(60) % 6 > 0)
    assert found.tests == 1 and found.detectable is None
    assert all(row.p is None for row in found.rows if row.property == "brightness")


def write_scan(root: Path) -> None:
    """The darker, the earlier a photo is in its split."""
    (root / "scan").mkdir()
    rows = ManifestRow.iter_rows(root / "images" / "manifest.csv")
    PhotoRow.write_rows(
        root / "scan" / "photos.csv",
        (
            photo_row(path=row.path, class_name=row.class_name, split=row.split, brightness=row.row / 200, group="a")
            for row in rows
        ),
    )
    scan_record(classes=CLASSES).write(root / "scan" / "scan.json")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A recipe that errs on the 20 darkest of 160 test photos, and one that errs here and there."""
    write_images(tmp_path, n=160)
    write_recipe(tmp_path, "scratch", "scratch", wrong=20, n=160)
    write_recipe(tmp_path, "features", "transfer", wrong=8, n=160, wrong_on=range(0, 160, 21))
    write_scan(tmp_path)
    return tmp_path


def both(root: Path) -> dict[str, RecipeSlices]:
    return build_comparison(root, ["scratch", "features"]).slices


def test_the_report_records_the_slices_of_every_recipe(root: Path) -> None:
    separation = PropertySeparation("brightness", "", "cat", 0.9, 0.8, 0.95, None, 0.5, 40, True, "look")
    (root / "audit").mkdir()
    audit_report(properties=[separation]).write(root / "audit" / "audit.json")
    compare(root, ["scratch", "features"], root / "report")
    rows = SliceRow.read_rows(root / "report" / "slices.csv")
    assert {(row.recipe, row.property, row.quarter) for row in rows if row.clear and (row.difference or 0) < 0} == {
        ("scratch", "brightness", 1)
    }
    assert {row.property for row in rows} == {"class", "brightness"}  # all else is the same of all photos
    assert {row.property for row in rows if row.spurious} == {"brightness"}
    page = (root / "report" / "index.html").read_text()
    assert "slices.csv" in page and "lowest quarter, 0.00 to 0.20" in page and "gives the class away" in page


def test_without_a_scan_there_are_the_classes(root: Path) -> None:
    for file in ("scan.json", "photos.csv"):
        (root / "scan" / file).unlink()
    assert {row.property for one in both(root).values() for row in one.rows} == {"class"}


def test_a_damaged_scan_is_named(root: Path) -> None:
    (root / "scan" / "photos.csv").write_text("path\n")
    with pytest.raises(UserError, match=r"photos\.csv"):
        both(root)


def test_a_photo_that_the_scan_does_not_know_is_in_no_slice_of_its_properties(root: Path) -> None:
    rows = PhotoRow.read_rows(root / "scan" / "photos.csv")
    PhotoRow.write_rows(root / "scan" / "photos.csv", [row for row in rows if not row.path.endswith("test_159.jpg")])
    assert sum(row.n for row in both(root)["scratch"].rows if row.property == "brightness") == 159


def test_with_folds_slices_are_of_all_photos(tmp_path: Path) -> None:
    write_images(tmp_path)
    fold_images(tmp_path, 5)
    fold_recipe(write_recipe(tmp_path, "scratch", "scratch", wrong=20), [0.8] * 5, wrong=30)
    write_scan(tmp_path)
    found = build_comparison(tmp_path, ["scratch"]).slices["scratch"].rows
    assert sum(row.n for row in found if row.property == "class") == 120
    assert sum(row.n for row in found if row.property == "brightness") == 120


def test_rows_of_another_order_are_the_same_photos(root: Path) -> None:
    before = both(root)["features"]
    file = root / "recipes/features/evaluate/predictions.csv"
    PredictionRow.write_rows(file, PredictionRow.read_rows(file)[::-1])
    assert both(root)["features"] == before
