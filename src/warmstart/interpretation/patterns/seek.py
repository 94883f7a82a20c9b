"""Seeking the patterns of a layer's filters, and measuring what was found."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import torch

from warmstart.interpretation.patterns.answer import mean_answer
from warmstart.interpretation.patterns.ascent import STEP, fourier, plain
from warmstart.interpretation.patterns.choose import Choice
from warmstart.interpretation.patterns.natural import Natural
from warmstart.interpretation.patterns.reading import respond
from warmstart.interpretation.patterns.warp import random_warps, warp
from warmstart.runtime.progress import progress

MICROBATCH = 16  # pictures; more at once are slower, for their memory leaves the caches
TRIES = 3
WARPS = 4  # behind the activation after a warp
FAINT = 1.0  # standard deviations of photos; a pattern that reaches less is sought again
FINE = 0.25  # cycles a pixel, above which detail is noise to the eye


@dataclass(frozen=True)
class Pattern:
    """What was found for a filter.

    picture: float32 (C, side, side) in [0, 1]. reached: the mean answer to it, in standard deviations of photos above their mean;
    warped: the same after small random warps. fine: share of the picture's energy above 0.25 cycles a pixel. dead: the filter
    answers to no picture more than to the mean photo, or its gradient is 0 wherever it was tried.
    """

    channel: int
    picture: np.ndarray
    reached: float
    warped: float
    fine: float
    dead: bool

    @property
    def kept(self) -> float | None:
        """How much of the activation survives a warp, about 1 for a pattern that one can recognise; None for a dead filter and for
        one so faintly excited that the share would mean nothing.
        """
        return None if self.dead or self.reached < FAINT / 2 else self.warped / self.reached


@dataclass(frozen=True)
class Search:
    """How to seek: side of a picture in pixels; steps of the regularised ascent, of which the plain one takes half; the basis of
    colours; the seed; pictures at a time; how often to try.
    """

    side: int
    steps: int
    basis: torch.Tensor
    seed: int
    microbatch: int = MICROBATCH
    tries: int = TRIES


def seek_patterns(
    model: Any, choice: Choice, method: str, natural: Natural, count: int, search: Search
) -> list[Pattern]:
    """The patterns of the first ``count`` filters of a layer. A search that hardly excites its filter is made again from another
    start, and the best is kept.

    model: an ImageModel, inside ``observing``. method: ``plain`` or ``fourier``.
    """
    found: dict[int, Pattern] = {}
    waiting = list(range(min(count, choice.layer.channels)))
    for attempt in range(search.tries):
        for pattern in _try(model, choice, method, natural, waiting, search, attempt):
            before = found.get(pattern.channel)
            if before is None or before.dead or (not pattern.dead and pattern.reached > before.reached):
                found[pattern.channel] = pattern
        waiting = [channel for channel in waiting if found[channel].dead or found[channel].reached < FAINT]
        if not waiting:
            break
    return [found[channel] for channel in sorted(found)]


def _try(
    model: Any, choice: Choice, method: str, natural: Natural, channels: list[int], search: Search, attempt: int
) -> Iterator[Pattern]:
    steps = search.steps if method == "fourier" else max(1, search.steps // 2)
    parts = [channels[i : i + search.microbatch] for i in range(0, len(channels), search.microbatch)]
    ticks = iter(progress(range(len(parts) * steps), f"patterns of {choice.label}", len(parts) * steps))
    # What grey noise and the lesson's small steps cannot excite, longer steps can.
    climb = partial(fourier, basis=search.basis) if method == "fourier" else partial(plain, stride=STEP * 4**attempt)
    name = zlib.crc32(choice.label.encode())

    def score(pictures: torch.Tensor, own: torch.Tensor, whole: bool = False) -> torch.Tensor:
        x = ((pictures - model.mean) / model.std).contiguous(memory_format=torch.channels_last)
        maps = respond(model.network, choice.layer, x)
        own_maps = maps[torch.arange(len(own), device=own.device), own][None]  # a map a picture, as if of one picture
        return mean_answer(own_maps, natural.spread[own], whole)[0]

    climbed = partial(
        score, whole=method == "plain"
    )  # as in the lesson: without its border a picture would keep a grey frame
    for part in parts:
        own = torch.tensor(part, device=model.mean.device)
        rngs = [np.random.default_rng([search.seed, name, channel, attempt]) for channel in part]
        pictures, moved = climb(climbed, own, rngs, (model.mean.shape[1], search.side), islice(ticks, steps))
        reached, warped = _measure(score, pictures, own, rngs)
        yield from _judged(natural, part, pictures, moved, reached, warped)
    next(ticks, None)  # lets the progress end


@torch.no_grad()
def _measure(
    score: Any, pictures: torch.Tensor, own: torch.Tensor, rngs: list[np.random.Generator]
) -> tuple[np.ndarray, np.ndarray]:
    clean = score(pictures, own).cpu().double().numpy()
    warps = torch.stack([random_warps(rng, WARPS) for rng in rngs]).to(pictures.device)
    after = [score(warp(pictures, warps[:, i]), own).cpu().double().numpy() for i in range(WARPS)]
    return clean, np.mean(after, axis=0)


def _judged(
    natural: Natural,
    part: list[int],
    pictures: torch.Tensor,
    moved: torch.Tensor,
    reached: np.ndarray,
    warped: np.ndarray,
) -> Iterator[Pattern]:
    for i, channel in enumerate(part):
        clean, after = (natural.in_sd(channel, float(value[i])) for value in (reached, warped))
        picture = pictures[i].float().cpu().numpy()
        dead = not bool(moved[i]) or not clean > 0
        yield Pattern(channel, picture, clean, after, fine_share(picture), dead)


def fine_share(picture: np.ndarray) -> float:
    """Share of a picture's energy, its mean and colour aside, above 0.25 cycles a pixel; (C, H, W), 0 for an even one. Photos: 0.02."""
    grey = picture.mean(0)
    power = np.abs(np.fft.fft2(grey - grey.mean())) ** 2
    radius = np.hypot(np.fft.fftfreq(grey.shape[0])[:, None], np.fft.fftfreq(grey.shape[1])[None])
    total = float(power.sum())
    return float(power[radius > FINE].sum()) / total if total > 0 else 0.0
