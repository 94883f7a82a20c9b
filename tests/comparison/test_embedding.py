from __future__ import annotations

import io
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data_builders import feature_cache_meta
from finished_recipes import DIGEST, write_images, write_recipe
from warmstart.comparison import embedding as module
from warmstart.comparison.compare import build_comparison, compare
from warmstart.comparison.embedding import EmbeddingMap, embed_photos
from warmstart.comparison.report.embedding_chart import MAX_URI_BYTES, embedding_chart, interactive_map, photo_sheet
from warmstart.records.embedding import EmbeddingRow

RECIPES = ["scratch", "features"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Features that tell the two classes apart, but for the first four validation photos."""
    write_images(tmp_path)
    write_recipe(tmp_path, "scratch", "scratch", wrong=12)
    write_recipe(tmp_path, "features", "transfer", wrong=4)
    for split in ("train", "val"):
        (tmp_path / "feature_cache" / split).mkdir(parents=True)
        side = np.arange(40) % 2 * 2.0 - 1
        if split == "val":
            side[:4] *= -1
        vectors = np.random.default_rng(len(split)).normal(size=(40, 8)) * 0.1 + side[:, None]
        np.save(tmp_path / "feature_cache" / split / "avg-00000.npy", vectors.astype(np.float32))
    feature_cache_meta(images=DIGEST).write(tmp_path / "feature_cache/meta.json")
    return tmp_path


def embed(root: Path) -> EmbeddingMap | None:
    comparison = build_comparison(root, RECIPES)
    return embed_photos(comparison.store, root / "feature_cache", comparison.finished)


def test_neighbours_are_counted_in_the_features_with_n_and_interval(root: Path) -> None:
    found = embed(root)
    assert found is not None
    assert (found.neighbours.value, found.neighbours.n, found.majority) == (36 / 40, 40, 0.5)
    assert found.neighbours.low < 0.9 < found.neighbours.high
    assert {name: int(wrong.sum()) for name, wrong in found.wrong.items()} == {"scratch": 12, "features": 4}


def test_photos_that_are_alike_lie_together_on_the_same_map_each_time(root: Path) -> None:
    first, second = embed(root), embed(root)
    assert first is not None and second is not None and (first.points == second.points).all()
    sides = np.where(np.arange(40) < 4, 1 - first.labels, first.labels)
    distances = np.linalg.norm(first.points[:, None] - first.points[None], axis=-1) + np.diag(np.full(40, np.inf))
    assert (sides[distances.argmin(axis=1)] == sides).mean() > 0.9


def test_of_many_photos_some_are_drawn_at_random(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PHOTOS", 15)
    found = embed(root)
    assert found is not None and (len(found.rows), found.total, found.neighbours.n) == (15, 40, 15)
    assert len(set(found.paths)) == 15 and found.rows.max() > 15
    store = build_comparison(root, RECIPES).store
    assert [store.manifest("val")[row].path for row in found.rows] == found.paths


def test_without_features_of_these_images_there_is_no_map(root: Path) -> None:
    feature_cache_meta(images="of other images").write(root / "feature_cache/meta.json")
    assert embed(root) is None
    compare(root, RECIPES, root / "report")
    assert not (root / "report/embedding.csv").exists() and not (root / "report/embedding.png").exists()
    assert "A map of the photos" not in (root / "report/index.html").read_text()


def test_the_report_has_the_map_and_its_table(root: Path) -> None:
    compare(root, RECIPES, root / "report")
    rows = EmbeddingRow.read_rows(root / "report/embedding.csv")
    found = embed(root)
    assert found is not None and [row.path for row in rows] == found.paths
    assert [row.wrong for row in rows[2:13:5]] == ["scratch features", "scratch", ""]
    assert "90.0 %" in (root / "report/index.html").read_text().split("A map of the photos")[1]
    with Image.open(root / "report/embedding.png") as image:
        assert image.width > 1000


def test_the_figure_tells_the_page_labels_and_mistakes(root: Path) -> None:
    found = embed(root)
    assert found is not None
    (plot,) = interactive_map(found, ["cat", "dog"]).values()
    data = plot.renderers[0].data_source.data
    assert data["label"] == [0, 1] * 20 and data["name"][:2] == ["cat", "dog"]
    assert sum(data["wrong_0"]) == 12 and sum(data["wrong_1"]) == 4


@pytest.mark.parametrize("channels", [1, 3])
def test_small_pictures_are_one_sheet_of_limited_size(channels: int) -> None:
    photos = list(np.random.default_rng(0).integers(0, 256, (400, 30, 30, channels), dtype=np.uint8))
    address = photo_sheet(photos)
    assert len(address) <= MAX_URI_BYTES
    with Image.open(io.BytesIO(b64decode(address.split(",", 1)[1]))) as sheet:
        assert sheet.size == (960, 960)


def test_the_picture_rings_the_mistakes_of_a_recipe(root: Path) -> None:
    found = embed(root)
    assert found is not None
    (ax,) = embedding_chart(found, ["cat", "dog"], "features", narrow=True).axes
    dots, rings = ax.collections
    assert (len(dots.get_offsets()), len(rings.get_offsets())) == (40, 4)
    (ax,) = embedding_chart(found, ["cat", "dog"], "unknown").axes
    assert len(ax.collections) == 1
