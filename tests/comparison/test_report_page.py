from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from finished_recipes import write_images, write_pictures, write_recipe
from record_builders import packaged_model, preprocessing_settings, unsure_metrics
from warmstart.comparison.compare import compare
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.records.unsure import UnsureLimit, UnsureMetrics

RECIPES = ["scratch", "features", "fine_tune"]


def one_line(text: str) -> str:
    """With single blanks, as a browser shows it."""
    return " ".join(text.split())


class Page(HTMLParser):
    """What a browser would load, and whether every element is closed. text: without scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = one_line(re.sub("<script.*?</script>", "", text, flags=re.DOTALL))
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        loading = ("src", "srcset", "data", "poster", *(() if tag == "a" else ("href",)))
        self.loads += [str(value) for key, value in attrs if key in loading]
        if tag not in ("meta", "img", "br", "link", "source", "wbr", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("critters")
    write_images(root)
    write_recipe(root, "scratch", "scratch", wrong=12)
    write_pictures(write_recipe(root, "features", "transfer", wrong=4))
    write_pictures(write_recipe(root, "fine_tune", "transfer", wrong=1, val=0.95, epochs=1))
    compare(root, RECIPES, root / "report")
    return root


@pytest.fixture(scope="module")
def page(root: Path) -> Page:
    return Page((root / "report" / "index.html").read_text())


def test_everything_is_inside_the_page(page: Page) -> None:
    assert page.open == []
    assert "link" not in page.tags and "@import" not in page.text and "url(" not in page.text
    assert page.loads and all(re.match("data:image/(webp|jpeg);base64,", address) for address in page.loads)
    for address in page.loads:
        Image.open(io.BytesIO(base64.b64decode(address.split(",", 1)[1]))).verify()


def test_the_page_holds_its_parts(page: Page) -> None:
    assert "Start warm: fine_tune beats scratch by 27.5 points" in page.text
    assert "Of each family the recipe compared is the one with the highest <em>validation</em> accuracy" in page.text
    assert (
        "<title>critters: from scratch, or start warm?</title>" in page.text and page.text.count("compared above") == 2
    )
    # The curves, the intervals, the costs, the reliability, precision by recall, the samples, the highest losses, the
    # doubted labels; five of each interpreted recipe.
    assert page.tags.count("img") == 8 + 2 * 5
    assert "majority class" in page.text and "ab" * 32 in page.text
    assert "about 72" in page.text and "about 97" in page.text and "about 82" not in page.text


def test_it_says_in_what_precision_networks_were_trained_and_measured(tmp_path: Path) -> None:
    write_images(tmp_path)
    write_recipe(tmp_path, "scratch", "scratch", wrong=12, precision="bf16-mixed")
    write_recipe(tmp_path, "features", "transfer", wrong=2)
    compare(tmp_path, RECIPES, tmp_path / "report")
    text = one_line((tmp_path / "report" / "index.html").read_text())
    assert (
        "Trained in bfloat16 mixed precision on the CPU: scratch." in text
        and "Trained in 32-bit floats on the CPU: features." in text
    )
    assert "measured in 32-bit floats" in text


def test_the_scores_of_maps_are_a_table_without_columns_that_nobody_has(page: Page) -> None:
    assert page.text.count("these maps are not to be trusted (failed: &lt;noise&gt;)") == 2
    assert "0.25<small>[0.11, 0.42]</small>" in page.text
    assert "better than the middle" in page.text and "on the evidence" not in page.text


def test_text_from_files_is_escaped(page: Page) -> None:
    assert "<i>scratch</i>" not in page.text and "&lt;i&gt;scratch&lt;/i&gt;" in page.text
    assert "cat/&lt;script&gt;.jpg" in page.text


def test_figures_lie_beside_the_page(root: Path) -> None:
    for name in ("accuracy", "cost", "reliability", "curves", "curves/scratch", "curves/features", "curves/fine_tune"):
        with Image.open(root / "report" / f"{name}.png") as image:
            assert image.width > 1000
    assert not (root / "report" / "curves" / "majority class.png").exists()


def test_the_same_files_give_the_same_report(root: Path) -> None:
    compare(root, RECIPES, root / "again")
    for file in sorted(p for p in (root / "report").rglob("*") if p.is_file()):
        assert file.read_bytes() == (root / "again" / file.relative_to(root / "report")).read_bytes()


def test_a_new_report_replaces_the_old_one_whole(root: Path, tmp_path: Path) -> None:
    (tmp_path / "report" / "curves").mkdir(parents=True)
    (tmp_path / "report" / "curves" / "gone.png").touch()
    compare(root, ["scratch"], tmp_path / "report")
    assert sorted(p.name for p in (tmp_path / "report" / "curves").iterdir()) == ["scratch.png"]


@pytest.mark.parametrize(("dataset", "told"), [("mnist", True), ("fashion_mnist", False), ("digits", False)])
def test_the_lessons_figures_of_digits_stand_beside_mnist_alone(tmp_path: Path, dataset: str, told: bool) -> None:
    write_images(tmp_path, tuple("0123456789"), channels=1)
    meta = tmp_path / "images" / "meta.json"
    meta.write_text(meta.read_text().replace('"critters"', f'"{dataset}"'))
    for name in ("dense", "convnet", "convnet_no_pooling"):
        write_recipe(tmp_path, name, "scratch", wrong=2, classes=tuple("0123456789"))
    compare(tmp_path, ["dense", "convnet", "convnet_no_pooling"], tmp_path / "report")
    text = one_line((tmp_path / "report" / "index.html").read_text())
    assert ("Beside the published figures" in text) is told
    assert [figure in text for figure in ("98.99<small>test", "97.8<small>test", "cats and dogs")] == [
        told,
        told,
        False,
    ]


@pytest.mark.parametrize(
    ("dense", "sentence"),
    [
        (
            0.8,
            "convnet is the recipe with the highest <em>validation</em> accuracy, dense the one that all are set",
        ),
        (0.99, "dense and convnet are the two with the highest <em>validation</em> accuracy"),
    ],
)
def test_recipes_of_one_family_are_asked_which(tmp_path: Path, dense: float, sentence: str) -> None:
    write_images(tmp_path, tuple("0123456789"), channels=1)
    for name, wrong, val in (("dense", 12, dense), ("convnet", 1, 0.9), ("convnet_no_pooling", 3, 0.85)):
        write_recipe(tmp_path, name, "scratch", wrong=wrong, val=val, classes=tuple("0123456789"))
    compare(tmp_path, ["dense", "convnet", "convnet_no_pooling"], tmp_path / "report")
    page = Page((tmp_path / "report" / "index.html").read_text())
    assert "<title>critters: which recipe?</title>" in page.text and "start warm" not in page.text
    assert sentence in page.text and page.text.count("compared above") == 2
    assert "convnet beats dense" in page.text and "published figures" not in page.text


@pytest.mark.parametrize("channels", [1, 3])
def test_one_recipe_of_many_grey_classes_without_interpretation(tmp_path: Path, channels: int) -> None:
    classes = ("a & b", "<c>", "$d_1$", "é")
    write_images(tmp_path, classes, channels=channels)
    write_recipe(tmp_path, "features", "transfer", wrong=4, classes=classes)
    compare(tmp_path, RECIPES, tmp_path / "report")
    page = Page((tmp_path / "report" / "index.html").read_text())
    assert "No verdict yet" in page.text and "compared above" not in page.text and page.text.count("named above") == 1
    assert "a &amp; b" in page.text and "&lt;c&gt;" in page.text and "<c>" not in page.text
    assert (
        "where they look" not in page.text
        and "maps be trusted" not in page.text
        and "published figures" not in page.text
    )
    assert "<strong>scratch</strong> is left out: it has not finished" in page.text


def test_it_says_which_recipes_saw_images_of_another_size(tmp_path: Path) -> None:
    write_images(tmp_path)
    for name, family, size in (("scratch", "scratch", 16), ("features", "transfer", 32)):
        network = {**packaged_model().network, "size": size}
        built = packaged_model(network=network, preprocessing=preprocessing_settings(size=size))
        built.write(write_recipe(tmp_path, name, family, wrong=4) / "evaluate/package/model.json")
    compare(tmp_path, ["scratch", "features"], tmp_path / "report")
    page = one_line((tmp_path / "report/index.html").read_text())
    assert (
        "one of each class after the other. Trained and tested at 32 × 32 pixels: &lt;i&gt;features&lt;/i&gt;." in page
    )


def test_it_says_below_which_probability_answers_are_unsure_and_what_that_kept_on_test_images(tmp_path: Path) -> None:
    write_images(tmp_path)
    found = {
        "scratch": None,  # evaluated by an earlier version
        "features": unsure_metrics(),
        "fine_tune": UnsureMetrics(UnsureLimit(0.01, None, none="there are too few images")),
    }
    for name, unsure in found.items():
        place = write_recipe(tmp_path, name, "scratch" if name == "scratch" else "transfer", wrong=4)
        metrics = place / "evaluate/metrics.json"
        replace(EvaluationMetrics.read(metrics), unsure=unsure).write(metrics)
    compare(tmp_path, RECIPES, tmp_path / "report")
    text = (tmp_path / "report/index.html").read_text()
    _, found_part = text.split("Which answers are unsure?")
    table = Page(found_part[found_part.index("<table>") : found_part.index("</table>") + 8]).text
    assert "scratch" not in table and "0.875" in table and "there are too few images" in found_part
    assert table.count("20.0<small>[10.0, 30.0]</small><small>n = 40</small>") == 2
    assert table.count("10.0<small>[0.0, 20.0]</small><small>n = 32</small>") == 2


def test_recipes_of_earlier_versions_have_no_table_of_unsure_answers(page: Page) -> None:
    assert "unsure" not in page.text
