"""``warmstart suggest``: the recipe that chooses, what is printed, and what is said where nothing can be chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from photos import save_photo
from record_builders import packaged_model, training_summary
from warmstart.active_learning import suggest as core
from warmstart.cli.checkout import Checkout
from warmstart.records.suggestion import Suggestion

Warm = Callable[..., tuple[int, str, str]]
FOUND = Suggestion("critters", "linear_probe", ["new"], 50, 10, 1, 2, 1, 6, None, "too few photos")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What would have been chosen from."""
    given: list[tuple[Any, ...]] = []

    def note(*words: Any) -> core.Suggestions:
        given.append(words)
        return core.Suggestions(FOUND, [])

    monkeypatch.setattr(core, "suggest_photos", note)
    return given


def finish(checkout: Checkout, recipe: str, phase: str) -> None:
    folder = checkout.dataset("critters") / "recipes" / recipe
    for name in ("model", "evaluate/package"):
        (folder / name).mkdir(parents=True)
    training_summary(phase=phase).write(folder / "model/summary.json")
    packaged_model().write(folder / "evaluate/package/model.json")


def test_the_linear_probe_chooses_and_the_result_is_printed(
    checkout: Checkout, warm: Warm, asked: list[tuple[Any, ...]]
) -> None:
    for recipe, phase in (("features", "cached"), ("linear_probe", "probe"), ("scratch", "scratch")):
        finish(checkout, recipe, phase)
    code, out, _ = warm("suggest", "new", "--count", 7)
    ((dataset, recipe, sources, count, folder),) = asked
    assert code == 0 and (dataset, recipe, count) == (checkout.dataset("critters"), "linear_probe", 7)
    assert sources == [Path("new")] and folder == dataset / "suggest"
    assert (
        "6 photos to label, of 10" in out and "too few photos" in out and checkout.short(folder / "suggest.csv") in out
    )


def test_another_recipe_on_cached_features_may_choose(
    checkout: Checkout, warm: Warm, asked: list[tuple[Any, ...]]
) -> None:
    finish(checkout, "fine_tune", "fine_tune")
    finish(checkout, "features", "cached")
    assert warm("suggest", "new")[0] == warm("suggest", "new", "--recipe", "features")[0] == 0
    assert [recipe for _, recipe, *_ in asked] == ["features", "features"]
    code, out, err = warm("suggest", "new", "--recipe", "fine_tune")
    assert code == 1 and not out and "fine_tune" in err and "features (--recipe)" in err and len(err.splitlines()) == 1


def test_without_such_a_recipe_the_remedy_is_said(checkout: Checkout, warm: Warm, asked: list[tuple[Any, ...]]) -> None:
    code, _, err = warm("suggest", "new")
    assert code == 1 and "no recipe has finished on critters" in err and "warmstart run" in err
    finish(checkout, "scratch", "scratch")
    code, _, err = warm("suggest", "new")
    assert code == 1 and "--only linear_probe" in err and len(err.splitlines()) == 1
    code, _, err = warm("suggest", "new", "--recipe", "linear_prob")
    assert code == 1 and "did you mean linear_probe?" in err
    code, _, err = warm("suggest", "new", "--name", "critter")
    assert code == 1 and "did you mean critters?" in err
    assert not asked


@pytest.mark.parametrize("words", [(), ("new", "--count", "0"), ("new", "--count", "many")])
def test_words_that_make_no_sense_are_refused(checkout: Checkout, warm: Warm, words: tuple[str, ...]) -> None:
    code, _, err = warm("suggest", *words)
    assert code == 2 and "suggest --help" in err


def test_it_chooses_from_photos_that_are_there(checkout: Checkout, warm: Warm, tmp_path: Path) -> None:
    finish(checkout, "linear_probe", "probe")
    code, _, err = warm("suggest", tmp_path / "nowhere")
    assert code == 1 and "nowhere" in err
    save_photo(tmp_path / "new/1.jpg", 1)
    code, _, err = warm("suggest", tmp_path / "new")
    assert code == 1 and "model.safetensors is missing" in err, "the package has no weights here"
