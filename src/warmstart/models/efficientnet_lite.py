"""EfficientNet-Lite0, written out, because importing a zoo of a thousand networks for one costs more than training it.

Architecture: Tan & Le, "EfficientNet" (2019), in the Lite variant (2020): ReLU6, no squeeze-and-excitation, and TensorFlow's
"same" padding. Parameter names are timm's ``tf_efficientnet_lite0``, so its state dictionaries fit.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

# kernel, stride, expansion, channels, repeats
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
STEM, HEAD = 32, 1280


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow pads: output side = ceil(input side / stride), the odd pixel at the bottom right."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        pads: list[int] = []
        for side, kernel, stride in zip(input.shape[:-3:-1], self.kernel_size[::-1], self.stride[::-1], strict=True):
            total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(functional.pad(input, pads) if any(pads) else input)


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    if stride > 1:
        return SameConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class SeparableConv(nn.Module):
    """Depthwise, then pointwise; no expansion."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.conv_dw = _conv(inputs, inputs, kernel, groups=inputs)
        self.bn1 = _norm(inputs)
        self.conv_pw = _conv(inputs, outputs, 1)
        self.bn2 = _norm(outputs)
        self.act = nn.ReLU6(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.bn2(self.conv_pw(self.act(self.bn1(self.conv_dw(x)))))
        return out


class InvertedResidual(nn.Module):
    """Expand, depthwise, project; the input is added where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        middle = inputs * expansion
        self.residual = stride == 1 and inputs == outputs
        self.conv_pw = _conv(inputs, middle, 1)
        self.bn1 = _norm(middle)
        self.conv_dw = _conv(middle, middle, kernel, stride, groups=middle)
        self.bn2 = _norm(middle)
        self.conv_pwl = _conv(middle, outputs, 1)
        self.bn3 = _norm(outputs)
        self.act = nn.ReLU6(inplace=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.act(self.bn1(self.conv_pw(x)))
        out = self.act(self.bn2(self.conv_dw(out)))
        out = self.bn3(self.conv_pwl(out))
        return out + x if self.residual else out


class EfficientNetLite0(nn.Module):
    """float (N, 3, H, W) to the last feature map, (N, 1280, ceil(H/32), ceil(W/32)); with ``classes``, to logits."""

    def __init__(self, classes: int = 0) -> None:
        super().__init__()
        self.conv_stem = _conv(3, STEM, 3, 2)
        self.bn1 = _norm(STEM)
        self.act = nn.ReLU6(inplace=True)
        stages, inputs = [], STEM
        for kernel, stride, expansion, outputs, repeats in STAGES:
            blocks: list[nn.Module] = []
            for position in range(repeats):
                if expansion == 1:
                    blocks.append(SeparableConv(inputs, outputs, kernel))
                else:
                    blocks.append(InvertedResidual(inputs, outputs, kernel, stride if position == 0 else 1, expansion))
                inputs = outputs
            stages.append(nn.Sequential(*blocks))
        self.blocks = nn.Sequential(*stages)
        self.conv_head = _conv(inputs, HEAD, 1)
        self.bn2 = _norm(HEAD)
        # Not in place: what explains the network reads this map after the forward pass.
        self.act2 = nn.ReLU6()
        self.classifier = nn.Linear(HEAD, classes) if classes else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.blocks(self.act(self.bn1(self.conv_stem(x))))
        x = self.act2(self.bn2(self.conv_head(x)))
        if self.classifier is not None:
            x = self.classifier(x.mean((2, 3)))
        return x
