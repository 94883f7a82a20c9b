"""The page of predictions: every photo under its class, the least certain first, and nothing from outside it."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from browser import LAYOUT, find_browser, look
from photos import save_photo
from warmstart.errors import UserError
from warmstart.models.image_model import ImageModel
from warmstart.records.unsure import UnsureLimit
from warmstart.serving.gallery_page import render_gallery
from warmstart.serving.package import load_package
from warmstart.serving.predict_files import predict_files
from warmstart.serving.predict_photos import Prediction


@dataclass
class Page(HTMLParser):
    """headings and captions: their text, in order. pictures: src and alt. addresses: whatever the page loads."""

    text: str
    headings: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    into: list[str] | None = None

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = {key: value or "" for key, value in attrs}
        self.addresses += [given[key] for key in ("src", "href", "srcset") if key in given]
        if tag == "img":
            self.pictures.append((given["src"], given["alt"]))
        if tag in ("h2", "figcaption"):
            self.into = self.headings if tag == "h2" else self.captions
            self.into.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("h2", "figcaption"):
            self.into = None

    def handle_data(self, data: str) -> None:
        if self.into is not None:
            self.into[-1] += data


@pytest.fixture
def model(packaged: Path) -> ImageModel:
    model = load_package(packaged)
    model.unsure = UnsureLimit(0.01, 0.7, "observed")
    return model


def predicted(path: Path, label: int, confidence: float, model: ImageModel) -> Prediction:
    name = model.classes[label]
    return Prediction(str(path), name, np.zeros(2), confidence=confidence, unsure=confidence < 0.7)


@pytest.fixture
def predictions(model: ImageModel, tmp_path: Path) -> list[Prediction]:
    found = [("a", 0, 0.95), ("b", 1, 0.55), ("c", 0, 0.6), ("d", 0, 0.99), ("e", 1, 0.8)]
    for seed, (name, _, _) in enumerate(found):
        save_photo(tmp_path / f"{name}.png", seed)
    return [predicted(tmp_path / f"{name}.png", label, sure, model) for name, label, sure in found]


def names(page: Page) -> list[str]:
    return [alt.partition(".")[0] for _, alt in page.pictures]


def test_photos_stand_under_their_class_the_least_certain_first(
    model: ImageModel, predictions: list[Prediction]
) -> None:
    page = Page(render_gallery(model, predictions))
    assert names(page) == ["c", "a", "d", "b", "e"]
    assert [heading.split()[:2] for heading in page.headings] == [["cat", "3"], ["dog", "2"]]
    assert ["unsure" in alt for _, alt in page.pictures] == [True, False, False, True, False]
    assert ["unsure" in caption for caption in page.captions] == [True, False, False, True, False]
    assert all(f"{name}.png" in caption for name, caption in zip("cadbe", page.captions, strict=True))
    assert "60.0 %" in page.captions[0] and "60.0 %" in page.pictures[0][1]
    assert names(Page(render_gallery(model, predictions, "name"))) == ["a", "c", "d", "b", "e"]


def test_the_page_is_whole_by_itself(model: ImageModel, predictions: list[Prediction]) -> None:
    page = Page(render_gallery(model, predictions))
    assert all(address.startswith(("data:image/", "#")) for address in page.addresses) and "script" not in page.tags
    for source, alt in page.pictures:
        with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
            assert max(image.size) <= 200 and alt


def test_of_many_photos_the_least_certain_are_shown_and_the_others_counted(
    model: ImageModel, predictions: list[Prediction]
) -> None:
    text = render_gallery(model, predictions, max_shown=2)
    assert names(Page(text)) == ["c", "b"] and "3 are left out" in text
    assert "left out" not in render_gallery(model, predictions, max_shown=5)


def test_names_are_text_and_a_photo_that_has_gone_is_said(
    model: ImageModel, predictions: list[Prediction], tmp_path: Path
) -> None:
    gone = predicted(tmp_path / "<script>x\u202e.png", 1, 0.51, model)
    bad = Prediction(str(tmp_path / "bad\udce9.jpg"), None, None, "not an image")
    text = render_gallery(model, [*predictions, gone, bad])
    page = Page(text)
    text.encode()
    assert "script" not in page.tags and "\u202e" not in text and "can no longer be read" in text
    assert len(page.pictures) == 5 and len(page.captions) == 6 and "bad\\udce9.jpg" in text


def test_the_page_appears_whole_beside_the_other_output(
    packaged: Path, predictions: list[Prediction], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    photos = [Path(one.path) for one in predictions]
    assert predict_files(packaged, photos, page=page) == 5
    assert len(Page(page.read_text()).pictures) == 5 and "a.png" in capsys.readouterr().out
    before = page.read_text()
    with pytest.raises(UserError):
        predict_files(packaged, [tmp_path / "nothing.png", tmp_path / "page.html"], page=page)
    assert page.read_text() == before
    for wrong in (tmp_path, tmp_path / "nowhere" / "page.html"):
        with pytest.raises(UserError, match="--page"):
            predict_files(packaged, photos, page=wrong)
    with pytest.raises(UserError, match="--page"):
        predict_files(packaged, photos, output=page, page=page)


@pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome is installed")
@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_fits_a_browser(model: ImageModel, predictions: list[Prediction], tmp_path: Path, width: int) -> None:
    long = predicted(tmp_path / f"{'long_' * 30}.png", 1, 0.51, model)
    save_photo(Path(long.path), 9)
    page = tmp_path / "page_of_photos.html"
    page.write_text(render_gallery(model, [*predictions, long]))
    assert look(page, tmp_path, LAYOUT, width) == [0, 6, []]
