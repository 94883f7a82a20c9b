"""The pieces that the scores are made of."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.interpretation.attribution.cam_layer import CamLayer
from warmstart.interpretation.examples import Example
from warmstart.interpretation.faithfulness.controls import centre_gaussian, edge_maps, other_image, random_smooth
from warmstart.interpretation.faithfulness.deletion_insertion import DeletionInsertion, area, pixel_ranks
from warmstart.interpretation.faithfulness.localisation import (
    attainable_energy,
    energy_inside,
    make_mosaics,
    points_inside,
    score_maps,
    tile,
)
from warmstart.interpretation.faithfulness.randomisation import cascade, randomise_weights, trunk_and_head
from warmstart.interpretation.faithfulness.sample import Sample, flat_maps, pick_balanced
from warmstart.models.image_model import ImageModel

RNG = np.random.default_rng(0)


def example(row: int, true: int) -> Example:
    return Example("test", row, f"{row}.png", true, true, 0.9, 0.9, 0.1)


def test_the_sample_is_balanced_and_seeded() -> None:
    some = [example(i, 0 if i < 90 else 1) for i in range(100)]
    picked = pick_balanced(some, 16, 0)
    assert [e.label for e in picked] == [0, 1] * 8 and len({e.row for e in picked}) == 16
    assert picked == pick_balanced(some, 16, 0) != pick_balanced(some, 16, 1)
    assert [e.label for e in pick_balanced(some, 40, 0)].count(1) == 10  # no more than there are
    assert len({e.label for e in pick_balanced([example(i, i % 50) for i in range(100)], 8, 0)}) == 8
    assert pick_balanced(some, 0, 0) == []


def test_flat_maps_are_blank() -> None:
    maps = np.stack([np.full((3, 3), 2.0), np.eye(3), np.eye(3) * 1e-9]).astype(np.float32)
    assert flat_maps(maps).tolist() == [True, False, True]
    assert flat_maps(np.zeros((2, 3, 3), dtype=np.float32)).all()


def test_ranks_put_the_highest_first_and_ties_at_random() -> None:
    maps = np.array([[[0.0, 3.0], [2.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]])
    found = pixel_ranks(maps, 0)
    assert found[0].tolist() == [[3, 0], [1, 2]] and sorted(found[1].ravel()) == [0, 1, 2, 3]
    large = pixel_ranks(np.zeros((1, 32, 32)), 0)[0]
    assert abs(np.corrcoef(large.ravel(), np.arange(1024))[0, 1]) < 0.15  # not in the order of reading


def test_energy_and_pointing() -> None:
    inside = np.zeros((3, 4, 4), dtype=np.uint8)
    inside[:, :, :1] = 1
    maps = np.zeros((3, 4, 4))
    maps[0, 0, 0], maps[0, 0, 3], maps[0, 1, 1] = 3, 1, -9  # what speaks against counts for nothing
    maps[1, 2, 2] = 1
    maps[2] = -1  # nothing above 0: by chance, the share of the area
    assert energy_inside(maps, inside) == pytest.approx([0.75, 0, 0.25])
    assert points_inside(maps, inside) == pytest.approx([1, 0, 0.25])


def test_coarser_maps_can_attain_less() -> None:
    inside = np.zeros((1, 32, 32), dtype=np.uint8)
    inside[:, :16, :16] = inside[:, 16:, 16:] = 1
    found = [float(attainable_energy(inside, (cells, cells))[0]) for cells in (1, 3, 5, 32)]
    assert found[0] == pytest.approx(0.5) and found == sorted(found) and found[-1] == pytest.approx(1)


def test_controls_know_nothing_or_only_the_photo() -> None:
    centre = centre_gaussian(31)
    assert np.unravel_index(centre.argmax(), centre.shape) == (15, 15) and np.allclose(centre, centre[::-1].T)
    smooth = random_smooth(2, (4, 4), 32, 0)
    assert smooth.shape == (2, 32, 32) and np.abs(np.diff(smooth)).max() < 1
    photo = np.zeros((1, 16, 16, 3), dtype=np.uint8)
    photo[:, :, 8:] = 255
    edges = edge_maps(photo, (4, 4))[0]
    assert edges.shape == (4, 4) and (edges[:, 1:3] > 0).all() and (edges[:, ::3] == 0).all()


def test_another_image_is_of_the_same_class_where_there_is_one() -> None:
    labels = np.array([0, 1, 0, 1, 2])
    found = other_image(labels)
    assert (found != np.arange(5)).all() and found[:4].tolist() == [2, 3, 0, 1]


@pytest.mark.parametrize("size", [8, 9])
def test_mosaics_show_two_images_of_each_class_where_they_say(size: int) -> None:
    images = np.stack([np.full((size, size, 1), 100 * (i % 2), dtype=np.uint8) for i in range(12)])
    mosaics = make_mosaics(images, [example(i, i % 2) for i in range(12)], 6, 0)
    assert mosaics is not None and mosaics.images.shape == (6, size, size, 1)
    assert ((mosaics.images[..., 0] == 0) == mosaics.first).all()  # class 0 is black
    assert (mosaics.classes == [0, 1]).all() and len(np.unique(mosaics.first, axis=0)) > 1
    assert mosaics.first.mean((1, 2)) == pytest.approx(0.5, abs=0.13)
    assert make_mosaics(images, [example(i, 0) for i in range(12)], 6, 0) is None


def test_a_tile_keeps_its_places() -> None:
    whole = tile([np.full((6, 6, 3), v, dtype=np.uint8) for v in (1, 2, 3, 4)])
    assert whole[::5, ::5, 0].tolist() == [[1, 2], [3, 4]]


def test_mosaic_scores_of_right_opposite_and_random_maps() -> None:
    inside = np.zeros((40, 16, 16), dtype=np.uint8)
    inside[:, :8] = 1
    right = (inside[:, ::4, ::4].astype(np.float32) - 0.5) * 2
    good, bad = score_maps(right, -right, inside), score_maps(-right, right, inside)
    assert good["mosaic_energy"].min() > 0.8 and good["localisation"].min() > 0.9 and good["pointing_game"].min() == 1
    assert bad["mosaic_energy"].max() < 0.2 and bad["pointing_game"].max() == 0
    noise = RNG.normal(size=(2, 40, 4, 4)).astype(np.float32)
    assert score_maps(*noise, inside)["localisation"].mean() == pytest.approx(0, abs=0.15)


def test_deletion_and_insertion_tell_right_from_random_rankings(patches) -> None:  # type: ignore[no-untyped-def]
    model, store, examples = patches(n=24)
    images, masks = np.array(store.images("test")), np.array(store.masks("test"), dtype=np.float32)
    whole = CamLayer("features", 32, (8, 8), 32)
    probe = DeletionInsertion(Sample(model, whole, examples, images, 7), 8, 0)
    right, opposite = probe.curves(masks), probe.curves(-masks)
    random = probe.curves(random_smooth(24, (4, 4), 32, 0)).scores
    assert right.scores.min() > 0.2 and abs(opposite.scores).max() < 0.1
    assert (
        random.mean() == pytest.approx((right.scores + opposite.scores).mean() / 2, abs=0.1)
        and (right.scores >= random - 0.01).all()
    )
    assert right.deletion[:, 0] == pytest.approx(probe.ends["clean"]) == right.insertion[:, -1]
    assert right.deletion[:, -1] == pytest.approx(probe.ends["grey"])
    assert right.insertion[:, 0] == pytest.approx(probe.ends["blur"])
    assert right.deletion[:, 1:-1].max() < 0.6  # the patch goes first, and with it the answer
    assert area(np.array([[0.0, 1.0, 1.0]]))[0] == 0.75
    assert probe.curves(masks, 3).scores == pytest.approx(right.scores[:3])


def convnet() -> ImageModel:
    spec = {
        "kind": "convnet",
        "size": 20,
        "channels": 3,
        "outputs": 1,
        "widths": [4, 6],
        "dense": 8,
        "batch_norm": True,
        "dropout": 0.5,
    }
    return ImageModel.build(spec, Preprocessing(20, 3, "bilinear", (0.0,) * 3, (1.0,) * 3), ["a", "b"], {}).eval()


def test_layers_are_split_at_the_last_feature_map() -> None:
    trunk, head = trunk_and_head(convnet(), torch.zeros(1, 20, 20, 3, dtype=torch.uint8))
    assert trunk == ["blocks.0.0", "blocks.0.2", "blocks.1.0", "blocks.1.2"]
    assert head == ["dense.0", "dense.2", "logits"]
    levels = cascade(trunk, head)
    assert (
        levels["head"] == head
        and levels["head_and_last_quarter"] == ["blocks.1.2", *head]
        and levels["all"] == trunk + head
    )
    assert cascade(trunk, []) == {}


def test_randomising_changes_the_named_layers_only_and_keeps_their_size() -> None:
    model = convnet()
    changed = copy.deepcopy(model)
    images = torch.randint(0, 256, (8, 20, 20, 3), dtype=torch.uint8)
    randomise_weights(changed, model, ["dense.0", "dense.2", "logits"], images, torch.Generator().manual_seed(0))
    before, after = model.network.state_dict(), changed.network.state_dict()
    assert {k.rpartition(".")[0] for k in before if not torch.equal(before[k], after[k])} == {
        "dense.0",
        "dense.2",
        "logits",
    }
    assert after["dense.0.weight"].std() == pytest.approx(before["dense.0.weight"].std().item(), rel=0.2)
    assert not changed.training and not any(m.training for m in changed.modules())
    with torch.no_grad():  # batch norm has the statistics of these images under the new weights
        hidden = changed.network.dense(changed.network.flatten(changed.network.blocks(changed.normalise(images))))
    assert hidden.mean(0).abs().max() < 1e-3
