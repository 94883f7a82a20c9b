"""Seconds for the patterns of 64 filters of a middle layer, by pictures at a time and by precision, by turns in one
process.

The first is what Warmstart does (16 at a time, float32); for each other the median ratio to it over the turns is
printed, by processor time, which other programs disturb less. A turn makes a few of the 80 steps of the regularised
ascent on EfficientNet-Lite0, and its time is counted up to 64 filters and 80 steps.

python benchmarks/patterns.py --layer blocks.4 --side 112 --steps 4 --turns 3
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from warmstart.runtime.memory import keep_freed_memory

keep_freed_memory()

import numpy as np
import torch

from warmstart.dataset.preprocessing import Preprocessing
from warmstart.interpretation.conv_layers import input_gradients
from warmstart.interpretation.feature_visualization.fourier import colour_basis
from warmstart.interpretation.feature_visualization.layer_choice import choose_layers
from warmstart.interpretation.feature_visualization.optimize import Ascent, AscentSettings
from warmstart.interpretation.feature_visualization.photo_activations import Photos, activations_on_photos
from warmstart.models.backbone import Backbone
from warmstart.models.image_model import ImageModel
from warmstart.models.known_backbones import HALF
from warmstart.models.weights import load_weights

STEPS = 80
WAYS = [(16, "fp32"), (8, "fp32"), (32, "fp32"), (64, "fp32"), (16, "bf16")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layer", default="blocks.4")
    for name, default in (("filters", 64), ("side", 112), ("steps", 4), ("turns", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    backbone = Backbone("efficientnet_lite0")
    load_weights(backbone, "embedded")
    model: Any = ImageModel(backbone, {}, Preprocessing(options.side, 3, "bilinear", *HALF), ["a", "b"]).eval()
    model.to(memory_format=torch.channels_last)
    images = np.random.default_rng(0).integers(0, 256, (16, options.side, options.side, 3), dtype=np.uint8)
    taken: dict[tuple[int, str], list[tuple[float, float]]] = {way: [] for way in WAYS}
    with input_gradients(model.network):
        choice = choose_layers(model.network, model.normalise(torch.from_numpy(images[:1])), [options.layer])[0]
        photos = Photos(images, [("test", i, str(i)) for i in range(len(images))])
        natural = activations_on_photos(model, {"": choice.layer}, options.filters, photos, 16)[""]
        print(
            f"{options.filters} filters of {choice.label}, {options.side} px, {torch.get_num_threads()} threads, "
            f"load {os.getloadavg()[0]:.1f}"
        )
        for turn in range(options.turns + 1):  # the first warms up
            for microbatch, precision in WAYS:
                search = AscentSettings(options.side, options.steps, colour_basis(images), turn, microbatch)
                began = time.perf_counter(), time.process_time()
                with torch.autocast("cpu", torch.bfloat16) if precision == "bf16" else nullcontext():
                    Ascent(model, choice, "fourier", natural, search).patterns(options.filters)
                took = time.perf_counter() - began[0], time.process_time() - began[1]
                # The measuring after the ascent, made once, costs five forward passes: about two steps.
                whole = (STEPS + 2) / (options.steps + 2) * 64 / options.filters
                if turn:
                    taken[microbatch, precision].append((took[0] * whole, took[1] * whole))
                print(f"turn {turn}: {microbatch} at a time, {precision}: {took[0] * whole:.0f} s", flush=True)
    for way, times in taken.items():
        ratio = statistics.median(b[1] / a[1] for a, b in zip(taken[WAYS[0]], times, strict=True))
        print(
            f"{way[0]:>3} at a time, {way[1]}: {ratio:.2f} × the first by processor time; 64 filters, {STEPS} steps: "
            f"{min(t[0] for t in times):.0f} s by the clock, {min(t[1] for t in times):.0f} s of processor"
        )
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
