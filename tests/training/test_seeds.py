"""With several seeds, a recipe is trained once with each: as by hand with that seed, on the same images, and a kill costs
no seed that was finished.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from fit_spy import FitSpy, Killed, same_weights
from support import CURVES, Folders, read_history
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.files.plain import read_json
from warmstart.records.training_state import FoldCount, SeedNetwork
from warmstart.training.checkpoints import ResumeCheckpoint
from warmstart.training.observer import NoObserver

Train = Callable[..., Path]


def curves(folder: Path) -> list[list[float]]:
    return [[row[key] for key in CURVES] for row in read_history(folder / "history.csv")]


def test_each_seed_is_the_training_by_hand_with_that_seed(seeded_scratch: Path, scratch: Path, by_hand: Path) -> None:
    second = seeded_scratch / "seeds/1"
    assert same_weights(seeded_scratch / "model.ckpt", scratch / "model.ckpt") and curves(seeded_scratch) == curves(
        scratch
    )
    assert same_weights(second / "model.ckpt", by_hand / "model.ckpt") and curves(second) == curves(by_hand)
    assert not same_weights(second / "model.ckpt", scratch / "model.ckpt") and curves(second) != curves(scratch)


@pytest.fixture(scope="module")
def by_hand(train_tiny: Train, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("by_hand")
    return train_tiny("scratch", root / "model", "seed=8", state_root=root / "s")


def test_a_folder_per_seed_beside_the_first(seeded_scratch: Path, scratch: Path) -> None:
    assert {path.name for path in seeded_scratch.iterdir()} == {path.name for path in scratch.iterdir()} | {"seeds"}
    inside = {p.relative_to(seeded_scratch / "seeds").as_posix() for p in (seeded_scratch / "seeds").rglob("*.*")}
    assert inside == {f"1/{name}" for name in ("history.csv", "model.ckpt", "summary.json")}
    # DVC watches this file for `evaluate`: it must change with every network.
    files = {7: "model.ckpt", 8: "seeds/1/model.ckpt"}
    networks = [SeedNetwork(seed, sha256_file(seeded_scratch / file)) for seed, file in files.items()]
    assert FoldCount.read_or_one(seeded_scratch) == FoldCount(1, networks)
    assert FoldCount.seeds_of_model(seeded_scratch) == 2 and FoldCount.of_model(seeded_scratch) == 1


def test_the_summary_is_of_the_first_seed_with_each_their_mean_and_their_spread(
    seeded_scratch: Path, scratch: Path
) -> None:
    summary, alone = (read_json(folder / "summary.json") for folder in (seeded_scratch, scratch))
    first, second = summary["seeds"]
    assert (first["seed"], second["seed"]) == (7, 8) and "folds" not in summary
    assert read_json(seeded_scratch / "seeds/1/summary.json") == {"format": 1, **second}
    assert (summary["kept_epoch"], summary["images_seen"]) == (alone["kept_epoch"], alone["images_seen"])
    assert summary["seconds"] == first["seconds"]  # what one training costs
    losses = [one["kept"]["val/loss"] for one in (first, second)]
    assert losses[0] == alone["kept"]["val/loss"]
    assert summary["mean"]["kept"]["val/loss"] == pytest.approx(sum(losses) / 2)
    assert summary["std"]["val/loss"] == pytest.approx(abs(losses[0] - losses[1]) / 2**0.5)


def test_with_one_seed_nothing_is_added(train_tiny: Train, scratch: Path, tmp_path: Path) -> None:
    one = train_tiny("scratch", tmp_path / "m", "seeds=1", state_root=tmp_path / "s")
    assert {path.name for path in one.iterdir()} == {path.name for path in scratch.iterdir()}
    assert (one / "config.yaml").read_bytes() == (scratch / "config.yaml").read_bytes()
    assert read_json(one / "folds/folds.json") == {"format": 1, "folds": 1}
    assert set(read_json(one / "summary.json")) == set(read_json(scratch / "summary.json"))
    assert same_weights(one / "model.ckpt", scratch / "model.ckpt")
    assert "seeds" not in yaml.safe_load((one / "config.yaml").read_text())


def test_fine_tuning_with_a_seed_starts_from_the_network_of_that_seed(
    spy: FitSpy, tiny: Folders, train_tiny: Train, tmp_path: Path
) -> None:
    observer = NoObserver()
    state = {"state_root": tmp_path / "s"}
    frozen = train_tiny("features_augmented", tmp_path / "frozen", "seeds=3", observer=observer, **state)
    tuned = train_tiny("fine_tune", tmp_path / "tuned", "seeds=3", init_from=frozen / "model.ckpt", **state)
    assert spy.starts == [0.0, 0.0, 0.0, 0.0, 1.0, 2.0] and spy.seeds == [7, 8, 9] * 2
    assert [its is observer for its in spy.observers[:3]] == [True, False, False]
    assert all((images["train"] == spy.images[0]["train"]).all() for images in spy.images)  # the seed decides no split
    assert read_json(tuned / "summary.json")["starts_from"]["checkpoint"] == str(frozen / "model.ckpt")
    (frozen / "seeds/2/model.ckpt").unlink()
    with pytest.raises(UserError, match=r"seeds/2/model.ckpt does not exist.*features_augmented with as many seeds"):
        train_tiny("fine_tune", tmp_path / "x", "seeds=3", init_from=frozen / "model.ckpt", **state)


def test_a_training_belongs_to_the_networks_that_its_other_seeds_start_from_too(
    spy: FitSpy, train_tiny: Train, tmp_path: Path
) -> None:
    state = {"state_root": tmp_path / "s"}
    frozen = train_tiny("features_augmented", tmp_path / "frozen", "seeds=2", **state)
    for _ in range(2):
        with pytest.raises(Killed):
            train_tiny(
                "fine_tune", tmp_path / "t", "seeds=2", init_from=frozen / "model.ckpt", observer=Dies(), **state
            )
        (frozen / "seeds/1/model.ckpt").write_bytes((frozen / "model.ckpt").read_bytes())
    assert len([path for path in (tmp_path / "s").iterdir() if path.is_dir()]) == 2


class Dies(NoObserver):
    """Of a process that ends before anything is trained."""

    def started(self, *arguments: Any) -> None:
        raise Killed


def test_a_killed_training_goes_on_with_its_seed(
    seeded_scratch: Path,
    train_tiny: Train,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole = ResumeCheckpoint.on_train_epoch_end

    def dies_with_the_second(self: ResumeCheckpoint, *arguments: Any) -> None:
        whole(self, *arguments)
        if self.state_dir.name == "1":
            raise Killed

    monkeypatch.setattr(ResumeCheckpoint, "on_train_epoch_end", dies_with_the_second)
    with pytest.raises(Killed):
        train_tiny("scratch", tmp_path / "m", "seeds=2", state_root=tmp_path / "s")
    monkeypatch.setattr(ResumeCheckpoint, "on_train_epoch_end", whole)
    caplog.clear()
    with caplog.at_level(logging.INFO):
        out = train_tiny("scratch", tmp_path / "m", "seeds=2", state_root=tmp_path / "s")
    told = [line.getMessage() for line in caplog.records if " val " in line.getMessage()]
    assert [" ".join(line.split()[:6]) for line in told] == ["seed 2 of 2, epoch 2/2"]
    for folder in ("", "seeds/1"):
        assert same_weights(out / folder / "model.ckpt", seeded_scratch / folder / "model.ckpt")
        assert curves(out / folder) == curves(seeded_scratch / folder)
    assert not [path for path in (tmp_path / "s").iterdir() if path.is_dir()]


def test_a_state_of_another_number_of_seeds_is_not_taken_up(spy: FitSpy, train_tiny: Train, tmp_path: Path) -> None:
    for words in ([], ["seeds=2"], ["seeds=1"]):
        with pytest.raises(Killed):
            train_tiny("scratch", tmp_path / "m", *words, state_root=tmp_path / "s", observer=Dies())
    assert len([path for path in (tmp_path / "s").iterdir() if path.is_dir()]) == 2  # null and 1 are one


def test_images_in_folds_are_refused(folded: Folders, train_tiny: Train, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"seeds is 2 and data\.folds 3"):
        train_tiny("scratch", tmp_path / "m", "seeds=2", folders=folded, state_root=tmp_path / "s")
    assert not (tmp_path / "m").exists()
