"""The patterns of a layer's filters: optimised, and measured."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
import torch

from warmstart.interpretation.conv_layers import layer_output
from warmstart.interpretation.feature_visualization.activation_maximization import (
    STEP,
    Objective,
    channel_objective,
    fourier_ascent,
    pixel_ascent,
    random_transforms,
    transform,
)
from warmstart.interpretation.feature_visualization.layer_choice import ChosenLayer
from warmstart.interpretation.feature_visualization.photo_activations import PhotoActivations
from warmstart.models.image_model import ImageModel
from warmstart.runtime.progress import progress

MICROBATCH = 16  # pictures; more at once are slower, because their memory leaves the caches
MAX_TRIES = 3  # from another start each
N_TRANSFORMS = 4  # behind the activation after a transform
MIN_REACHED_SD = 1.0  # standard deviations of photos; a pattern that reaches less is optimised again
FINE_CYCLES = 0.25  # per pixel, above which detail is noise to the eye


@dataclass(frozen=True)
class Pattern:
    """picture: float32 (C, side, side) in [0, 1]. reached: the filter's mean response to it, in standard deviations of
    photos above their mean. warped: the same after small random transforms. fine: see ``fine_share``. dead: no picture
    excites the filter more than the mean photo, or its gradient is 0 wherever it was tried.
    """

    channel: int
    picture: np.ndarray
    reached: float
    warped: float
    fine: float
    dead: bool

    @property
    def kept(self) -> float | None:
        """How much of the activation survives a transform, about 1 for a pattern that one can recognise.

        None for a dead filter and for one so faintly excited that the share would mean nothing.
        """
        return None if self.dead or self.reached < MIN_REACHED_SD / 2 else self.warped / self.reached


@dataclass(frozen=True)
class AscentSettings:
    """side: of a picture in pixels. steps: of the regularised ascent; the plain one takes half. basis: of colours.
    microbatch: pictures at a time.
    """

    side: int
    steps: int
    basis: torch.Tensor
    seed: int
    microbatch: int = MICROBATCH


@dataclass(frozen=True)
class Ascent:
    """Gradient ascent for the filters of a layer. model: inside ``input_gradients``. method: ``plain`` or ``fourier``.
    on_photos: the layer's response to photos.
    """

    model: ImageModel
    chosen: ChosenLayer
    method: str
    on_photos: PhotoActivations
    settings: AscentSettings

    def patterns(self, count: int) -> list[Pattern]:
        """The patterns of the first ``count`` filters.

        An ascent that hardly excites its filter is made again from another start, and the best is kept.
        """
        found: dict[int, Pattern] = {}
        waiting = list(range(min(count, self.chosen.layer.channels)))
        for attempt in range(MAX_TRIES):
            for pattern in self._try(waiting, attempt):
                before = found.get(pattern.channel)
                if before is None or before.dead or (not pattern.dead and pattern.reached > before.reached):
                    found[pattern.channel] = pattern
            waiting = [channel for channel in waiting if found[channel].dead or found[channel].reached < MIN_REACHED_SD]
            if not waiting:
                break
        return [found[channel] for channel in sorted(found)]

    def _try(self, channels: list[int], attempt: int) -> Iterator[Pattern]:
        settings, label, device = self.settings, self.chosen.label, self.model.mean.device
        if self.method == "fourier":
            steps, ascend = settings.steps, partial(fourier_ascent, basis=settings.basis)
        else:  # what grey noise and the lesson's small steps cannot excite, longer steps can
            steps, ascend = max(1, settings.steps // 2), partial(pixel_ascent, stride=STEP * 4**attempt)
        parts = [channels[i : i + settings.microbatch] for i in range(0, len(channels), settings.microbatch)]
        ticks = iter(progress(range(len(parts) * steps), f"patterns of {label}", len(parts) * steps))
        # The plain ascent is the lesson's: without its border a picture would keep a grey frame.
        ascended = partial(self._objective, whole=self.method == "plain")
        for part in parts:
            own = torch.tensor(part, device=device)
            seed = [settings.seed, zlib.crc32(label.encode())]
            rngs = [np.random.default_rng([*seed, channel, attempt]) for channel in part]
            shape = (self.model.mean.shape[1], settings.side)
            pictures, moved = ascend(ascended, own, rngs, shape, islice(ticks, steps))
            clean, after = _measure(self._objective, pictures, own, rngs)
            for i, channel in enumerate(part):
                reached, warped = (self.on_photos.standardise(channel, float(value[i])) for value in (clean, after))
                picture = pictures[i].float().cpu().numpy()
                dead = not bool(moved[i]) or not reached > 0
                yield Pattern(channel, picture, reached, warped, fine_share(picture), dead)
        next(ticks, None)  # lets the progress end

    def _objective(self, pictures: torch.Tensor, own: torch.Tensor, whole: bool = False) -> torch.Tensor:
        x = ((pictures - self.model.mean) / self.model.std).contiguous(memory_format=torch.channels_last)
        maps = layer_output(self.model.network, self.chosen.layer, x)
        own_maps = maps[torch.arange(len(own), device=own.device), own][None]  # a map a picture, as if of one picture
        return channel_objective(own_maps, self.on_photos.spread[own], whole)[0]


@torch.no_grad()
def _measure(
    objective: Objective, pictures: torch.Tensor, own: torch.Tensor, rngs: list[np.random.Generator]
) -> tuple[np.ndarray, np.ndarray]:
    """The objective of the pictures, and its mean after random transforms, float64 (N,) each."""
    clean = objective(pictures, own).cpu().double().numpy()
    affine = torch.stack([random_transforms(rng, N_TRANSFORMS) for rng in rngs]).to(pictures.device)
    after = [objective(transform(pictures, affine[:, i]), own).cpu().double().numpy() for i in range(N_TRANSFORMS)]
    return clean, np.mean(after, axis=0)


def fine_share(picture: np.ndarray) -> float:
    """Share of a picture's energy, (C, H, W), above 0.25 cycles a pixel, without mean and colour; 0 if it is even."""
    grey = picture.mean(0)
    power = np.abs(np.fft.fft2(grey - grey.mean())) ** 2
    radius = np.hypot(np.fft.fftfreq(grey.shape[0])[:, None], np.fft.fftfreq(grey.shape[1])[None])
    total = float(power.sum())
    return float(power[radius > FINE_CYCLES].sum()) / total if total > 0 else 0.0
