"""Ready-made splits that leak: found by copies, near duplicates and groups, and stopped, mended or kept as the person
says.
"""

from __future__ import annotations

import logging

import numpy as np
import pytest

from ingest.worlds import straddle
from ingest_options import curate
from warmstart.errors import UserError
from warmstart.ingest.catalogue import Catalogue
from warmstart.ingest.curation import Curation
from warmstart.ingest.decoding.image_statistics import IMAGE_STATISTICS
from warmstart.ingest.duplicates.find import Duplicates, NearPair

CONFIG = {"name": "birds", "on_leak": "stop", "corrections": None}


def survey(*photos: str, groups: dict[str, str] | None = None) -> Catalogue:
    """Photos given as split/class/name; groups: path → group."""
    classes = sorted({photo.split("/")[1] for photo in photos})
    labels = np.array([classes.index(photo.split("/")[1]) for photo in photos])
    n = len(photos)
    splits: list[str | None] = [photo.split("/")[0] for photo in photos]
    return Catalogue(
        list(photos),
        classes,
        labels,
        splits,
        [(groups or {}).get(p) for p in photos],
        np.zeros(n, IMAGE_STATISTICS),
        np.arange(n),
    )


def near(a: int, b: int) -> NearPair:
    return NearPair(a, b, distance=2, mirrored=False)


def left(decisions: Curation) -> dict[int, str]:
    return decisions.left_out


def test_copies_in_two_splits_stop_the_pipeline_with_names_and_the_way_out() -> None:
    photos = survey(*(f"{split}/a/{index}" for split in ("test", "train") for index in range(7)))
    copies = Duplicates([[index, index + 7] for index in range(6)])
    with pytest.raises(UserError, match="the ready-made split of birds leaks: 6 photos") as caught:
        curate(photos, copies, CONFIG)
    message = str(caught.value)
    assert "train/a/0 (train) is the same file as test/a/0 (test)" in message
    assert "train/a/4" in message and "train/a/5" not in message and "and 1 more" in message
    assert "data.on_leak=drop" in message and "data.on_leak=allow" in message


@pytest.mark.parametrize(
    ("duplicates", "groups", "kind", "reason"),
    [
        (Duplicates([[0, 3]]), {}, "exact", "leak: the same file as test/a/3, which is in test"),
        (Duplicates(near=[near(3, 0)]), {}, "near", "leak: the same photo as test/a/3, which is in test"),
        (
            Duplicates(),
            {"train/a/0": "rex", "test/a/3": "rex"},
            "group",
            "leak: of the same group as test/a/3, which is in test",
        ),
    ],
)
def test_drop_takes_the_training_photo_and_leaves_the_test_set_whole(
    duplicates: Duplicates, groups: dict[str, str], kind: str, reason: str
) -> None:
    photos = survey("train/a/0", "train/a/1", "val/a/2", "test/a/3", "test/a/4", groups=groups)
    decisions = curate(photos, duplicates, {**CONFIG, "on_leak": "drop"})
    assert left(decisions) == {0: reason}
    assert [(leak.a, leak.b, leak.kind) for leak in decisions.leaks] == [(0, 3, kind)]
    with pytest.raises(UserError, match="leaks: 1 photo is"):
        curate(photos, duplicates, CONFIG)


def test_validation_gives_way_to_test_and_training_to_both() -> None:
    photos = survey("train/a/0", "val/a/1", "test/a/2", "train/a/3", "val/a/4", "val/a/5", "test/a/6", "test/a/7")
    decisions = curate(photos, Duplicates([[0, 1, 2], [3, 4], [5, 6]]), {**CONFIG, "on_leak": "drop"})
    assert sorted(left(decisions)) == [0, 1, 3, 5]
    assert "val/a/4, which is in val" in left(decisions)[3]


def test_what_hangs_together_by_a_third_photo_leaves_too() -> None:
    photos = survey("train/a/0", "train/a/1", "test/a/2", "train/a/3")
    decisions = curate(photos, Duplicates(near=[near(0, 1), near(1, 2)]), {**CONFIG, "on_leak": "drop"})
    assert left(decisions) == {
        0: "leak: it belongs to test/a/2, which is in test",
        1: "leak: the same photo as test/a/2, which is in test",
    }


def test_allow_keeps_them_and_warns(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        decisions = curate(survey("train/a/0", "test/a/1"), Duplicates([[0, 1]]), {**CONFIG, "on_leak": "allow"})
    assert not left(decisions) and len(decisions.leaks) == 1
    assert "birds leaks" in caplog.text and "data.on_leak=allow" in caplog.text


def test_copies_within_a_split_are_no_leak() -> None:
    decisions = curate(survey("train/a/0", "train/a/1", "test/a/2"), Duplicates([[0, 1]]), CONFIG)
    assert left(decisions) == {1: "the same file as train/a/0"}
    assert not decisions.leaks


def test_copies_with_different_labels_in_two_splits_are_a_leak_and_a_conflict() -> None:
    photos = survey("train/cat/0", "test/dog/1", "train/dog/2")
    decisions = curate(photos, Duplicates([[0, 1]]), {**CONFIG, "on_leak": "drop"})
    assert list(left(decisions)) == [0]
    assert decisions.conflicts == [[0, 1]]


def test_photos_left_out_before_do_not_leak() -> None:
    photos = survey("train/a/0", "test/a/1", groups={"train/a/0": "x", "test/a/1": "x"})
    photos.reasons[1] = "truncated"
    assert not curate(photos, Duplicates(), CONFIG).leaks


@pytest.mark.parametrize("seed", range(20))
def test_after_drop_nothing_is_in_two_splits_and_test_is_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"{split}/{'ab'[i % 2]}/{i}" for i, split in enumerate(rng.choice(["train", "val", "test"], 60).tolist())]
    groups = {name: f"g{rng.integers(8)}" for name in names if rng.random() < 0.3}
    order = rng.permutation(60).tolist()
    duplicates = Duplicates(
        [sorted(order[:3]), sorted(order[3:5])], [near(*sorted(order[i : i + 2])) for i in range(6, 26, 2)]
    )
    photos = survey(*names, groups=groups)
    decisions = curate(photos, duplicates, {**CONFIG, "on_leak": "drop"})
    used = np.full(60, -1)
    used[decisions.usable()] = decisions.ready[decisions.usable()]
    assert straddle(decisions.units, used) == 0
    leaked = {photo for photo, reason in left(decisions).items() if reason.startswith("leak")}
    assert not any(decisions.ready[photo] == 2 for photo in leaked)
    touched = {int(decisions.units[leak.a]) for leak in decisions.leaks}
    assert {int(decisions.units[photo]) for photo in leaked} == touched


def test_near_duplicates_with_different_labels_are_told_and_stay_together() -> None:
    photos = survey("x/cat/0", "x/dog/1", "x/dog/2")
    photos.splits = [None] * 3
    decisions = curate(photos, Duplicates(near=[near(0, 1)]), CONFIG)
    assert not left(decisions) and decisions.conflicts == [[0, 1]]
    assert decisions.units.tolist() == [0, 0, 2]
