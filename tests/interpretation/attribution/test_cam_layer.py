"""Maps have at least 7 × 7 cells wherever the network can give them, and its answers stay what they are."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.interpretation.attribution.cam_layer import MIN_CELLS, candidate_sides, choose_cam_layer
from warmstart.interpretation.attribution.gradcam import gradcam_maps
from warmstart.models.image_model import ImageModel

CONVNET = {"kind": "convnet", "channels": 3, "outputs": 1, "dense": 8, "batch_norm": False, "dropout": 0.0}


def images(size: int, n: int = 24) -> torch.Tensor:
    """Smooth ones, which look alike at any size."""
    small = torch.rand(n, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    large = nn.functional.interpolate(small, (size, size), mode="bilinear") * 255
    return large.permute(0, 2, 3, 1).to(torch.uint8)


def transfer(backbone: str, size: int, pool: str = "avg") -> ImageModel:
    torch.manual_seed(0)
    spec = {
        "kind": "transfer",
        "backbone": backbone,
        "size": size,
        "outputs": 1,
        "pool": pool,
        "dense": None,
        "dropout": 0.0,
    }
    model = ImageModel.build(spec, Preprocessing(size), ["a", "b"], {}).eval()
    nn.init.constant_(model.network.head.logits.bias, 50)  # says the same of everything, so that only sizes decide here
    return model


@pytest.mark.parametrize(
    ("backbone", "size"),
    [
        *[("efficientnet_lite0", size) for size in (40, 96, 150, 193)],
        *[("vit_tiny_patch16_224", size) for size in (48, 96)],
        ("resnet18", 96),
        ("convnext_atto", 96),
    ],
)
def test_any_backbone_gives_seven_cells_at_any_size(backbone: str, size: int) -> None:
    model = transfer(backbone, size)
    site = choose_cam_layer(model, images(size, 12), None)
    assert min(site.cells) >= MIN_CELLS and site.side >= size
    layer = model.network.get_submodule(site.name)
    maps = gradcam_maps(model, layer, images(size, 2), torch.tensor([0, 1]), side=site.side)
    assert maps.shape[1:] == site.cells


def test_no_more_is_enlarged_than_needed() -> None:
    model = transfer("efficientnet_lite0", 96)
    assert (
        choose_cam_layer(model, images(96, 12), None).side
        == choose_cam_layer(model, images(224, 1), None).side
        == 7 * 32
    )
    assert choose_cam_layer(transfer("vit_tiny_patch16_224", 96), images(96, 12), None).side == 7 * 16
    assert candidate_sides(150, 5)[0] == 7 * 32  # 5 cells of a stride of 32 reach beyond 150 px
    assert candidate_sides(84, 6) == [7 * 16, 7 * 14]  # patches of 14 px: 112 px are 8 of them


def test_a_network_of_one_size_keeps_its_last_map_and_says_so() -> None:
    coarse = ImageModel.build({**CONVNET, "widths": [4, 4], "size": 20}, Preprocessing(20), ["a", "b"], {}).eval()
    site = choose_cam_layer(coarse, images(20), None)
    assert (site.side, site.cells) == (20, (7, 7))
    smaller = ImageModel.build({**CONVNET, "widths": [4, 4], "size": 16}, Preprocessing(16), ["a", "b"], {}).eval()
    site = choose_cam_layer(smaller, images(16), None)
    assert (site.side, site.cells) == (16, (5, 5)) and "one size only" in site.description
    assert choose_cam_layer(transfer("resnet18", 96, pool="flatten"), images(96), None).cells == (3, 3)


def test_a_network_that_answers_otherwise_to_enlarged_images_is_explained_as_it_is() -> None:
    model = transfer("efficientnet_lite0", 64)

    class BySize(nn.Module):
        def forward(self, vectors: torch.Tensor) -> torch.Tensor:
            return torch.full((len(vectors), 1), 1.0 if self.side == 2 else -1.0) + 0 * vectors[:, :1]

    head = BySize()
    head.side = 0  # type: ignore[assignment]
    model.network.backbone.register_forward_hook(lambda _m, _i, out: setattr(head, "side", out.shape[-1]))
    model.network.head = head
    site = choose_cam_layer(model, images(64), None)
    assert (site.side, site.cells) == (64, (2, 2)) and "0 % of 24" in site.why_coarse


def test_a_layer_by_name_is_taken_as_it_is() -> None:
    site = choose_cam_layer(transfer("efficientnet_lite0", 96), images(96), "backbone.trunk.blocks.2")
    assert (site.name, site.side, site.cells) == ("backbone.trunk.blocks.2", 96, (12, 12))


def test_the_words_say_cells_layer_and_how_often_the_answer_stays() -> None:
    words = choose_cam_layer(transfer("efficientnet_lite0", 96), images(96, 12), None).description
    assert all(part in words for part in ("7×7 cells", "backbone.trunk.bn2", "from 96 to 224 px", "100 % of 12"))
