from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from warmstart.config.schema import Interpret
from warmstart.dataset.image_store import ImageStore
from warmstart.files.plain import read_json, write_json
from warmstart.interpretation.feature_visualization.patterns_page import feature_visualizer
from warmstart.interpretation.receptive_field import ReceptiveField, receptive_field
from warmstart.models.image_model import ImageModel


def test_fields_grow_and_coarsen_with_depth(
    make_model: Callable[..., ImageModel], make_store: Callable[..., ImageStore]
) -> None:
    with feature_visualizer(make_model(), make_store(), Interpret(patterns=2)) as visualizer:
        fields = [
            receptive_field(visualizer.model, choice.layer, visualizer.photos.images) for choice in visualizer.layers
        ]
    assert [field.stride for field in fields] == [
        1,
        2,
        4,
    ]  # also where maps are smaller than the photo for lack of padding
    assert (
        fields[0].side == 6 and fields[1].side <= 8 and fields[1].side < fields[2].side <= 18
    )  # in theory 3, 8 and 18


def test_the_box_lies_around_the_place_and_inside_the_photo() -> None:
    field = ReceptiveField(stride=4, side=6, size=32, height=5, width=5)
    assert field.box(2, 2) == (13, 13, 6)  # the middle cell is the middle of the photo
    assert field.box(2, 3) == (13, 17, 6)
    assert ReceptiveField(stride=8, side=10, size=32, height=4, width=4).box(0, 3) == (0, 22, 10)


def test_crops_are_where_the_filter_is_excited(
    make_model: Callable[..., ImageModel], make_store: Callable[..., ImageStore]
) -> None:
    store = make_store()
    images = np.array(store.images("test"))
    images[:] = 128
    images[7, 20:24, 4:12] = (255, 0, 0)
    images[7, 24:28, 4:12] = (0, 255, 255)
    np.save(store.folder / "test.npy", images)
    np.save(store.folder / "val.npy", np.full_like(images, 128))
    with feature_visualizer(make_model(), store, Interpret(patterns=4)) as visualizer:
        crops = [some[0] for some in visualizer.crops(visualizer.layers[0])]
    for crop in crops:
        assert (crop.split, crop.row, crop.path) == ("test", 7, "test/7.jpg")
        top, left, side = crop.box
        assert np.array_equal(crop.pixels, images[7, top : top + side, left : left + side])
        assert np.unique(crop.pixels.reshape(-1, 3), axis=0).shape[0] > 1  # an edge of the spot, not the even grey


@pytest.mark.parametrize("n", [1, 3])
def test_few_photos_do(make_model: Callable[..., ImageModel], make_store: Callable[..., ImageStore], n: int) -> None:
    store = make_store()
    rows = (store.folder / "manifest.csv").read_text().splitlines()
    kept = [
        line
        for line in rows
        if not line.startswith(("val/", "test/")) or (line.startswith("test/") and int(line.split(",")[4]) < n)
    ]
    (store.folder / "manifest.csv").write_text("\n".join(kept) + "\n")
    for split, count in (("test", n), ("val", 0)):
        np.save(store.folder / f"{split}.npy", np.array(store.images(split)[:count]))
    meta = read_json(store.folder / "meta.json")
    write_json(store.folder / "meta.json", meta | {"counts": meta["counts"] | {"val": 0, "test": n}})
    with feature_visualizer(
        make_model(), ImageStore(store.folder), Interpret(patterns=2, pattern_steps=4)
    ) as visualizer:
        assert len(visualizer.photos.sources) == n
        assert [len(some) for some in visualizer.crops(visualizer.layers[1])] == [min(n, 4)] * 2
        assert all(np.isfinite(p.reached) for p in visualizer.optimize(visualizer.layers[1], "fourier"))
