"""All pairs of recipes: corrected for their number, in the table, in words and on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from finished_recipes import write_images, write_recipe
from warmstart.comparison.compare import build_comparison, compare
from warmstart.comparison.pairwise_messages import group_sentences, pairwise_sentences
from warmstart.records.comparison import ComparisonTable

WRONG = {"scratch": 12, "features": 2, "fine_tune": 1, "scratch_augmented": 6}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_images(tmp_path)
    for name, wrong in WRONG.items():
        write_recipe(tmp_path, name, "scratch" if name.startswith("scratch") else "transfer", wrong=wrong)
    return tmp_path


def test_every_pair_is_compared_and_corrected_for_all(root: Path) -> None:
    pairwise = build_comparison(root, list(WRONG)).pairwise
    assert pairwise.order == ["fine_tune", "features", "scratch_augmented", "scratch"] and len(pairwise.pairs) == 6
    worst = pairwise.between("fine_tune", "scratch")
    assert worst.paired.p == pytest.approx(2 / 2**11) and worst.p == pytest.approx(6 * 2 / 2**11) and worst.clear
    # Found by its own test (p = 0.03), but not as one of six.
    alone = pairwise.between("scratch_augmented", "scratch")
    assert alone.paired.beyond_noise and not alone.clear


def test_a_pair_the_other_way_round_is_its_mirror_image(root: Path) -> None:
    pairwise = build_comparison(root, list(WRONG)).pairwise
    there, back = pairwise.between("features", "scratch"), pairwise.between("scratch", "features")
    assert there.paired.difference.value == -back.paired.difference.value == pytest.approx(10 / 40)
    assert there.paired.difference.low == -back.paired.difference.high > 0
    assert (there.paired.first_only, there.paired.second_only) == (10, 0) and (there.p, there.clear) == (back.p, True)
    assert (back.paired.first_only, back.paired.second_only, back.first) == (0, 10, "scratch")


def test_groups_hold_those_that_are_not_told_apart(root: Path) -> None:
    assert build_comparison(root, list(WRONG)).pairwise.groups == [
        ["fine_tune", "features", "scratch_augmented"],
        ["scratch_augmented", "scratch"],
    ]


def test_the_images_needed_are_at_the_level_that_the_correction_leaves(tmp_path: Path) -> None:
    write_images(tmp_path, n=400)
    write_recipe(tmp_path, "scratch", "scratch", wrong=200, n=400)
    write_recipe(tmp_path, "features", "transfer", wrong=30, n=400, wrong_on=range(10, 40))
    write_recipe(tmp_path, "fine_tune", "transfer", wrong=18, n=400)
    pairwise = build_comparison(tmp_path, ["scratch", "features", "fine_tune"]).pairwise
    needed = pairwise.needed
    assert needed is not None and (needed.first, needed.second) == ("fine_tune", "features")
    assert needed.disagree == pytest.approx(32 / 400)
    assert needed.level == pytest.approx(0.05)  # the two pairs with scratch are told apart already
    assert needed.images is not None and 400 < needed.images < 2000
    write_recipe(tmp_path, "fine_tune", "transfer", wrong=29, n=400)  # one image apart
    needed = build_comparison(tmp_path, ["scratch", "features", "fine_tune"]).pairwise.needed
    assert needed is not None and needed.images is None and needed.smallest is not None
    write_recipe(tmp_path, "fine_tune", "transfer", wrong=0, n=400)
    assert build_comparison(tmp_path, ["scratch", "features", "fine_tune"]).pairwise.needed is None


def test_no_number_of_images_is_said_where_none_follows(root: Path) -> None:
    few = build_comparison(root, ["features", "fine_tune"]).pairwise
    assert few.needed is not None and few.needed.images is not None  # one image of one: its standard error
    write_recipe(root, "fine_tune", "transfer", wrong=2)
    same = build_comparison(root, ["features", "fine_tune"]).pairwise
    assert same.needed is not None and same.needed.images is None and same.needed.disagree == 0
    assert "cannot be said how many" in pairwise_sentences(same, 1)[-1]
    assert pairwise_sentences(build_comparison(root, ["features"]).pairwise, 1) == []


def test_recipes_that_are_not_told_apart_are_named() -> None:
    order = ["a", "b", "c", "d", "e"]
    (row,) = group_sentences([["a", "b", "c", "d"], ["d", "e"]], order, "40", "test images")
    assert "from a to d" in row and "d and e" in row
    several = group_sentences([["a", "b", "d", "e"], ["c"]], order, "40", "test images")
    assert "a, b, d and e" in several[0] and "c" in several[1]
    assert (
        len(
            {*group_sentences([["a", "b"]], order[:2], "40", ""), *group_sentences([["a"], ["b"]], order[:2], "40", "")}
        )
        == 2
    )


def test_table_rows_and_page_have_the_corrected_tests(root: Path) -> None:
    compare(root, list(WRONG), root / "report")
    table = ComparisonTable.read(root / "report" / "table.json")
    assert len(table.pairwise.pairs) == 6 and table.pairwise.sentences
    pair, row = table.pairwise.between("scratch_augmented", "scratch"), table.row("scratch_augmented")
    assert pair is not None and row is not None
    assert row.mcnemar_p == pair.paired.p < row.mcnemar_p_corrected == pair.p and row.clear is pair.clear is False
    page = " ".join((root / "report" / "index.html").read_text().split())
    assert page.count('<td class="clear"') == sum(pair.clear for pair in table.pairwise.pairs)
    assert all(sentence in page for sentence in table.pairwise.sentences)
    assert "scratch against fine_tune: −27.5 points" in page
