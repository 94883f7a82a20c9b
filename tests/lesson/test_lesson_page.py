"""The lesson's page: everything in order, with what is missing named, and figures from the files alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from PIL import Image

from finished_recipes import write, write_images, write_recipe
from warmstart.errors import UserError
from warmstart.lesson.page.numbers import convolution_parameters, feature_map_shape
from warmstart.lesson.page.render import source_of, write_lesson_page
from warmstart.lesson.page.results import read_digits, read_results
from warmstart.models.convnet import ConvNet
from warmstart.models.layers import layer_table

IN_ORDER = [
    *(
        "convnet",
        "convolution",
        "borders",
        "pooling",
        "scratch",
        "augmentation",
        "batch_norm",
        "features",
        "features_augmented",
    ),
    *("fine_tune", "comparison", "activations", "kernels", "patterns", "imagenet", "maps", "trust"),
]


def digits_convnet(pooled: int) -> ConvNet:
    return ConvNet(
        size=28, channels=1, outputs=10, widths=[32, 64, 64], dense=64, batch_norm=False, dropout=0.0, pooled=pooled
    )


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """Photos with two finished recipes, and digits with the convnets."""
    write_images(tmp_path / "critters")
    write_recipe(tmp_path / "critters", "scratch", "scratch", wrong=8)
    write_recipe(tmp_path / "critters", "fine_tune", "transfer", wrong=2)
    write_images(tmp_path / "digits", ("0", "1", "2"), channels=1)
    for recipe, pooled in (("convnet", 2), ("convnet_no_pooling", 0)):
        folder = write_recipe(tmp_path / "digits", recipe, "scratch", wrong=3, classes=("0", "1", "2"))
        layer_table(digits_convnet(pooled), torch.zeros(1, 1, 28, 28)).write(folder / "model" / "layers.json")
    return tmp_path


def page_of(artifacts: Path) -> str:
    write_lesson_page(read_results(artifacts / "critters"), read_digits(artifacts))
    return (artifacts / "critters" / "lesson" / "index.html").read_text()


def test_the_page_goes_through_the_lesson_in_its_order(artifacts: Path) -> None:
    text = page_of(artifacts)
    assert re.findall(r'<section id="(\w+)">', text) == IN_ORDER
    assert text.count("<pre>python ") + text.count("&amp;&amp; dvc repro") >= len(IN_ORDER)
    assert "http://" not in text and "https://" not in text and "<script" not in text


def test_each_figure_stands_beside_the_published_one(artifacts: Path) -> None:
    text = page_of(artifacts)
    for published in ("98.99 %", "97.8 %", "3,453,121", "16,812,353", "about 90 %", "about 96 %", "about 97 %"):
        assert published in text
    assert "80.0 %" in text  # scratch: 8 of 40 wrong
    assert "not trained yet" in text  # features
    assert "22 × 22 × 64" in text


def test_the_digits_networks_are_counted_from_their_layers(artifacts: Path) -> None:
    digits = read_digits(artifacts)
    for recipe, shape in (("convnet", "3 × 3 × 64"), ("convnet_no_pooling", "22 × 22 × 64")):
        assert (convolution_parameters(digits, recipe), feature_map_shape(digits, recipe)) == ("55,744", shape)


def test_a_missing_picture_is_named_and_one_that_is_there_is_inside(artifacts: Path) -> None:
    photos = read_results(artifacts / "critters")
    missing = write_lesson_page(photos, None)
    assert "edges.png" in missing["convolution"]
    before = (photos.lesson / "index.html").read_text()
    (photos.lesson / "convolution").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(photos.lesson / "convolution" / "edges.png")
    missing = write_lesson_page(photos, None)
    assert "edges.png" not in missing["convolution"]
    assert (photos.lesson / "index.html").read_text().count("data:image/webp") == before.count("data:image/webp") + 1


def test_the_pages_made_for_the_lesson_win_over_the_pipelines_own_unless_those_are_full(artifacts: Path) -> None:
    photos = read_results(artifacts / "critters")
    assert photos.interpretation("scratch") == photos.root / "recipes" / "scratch" / "interpret"
    write(photos.lesson / "pages" / "scratch" / "summary.json", {})
    assert photos.interpretation("scratch") == photos.lesson / "pages" / "scratch"
    (photos.root / "recipes" / "scratch" / "interpret" / "activations").mkdir(parents=True)
    assert photos.interpretation("scratch") == photos.root / "recipes" / "scratch" / "interpret"


def test_without_prepared_images_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="dvc repro"):
        read_results(tmp_path / "nothing")
    assert read_digits(tmp_path) is None


def test_source_is_shown_as_it_is_without_its_docstring() -> None:
    source = source_of(ConvNet.forward)
    assert source.where.startswith("src/warmstart/models/convnet.py, line ")
    assert source.lines.startswith("def forward(") and "self.logits(" in source.lines and '"""' not in source.lines
    with pytest.raises(ValueError, match="a handful"):
        source_of(layer_table)
