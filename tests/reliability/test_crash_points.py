"""A stage that is killed at the n-th change of a file and started again ends as one that nobody disturbed,
for every n.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reliability.equal import file_differences, litter, model_differences
from reliability.findings import note, share
from reliability.stand import DATA, PLAIN, Stand, tidy
from support import compose_config

Run = Callable[..., int]  # (place, crash=None) → exit status
SHORT = ("schedule.epochs=3", "optimizer.lr=1e-3")


def changes(run: Run, place: Path) -> list[str]:
    """What a run below ``place`` changes, in order."""
    trace = place.with_name(f"{place.name}.trace")
    assert run(place, crash={"root": str(place), "trace": str(trace)}) == 0
    return [line.strip() for line in trace.read_text().splitlines()]


def at_points(run: Run, differences: Callable[[Path, Path], list[str]], root: Path, points: Callable[[list[str]], list[int]],
              before: Callable[[Path], object] | None = None) -> tuple[int, list[str], list[str], int]:  # fmt: skip
    """Kill at each of the points and run again until it ends; returns how many, what ended wrong, what never ended and
    how many left something beside the result.

    before: makes what stands in a try's folder at first.
    """

    def fresh(name: str) -> Path:
        place = root / name
        place.mkdir(parents=True)
        if before:
            before(place)
        return place

    whole = fresh("whole")
    made = changes(run, whole)
    wrong, never, left = [], [], 0
    tried = points(made)
    for point in tried:
        place = fresh(str(point))
        assert run(place, crash={"root": str(place), "at": point}) == -9, (
            f"change {point} of {len(made)} did not come again"
        )
        what = f"{point} of {len(made)} ({made[point - 1].replace(str(root / 'whole'), '').strip()})"
        if not any(run(place) == 0 for _ in range(2)):
            never.append(f"never got over: {what}")
        elif found := differences(place, whole):
            wrong.append(f"ends wrong: {what}: {found[0]}")
        left += bool(litter(place))
        tidy(place)
    return len(tried), wrong, never, left


def models(place: Path, whole: Path) -> list[str]:
    return model_differences(place / "model", whole / "model")


def folders(place: Path, whole: Path) -> list[str]:
    """Differences, with the litter, which is counted by itself, left out."""
    return [
        name for name in file_differences(place, whole) if not any(part.startswith(".") for part in Path(name).parts)
    ]


def every(made: list[str]) -> list[int]:
    """The points of the share."""
    return share(list(range(1, len(made) + 1)), 5)


def photos(root: Path) -> Path:
    """A folder with 18 photos of two classes, and what cannot be used."""
    draws = np.random.default_rng(0)
    for name in ("left", "right"):
        (root / name).mkdir(parents=True)
        for number in range(9):
            small = Image.fromarray(draws.integers(0, 256, (8, 8, 3), dtype=np.uint8))
            small.resize((80, 60), Image.Resampling.BICUBIC).save(root / name / f"{number}.jpg")
    (root / "left/broken.jpg").write_bytes(b"no photo")
    return root


def test_a_few_points_of_a_training(stand: Stand, tmp_path: Path) -> None:
    marks = ("half", "config.yaml"), ("os.rename", "/.model."), ("os.remove", "best-")

    def few(made: list[str]) -> list[int]:
        found = [
            [n for n, line in enumerate(made, 1) if line.startswith(event) and name in line] for event, name in marks
        ]
        return sorted({numbers[-1] for numbers in found if numbers})

    def run(place: Path, crash: dict[str, str] | None = None) -> int:
        return stand.train(place, "scratch", "schedule.epochs=1", crash=crash)

    count, wrong, never, left = at_points(run, models, tmp_path, few)
    assert count
    assert (wrong, never, left) == ([], [], 0)


@pytest.mark.long
@pytest.mark.parametrize("case", ["scratch", "scratch over an earlier result", "features_augmented", "folds"])
def test_crash_points_of_a_training(stand: Stand, tmp_path: Path, case: str) -> None:
    recipe = "scratch" if case == "folds" else case.split()[0]
    images = stand.folded() if case == "folds" else None
    options = ("schedule.epochs=2", "optimizer.lr=1e-3") if case == "folds" else SHORT

    def run(place: Path, crash: dict[str, str] | None = None) -> int:
        return stand.train(place, recipe, *options, images=images, crash=crash)

    earlier = tmp_path / "earlier"
    if "earlier" in case:
        assert stand.train(earlier, recipe, "schedule.epochs=1", "seed=1") == 0

    def before(place: Path) -> None:
        shutil.copytree(earlier / "model", place / "model")

    told = at_points(run, models, tmp_path / "tries", every, before if earlier.exists() else None)
    note(
        f"5 crash points, training, {case}",
        told[1] + told[2],
        points=told[0],
        wrong=len(told[1]),
        never=len(told[2]),
        litter=told[3],
    )
    assert told[1:] == ([], [], 0), told


@pytest.mark.long
@pytest.mark.parametrize("case", ["critters", "critters over an earlier result", "photos", "features"])
def test_crash_points_of_images_and_features(stand: Stand, tmp_path: Path, case: str) -> None:
    folder = ["data=image_folder", f"data.folder={photos(tmp_path / 'photos')}", "data.size=48", "data.workers=1"]
    recipe = "recipe=features" if case == "features" else "recipe=scratch"
    config = compose_config(*(folder if case == "photos" else DATA), recipe, *PLAIN)
    images = {"images": str(stand.dataset / "images")} if case == "features" else {}

    def run(place: Path, crash: dict[str, str] | None = None) -> int:
        arguments = {"config": config, "out": str(place), **images}
        return stand.nursery.run(call="features" if images else "prepare", arguments=arguments, crash=crash)

    earlier = tmp_path / "earlier"
    if "earlier" in case:
        other = compose_config(*DATA, recipe, *PLAIN, "data.seed=3")
        assert stand.nursery.run(call="prepare", arguments={"config": other, "out": str(earlier)}) == 0

    def before(place: Path) -> None:
        shutil.copytree(earlier, place, dirs_exist_ok=True)

    told = at_points(run, folders, tmp_path / "tries", every, before if earlier.exists() else None)
    note(
        f"5 crash points, {case}",
        told[1] + told[2],
        points=told[0],
        wrong=len(told[1]),
        never=len(told[2]),
        litter=told[3],
    )
    assert told[1:] == ([], [], 0), told
