"""Of the folder of recipes, DVC sees the outputs of the stages, and neither leftovers of killed processes nor what a
person puts there.
"""

from __future__ import annotations

from pathlib import Path

from support import CHECKOUT

SEEN = ["recipes/scratch/model/model.ckpt", "recipes/scratch/model/folds/1/model.ckpt", "recipes/scratch/evaluate/a.json",
        "recipes/scratch/interpret/x/a.png", "images/train.npy", "conf/scratch/train.yaml"]  # fmt: skip
UNSEEN = ["recipes/scratch/.model.0123abcd.aside/model.ckpt", "recipes/scratch/.model.0123abcd.old.aside/model.ckpt", "recipes/notes.txt",
          ".images.0123abcd.aside/train.npy", ".prepared.json.0123abcd.aside", "recipes/.DS_Store", "recipes/scratch/notes.txt",
          "recipes/scratch/patterns/a.png", "../.resume/ab/last.ckpt", "../.digests/critters", "../.logs/a.log"]  # fmt: skip
IGNORED = CHECKOUT / ".dvcignore"


def test_dvc_sees_the_outputs_and_nothing_else_beside_them(tmp_path: Path) -> None:
    from dvc.repo import Repo

    (tmp_path / ".dvcignore").write_text(IGNORED.read_text())
    dataset = tmp_path / "artifacts" / "critters"
    for name in [*SEEN, *UNSEEN]:
        path = dataset / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    with Repo.init(str(tmp_path), no_scm=True) as repo:
        found = [
            Path(place, name)
            for place, _, names in repo.dvcignore.walk(repo.fs, str(tmp_path / "artifacts"))
            for name in names
        ]
    assert sorted(str(path.relative_to(dataset)) for path in found) == sorted(SEEN)
