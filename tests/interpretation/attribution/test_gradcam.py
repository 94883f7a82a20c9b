from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from warmstart.errors import UserError
from warmstart.interpretation.attribution.gradcam import (
    find_layer,
    gradcam_maps,
    gradcam_of_rows,
    log_odds,
    positive_share,
    upsample,
)


class Network(nn.Module):
    """Convolutions, global average pooling, one linear layer: Grad-CAM has a closed form here."""

    def __init__(self, outputs: int, *, inplace: bool = False) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Conv2d(5, 7, 3, stride=2))
        self.after = nn.ReLU(inplace=inplace) if inplace else nn.Identity()
        self.head = nn.Linear(7, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.after(self.features(x)).mean((2, 3)))
        return logits

    @property
    def cam_layer(self) -> nn.Module:
        return self.features


class Last(nn.Module):
    """Turns channels last and back, as some networks do inside."""

    def __init__(self) -> None:
        super().__init__()
        self.turned = nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.turned(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return out


class Model(nn.Module):
    """As much of an ImageModel as a map needs."""

    def __init__(self, outputs: int = 1, **options: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.network = Network(outputs, **options)
        self.eval()

    def normalise(self, images: torch.Tensor) -> torch.Tensor:
        return images.permute(0, 3, 1, 2).float() / 127.5 - 1


IMAGES = torch.randint(0, 256, (7, 20, 20, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
ONES, ZEROS = torch.ones(7, dtype=torch.int64), torch.zeros(7, dtype=torch.int64)


def maps(model: Model, classes: torch.Tensor, batch_size: int = 32) -> torch.Tensor:
    return gradcam_maps(model, model.network.cam_layer, IMAGES, classes, batch_size)


@torch.no_grad()
def closed_form(model: Model, weights: torch.Tensor) -> torch.Tensor:
    """Pooling and a linear layer: the map is the features weighted, over the number of places. weights: (N, 7)."""
    features = model.network.features(model.normalise(IMAGES))
    return torch.einsum("nc,nchw->nhw", weights, features) / features.shape[2] / features.shape[3]


def test_one_logit_has_the_closed_form() -> None:
    model = Model()
    expected = closed_form(model, model.network.head.weight.detach().expand(7, 7))
    assert expected.min() < 0 < expected.max()
    torch.testing.assert_close(maps(model, ONES), expected)


def test_the_other_class_has_the_opposite_map() -> None:
    model = Model()
    mixed = torch.tensor([1, 0, 0, 1, 0, 1, 1])
    ours, other = maps(model, ONES), maps(model, ZEROS)
    torch.testing.assert_close(ours, -other)
    torch.testing.assert_close(maps(model, mixed), torch.where(mixed.bool()[:, None, None], ours, other))


def test_more_classes_explain_the_log_odds() -> None:
    model, classes = Model(4), torch.tensor([0, 1, 2, 3, 0, 1, 2])
    with torch.no_grad():
        p = model.network(model.normalise(IMAGES)).softmax(1)
    own = nn.functional.one_hot(classes, 4).float()
    others = p * (1 - own)
    coefficients = own - others / others.sum(1, keepdim=True)
    torch.testing.assert_close(
        maps(model, classes), closed_form(model, coefficients @ model.network.head.weight.detach())
    )


def test_two_outputs_and_the_equivalent_logit_agree() -> None:
    logits = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    classes = torch.arange(50) % 2
    torch.testing.assert_close(log_odds(logits, classes), log_odds(logits[:, 1:] - logits[:, :1], classes))


def test_a_sure_model_still_has_a_map() -> None:
    model = Model()
    normal = maps(model, ONES)
    with torch.no_grad():
        model.network.head.bias.fill_(40.0)  # sigmoid(40) is 1 in float32, and its gradient 0
    torch.testing.assert_close(maps(model, ONES), normal)


def test_batches_change_nothing() -> None:
    model = Model(3)
    classes = torch.tensor([0, 1, 2, 0, 1, 2, 0])
    together = maps(model, classes)
    for size in (1, 3):
        torch.testing.assert_close(maps(model, classes, size), together)


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("frozen", [False, True])
def test_no_gradient_contexts_and_frozen_parameters(context, frozen: bool) -> None:  # type: ignore[no-untyped-def]
    model = Model()
    expected = maps(model, ONES)
    model.requires_grad_(not frozen)
    with context():
        images, classes = IMAGES.clone(), ONES.clone()  # inference tensors in inference mode
        found = gradcam_maps(model, model.network.cam_layer, images, classes)
    torch.testing.assert_close(found.clone(), expected)
    assert all(p.grad is None and p.requires_grad is not frozen for p in model.parameters())


def test_an_activation_in_place_after_the_layer_does_not_spoil_its_map() -> None:
    model = Model(inplace=True)
    features = model.network.features(model.normalise(IMAGES)).detach()
    weights = model.network.head.weight.detach()[0] * (features > 0).float().mean((2, 3)) / 1.0
    expected = torch.einsum("nc,nchw->nhw", weights, features) / features.shape[2] / features.shape[3]
    torch.testing.assert_close(maps(model, ONES), expected)


def test_no_images_no_maps() -> None:
    model = Model()
    assert len(gradcam_maps(model, model.network.cam_layer, IMAGES[:0], ONES[:0])) == 0


def test_training_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="training mode"):
        maps(Model().train(), ONES)


def test_a_layer_without_places_is_refused() -> None:
    model = Model()
    with pytest.raises(UserError, match="not maps"):
        gradcam_maps(model, model.network.head, IMAGES, ONES)


def test_a_layer_with_channels_last_is_refused() -> None:
    model = Model()
    model.network.features.append(Last())
    with pytest.raises(UserError, match="not maps"):
        gradcam_maps(model, model.network.features[-1].turned, IMAGES, ONES)


def test_a_layer_that_no_image_passes_is_refused() -> None:
    model = Model()
    model.network.idle = nn.Conv2d(3, 3, 1)
    with pytest.raises(UserError, match="no image passes"):
        gradcam_maps(model, model.network.idle, IMAGES, ONES)


def test_outputs_that_are_not_numbers_are_refused() -> None:
    model = Model()
    with torch.no_grad():
        model.network.features[0].weight[0, 0, 0, 0] = float("nan")
    with pytest.raises(UserError, match=r"not numbers.*train it again"):
        maps(model, ONES)


def test_logits_that_do_not_hang_on_the_layer_have_maps_of_zeros() -> None:
    model = Model()
    with torch.no_grad():
        model.network.head.weight.zero_()
    assert not maps(model, ONES).any()


def test_rows_are_read_a_batch_at_a_time_and_give_the_same_maps() -> None:
    model, rows = Model(), [6, 0, 3, 3, 5]
    found = gradcam_of_rows(model, model.network.cam_layer, IMAGES.numpy(), rows, [1, 0, 1, 0, 1], 2)
    expected = gradcam_maps(model, model.network.cam_layer, IMAGES[rows], torch.tensor([1, 0, 1, 0, 1]))
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-7)
    assert len(gradcam_of_rows(model, model.network.cam_layer, IMAGES.numpy(), [], [], 2)) == 0


def test_a_network_without_a_feature_map_is_refused() -> None:
    network = nn.Linear(2, 2)
    network.cam_layer = None  # type: ignore[assignment]
    with pytest.raises(UserError, match="no convolution"):
        find_layer(network, None)


def test_layers_by_name() -> None:
    network = Network(1)
    assert find_layer(network, None) == ("features", network.features)
    assert find_layer(network, "features.0") == ("features.0", network.features[0])
    with pytest.raises(UserError, match=r"interpret.layer is 'feature.2'.*features.2"):
        find_layer(network, "feature.2")


def test_a_map_is_enlarged_with_its_cells_where_they_are() -> None:
    small = np.zeros((1, 3, 3), dtype=np.float32)
    small[0, 0, 2] = 1
    large = upsample(small, 12)
    assert large.shape == (1, 12, 12)
    assert np.unravel_index(large[0].argmax(), (12, 12)) in [(0, 10), (0, 11), (1, 10)] and large[0, :, :4].max() == 0
    assert len(set(large[0, 0].tolist())) > 3  # bilinear, no blocks
    assert upsample(small[:0], 12).shape == (0, 12, 12)


def test_positive_share() -> None:
    assert positive_share(np.array([[3.0, -1.0]])) == 0.75
    assert positive_share(np.zeros((2, 2))) is None
