"""A copy of dvc.lock is of the commit that it was made beside: after another one was checked out or made, that comes
first.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from locks import STARTS, WHOLE, commit, cut, git, make
from warmstart.cli.dvc.lockfile import copy_path, mark_begun, restore_copy, save_copy, stage_names


@pytest.mark.parametrize("damage", [b"", WHOLE[: len(WHOLE) // 3], cut(STARTS[2])])
def test_the_copy_is_not_put_back_on_another_branch(tmp_path: Path, damage: bytes) -> None:
    other = WHOLE.replace(b"size: 1", b"size: 2", 1)
    root = make(tmp_path / "x", other)
    git(root, "checkout", "-qb", "mine")
    commit(root, WHOLE)
    assert restore_copy(root) is None and copy_path(root).read_bytes() == WHOLE
    git(root, "checkout", "-q", "-")
    mark_begun(root)
    (root / "dvc.lock").write_bytes(damage)
    done = restore_copy(root)
    if stage_names(damage) is not None:  # of this branch, and whole as far as anything tells
        assert done is None and (root / "dvc.lock").read_bytes() == damage == copy_path(root).read_bytes()
    else:
        assert (
            done
            and "last committed" in done
            and (root / "dvc.lock").read_bytes() == other == copy_path(root).read_bytes()
        )


def test_the_copy_counts_again_as_soon_as_the_file_was_seen_whole_beside_the_commit(tmp_path: Path) -> None:
    newer = WHOLE.replace(b"size: 1", b"size: 2", 1)
    root = make(tmp_path / "x", cut(STARTS[3]))
    (root / "dvc.lock").write_bytes(newer)
    save_copy(root)
    commit(root, WHOLE)
    (root / "dvc.lock").write_bytes(newer)
    assert restore_copy(root) is None
    (root / "dvc.lock").write_bytes(b"")
    assert restore_copy(root) and (root / "dvc.lock").read_bytes() == newer


def test_a_committed_one_that_is_damaged_itself_is_not_put_back(tmp_path: Path) -> None:
    root = make(tmp_path / "x", WHOLE)
    save_copy(root)
    commit(root, WHOLE[:-20])
    assert restore_copy(root) and (root / "dvc.lock").read_bytes() == WHOLE
