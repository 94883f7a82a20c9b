"""The pages as a reader's browser shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browser import LAYOUT, find_browser, look
from data_builders import feature_cache_meta
from finished_recipes import DIGEST, write_images, write_pictures, write_recipe
from support import Folders
from warmstart.audit.write_audit import write_audit
from warmstart.comparison.compare import compare

pytestmark = pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome is installed")
Look = Callable[..., Any]


@pytest.fixture
def look_at(tmp_path: Path) -> Look:
    return lambda page, script, **options: look(page, tmp_path, script, **options)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with a map of photos."""
    root = tmp_path_factory.mktemp("mapped") / "critters"
    write_images(root)
    write_recipe(root, "scratch_augmented", "scratch", wrong=12)
    write_pictures(write_recipe(root, "features_augmented", "transfer", wrong=4))
    for split in ("train", "val"):
        (root / "feature_cache" / split).mkdir(parents=True)
        vectors = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
        np.save(root / "feature_cache" / split / "avg-00000.npy", vectors)
    feature_cache_meta(images=DIGEST).write(root / "feature_cache/meta.json")
    compare(root, ["scratch_augmented", "features_augmented"], root / "report")
    return root / "report/index.html"


@pytest.mark.parametrize("width", [390, 1200])
def test_a_report_of_trained_networks_loads_and_fits(look_at: Look, measured: Folders, width: int) -> None:
    beyond, pictures, missing = look_at(measured.root / "report/index.html", LAYOUT, width=width)
    assert beyond <= 0 and pictures > 3 and missing == []


@pytest.mark.parametrize("width", [390, 1200])
def test_a_report_with_a_map_fits(look_at: Look, mapped: Path, width: int) -> None:
    beyond, _, missing = look_at(mapped, LAYOUT, width=width)
    assert beyond <= 0 and missing == []


@pytest.mark.parametrize("width", [390, 1200])
def test_an_audit_fits(look_at: Look, tiny: Folders, tmp_path: Path, width: int) -> None:
    write_audit(tiny.root / "scan", tiny.images, tmp_path / "audit", dataset="critters")
    beyond, pictures, missing = look_at(tmp_path / "audit/index.html", LAYOUT, width=width)
    assert beyond <= 0 and pictures and missing == []


def test_a_switch_takes_a_recipe_off_the_curves_and_puts_it_back(look_at: Look, measured: Folders) -> None:
    before, off, on, training = look_at(
        measured.root / "report/index.html",
        """
        const seen = [drawn("curves-accuracy")];
        const press = async name => {
          const box = document.querySelector(`input[data-curve="${name}"]`);
          box.focus();
          if (document.activeElement !== box) throw "no keyboard reaches it";
          box.click();
          await pause();
          seen.push(drawn("curves-accuracy"));
        };
        await press("recipe scratch");
        await press("recipe scratch");
        await press("part training");
        return seen;
        """,
    )
    assert before and off != before and on == before and training != before


def test_buttons_zoom_and_show_all_again(look_at: Look, mapped: Path) -> None:
    for place in ("curves-accuracy", "curves-loss", "embedding-map"):
        before, near, again = look_at(
            mapped,
            """
            const seen = [drawn("PLACE")];
            for (const zoom of ["0.67", "reset"]) {
              document.querySelector(`button[data-zoom="${zoom}"][data-plots~="PLACE"]`).click();
              await pause();
              seen.push(drawn("PLACE"));
            }
            return seen;
            """.replace("PLACE", place),
        )
        assert before and near != before and again == before


def test_the_map_shows_the_mistakes_of_a_chosen_recipe(look_at: Look, mapped: Path) -> None:
    by_class, mistakes, others, choices = look_at(
        mapped,
        """
        const list = document.getElementById("map-colours"), seen = [drawn("embedding-map")];
        for (const choice of Array.from(list.options).slice(1)) {
          list.value = choice.value;
          list.dispatchEvent(new Event("change"));
          await pause();
          seen.push(drawn("embedding-map"));
        }
        return [...seen, Array.from(list.options).map(one => one.text.replace(/\\\\s+/g, " "))];
        """,
    )
    assert len({by_class, mistakes, others}) == 3
    assert [text.split(" of ")[1:] for text in choices[1:]] == [
        ["scratch_augmented: 12", "40"],
        ["features_augmented: 4", "40"],
    ]


def test_pointing_at_a_dot_of_the_map_shows_its_photo(look_at: Look, mapped: Path) -> None:
    text, pictures = look_at(
        mapped,
        """
        const given = JSON.parse(document.getElementById("figures").textContent).roots;
        const id = Object.keys(given).find(one => given[one] === "embedding-map");
        const view = Bokeh.index.get_by_id(id), data = view.model.renderers[0].data_source.data;
        const at = {sx: view.frame.x_scale.compute(data.x[0]), sy: view.frame.y_scale.compute(data.y[0]),
          modifiers: {shift: false, ctrl: false, alt: false}, native: new PointerEvent("pointermove")};
        for (const type of ["enter", "move"]) view.canvas_view.ui_event_bus[`on_${type}`]({type, ...at});
        await pause();
        const every = inside => Array.from(inside.querySelectorAll("*")).flatMap(
          one => [one, ...(one.shadowRoot ? every(one.shadowRoot) : [])]);
        const shown = every(document.body).filter(one => one.matches("div[style*='--photos']"));
        return [shown.map(one => one.parentElement.textContent).join(),
          shown.map(one => getComputedStyle(one).backgroundImage.slice(0, 22))];
        """,
    )
    assert text == "catcat/val_0.jpgmistaken by scratch_augmented, features_augmented"
    assert pictures == ['url("data:image/webp;b']
