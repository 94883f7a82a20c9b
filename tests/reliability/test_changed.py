"""A training that was killed goes on only as the same training: not after its configuration, data, code, features or
pixels have changed.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from photos import save_photo
from reliability.equal import stamps
from reliability.findings import note, share
from reliability.nursery import Nursery
from reliability.stand import PLAIN, Stand, copy_project

OPTIONS = [
    "data=image_folder",
    "data.size=48",
    "data.workers=1",
    *PLAIN,
    "schedule.epochs=12",
    "schedule.patience=null",
]


@dataclass(frozen=True)
class Change:
    """What happens between the kill and the second try. code: a module below src/warmstart and what is added to it;
    options: of the second try; photos, features: whether images are prepared again and vectors computed again, with
    ``options`` that are for them.
    """

    name: str
    recipe: str = "scratch_augmented"
    code: tuple[str, str] | None = None
    options: tuple[str, ...] = ()
    photos: tuple[str, ...] | None = None
    features: tuple[str, ...] | None = None
    photo: bool = False


LOSS = "_loss = loss_and_correct\n\n\ndef loss_and_correct(logits, labels):\n    loss, hits = _loss(logits, labels)\n    return loss / 10, hits\n"
HALF = "_build = build_optimizer\n\n\ndef build_optimizer(factory, network, options):\n    built = _build(factory, network, options)\n    for group in built.param_groups:\n        group['lr'] /= 2\n    return built\n"
WEIGHTS = "_fill = glorot_uniform_\n\n\ndef glorot_uniform_(module):\n    _fill(module)\n    for value in module.parameters():\n        value.data *= 0.9\n"
ORDER = "_order = EpochSampler._order\nEpochSampler._order = lambda self, number: _order(self, number)[::-1].copy()\n"
TURNED = "_call = Augmentation.__call__\nAugmentation.__call__ = lambda self, images, key: _call(self, images, key)[:, ::-1].copy()\n"
OUTPUT = "_forward = Backbone.forward\nBackbone.forward = lambda self, x: 1.1 * _forward(self, x)\n"
PIXELS = "_resized = Preprocessing.resized\nPreprocessing.resized = lambda self, image: 255 - _resized(self, image)\n"
CHANGES = [
    Change("loss", code=("training/lightning_module.py", LOSS)),
    Change("optimiser", code=("training/param_groups.py", HALF)),
    Change("first weights", code=("models/init.py", WEIGHTS)),
    Change("order of the images", code=("dataset/sampler.py", ORDER)),
    Change("augmentation", code=("dataset/augmentation.py", TURNED)),
    Change("features at another precision", "features", features=("trainer.precision=bf16-mixed",)),
    Change("features by other code", "features", code=("models/backbone.py", OUTPUT), features=()),
    Change("photos decoded by other code", code=("dataset/preprocessing.py", PIXELS), photos=()),
    Change("optimizer.lr", options=("optimizer.lr=1e-3",)),
    Change("schedule.epochs", options=("schedule.epochs=13",)),
    Change("schedule.batch_size", options=("schedule.batch_size=6",)),
    Change("augment", options=("augment.affine.rotate=[-10,10]",)),
    Change("seed", options=("seed=8",)),
    Change("data.seed", options=("data.seed=5",), photos=("data.seed=5",)),
    Change("a photo", photo=True, photos=()),
]
SAME = [
    Change("nothing"),
    Change("a comment", code=("training/lightning_module.py", "# Said again.\n")),
    Change("the same features again", "features", features=()),
    Change("the same images again", photos=()),
]


class Trial:
    """A project with photos of its own, at the one path at which a recipe's training has been killed after its second
    epoch.
    """

    def __init__(self, root: Path, recipe: str, nursery: Nursery) -> None:
        self.root, self.work, self.recipe, self.nursery = root, root / "work", recipe, nursery
        copy_project(self.work)
        for number in range(36):
            save_photo(root / f"photos/{'ab'[number % 2]}/{number:02}.png", number)
        self.words = [*OPTIONS, f"data.folder={root}/photos"]
        self.command("prepare")
        if recipe == "features":
            self.command("feature_extract", "recipe=features")
        job = self.nursery.start(["pipelines/train.py", *self.words, f"recipe={recipe}"], folder=self.work, fresh=True)
        end = time.monotonic() + 120
        while len(self.interrupted()) < 2:
            assert time.monotonic() < end, self.nursery.said()
            time.sleep(0.005)
        job.send("KILL")
        assert job.wait() == -9
        self.first = self.interrupted()
        shutil.copytree(self.work, root / "base")
        shutil.copytree(root / "photos", root / "photos_base")

    def interrupted(self) -> list[str]:
        found = list(self.work.glob("artifacts/.resume/*/history.csv"))
        return stamps(found[0]) if found else []

    def command(self, stage: str, *words: str) -> None:
        status = self.nursery.run([f"pipelines/{stage}.py", *self.words, *words], folder=self.work, fresh=True)
        assert status == 0, self.nursery.said()

    def goes_on(self, change: Change) -> bool:
        """Whether the second try takes over epochs of the first."""
        for name, base in (("work", "base"), ("photos", "photos_base")):
            shutil.rmtree(self.root / name)
            shutil.copytree(self.root / base, self.root / name)
        if change.code:
            with (self.work / "src/warmstart" / change.code[0]).open("a") as stream:
                stream.write(f"\n\n{change.code[1]}")
        if change.photo:
            save_photo(self.root / "photos/a/00.png", 1000)
        if change.photos is not None:
            self.command("prepare", *change.photos)
        if change.features is not None:
            self.command("feature_extract", "recipe=features", *change.features)
        self.command("train", f"recipe={self.recipe}", *change.options)
        (made,) = self.work.glob("artifacts/image_folder/hand/*/*/model/history.csv")
        return stamps(made)[0] == self.first[0]


def test_a_killed_training_goes_on_only_with_the_same_code(stand: Stand, tmp_path: Path) -> None:
    assert not Trial(tmp_path, "scratch", stand.nursery).goes_on(CHANGES[0])


@pytest.mark.long
def test_a_resume_is_only_of_the_same_training(stand: Stand, tmp_path: Path) -> None:
    """15 changes after which a training starts afresh, and 4 after which it goes on."""
    found, tried = [], share([(change, False) for change in CHANGES], 8) + [(change, True) for change in SAME]
    for recipe in ("scratch_augmented", "features"):
        trial = Trial(tmp_path / recipe, recipe, stand.nursery)
        for change, goes_on in tried:
            if change.recipe == recipe and trial.goes_on(change) != goes_on:
                found.append(f"{change.name}: {'starts afresh' if goes_on else 'goes on with what no longer fits'}")
    note("12 resumed after a change", found, changes=len(tried) - len(SAME), without_a_change=len(SAME))
    assert not found, found
