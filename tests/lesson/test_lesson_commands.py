"""The commands of the lesson's demonstrations: a photo needs no dataset, a mistake is one message."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from reliability.nursery import Nursery
from support import CHECKOUT


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["convolution.py", "image=nothing.jpg"], "nothing.jpg cannot be read"),
        (["augmentation.py", "image=photo.png", "recipe=scratch"], "no augmentation to show"),
        (["batch_norm.py", "data.name=unknown"], "not prepared"),
    ],
)
def test_mistakes_are_named_and_nothing_is_written(
    forked: Nursery, arguments: list[str], named: str, tmp_path: Path
) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "photo.png")
    done = forked.python(str(CHECKOUT / "pipelines" / arguments[0]), *arguments[1:], "out_dir=out", cwd=tmp_path)
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_photo_needs_no_dataset(forked: Nursery, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "photo.png")
    done = forked.python(str(CHECKOUT / "pipelines/augmentation.py"), "image=photo.png", "out_dir=out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "draws.png").exists()
