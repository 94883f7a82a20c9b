"""How much of a bare PyTorch loop's speed training keeps, with loading, tracking and the books: A and B by turns in one
process.

A: a loop over tensors already in memory, as fast as we know to write it. B: `warmstart.training.fit` on the same
images, network, precision and batch, with MLflow watching from its own process. Prints images/s of each turn and the
median ratio B/A.

    python benchmarks/training.py --size 150 --images 600 --turns 3
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / name) for name in ("src", "pipelines")]

from warmstart.runtime.memory import keep_freed_memory

keep_freed_memory()

import numpy as np
import torch
from warmstart.training.optimizers import build_optimizer

from warmstart.config.schema import ComputeOptions, Network, Optimizer, Trainer
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.models.build import network_spec
from warmstart.models.image_model import ImageModel
from warmstart.records.run_identity import RunIdentity
from warmstart.runtime.devices import DevicePlan, plan_device
from warmstart.training.fit import FitOptions, fit
from warmstart.training.lightning_module import loss_and_correct
from warmstart.training.schedule import ResolvedSchedule

OPTIMIZER = Optimizer("RMSprop", 1e-4, alpha=0.9, eps=1e-7)


def new_model(size: int) -> ImageModel:
    spec = network_spec(Network(), size=size, channels=3, n_classes=2)
    return ImageModel.build(spec, Preprocessing(size), ["a", "b"])


def bare(images: np.ndarray, labels: np.ndarray, batch: int, epochs: int, plan: DevicePlan) -> float:
    """Images per second of the second and later epochs."""
    network = new_model(images.shape[1]).network.to(plan.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255).to(plan.device, memory_format=torch.channels_last)
    y = torch.from_numpy(labels).to(plan.device)
    optimizer = build_optimizer(OPTIMIZER, network.parameters())
    rates = []
    for _ in range(epochs):
        start = time.perf_counter()
        order = torch.randperm(len(x))
        for rows in order.split(batch):
            with plan.autocast():
                loss, _ = loss_and_correct(network(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        rates.append(len(x) / (time.perf_counter() - start))
    return statistics.median(rates[1:])


def whole(images: np.ndarray, labels: np.ndarray, batch: int, epochs: int, plan: DevicePlan) -> float:
    """Images per second of the training phase of the second and later epochs, with everything around it."""
    from warmstart.tracking.live import LiveTracker

    options = FitOptions(OPTIMIZER, ResolvedSchedule(epochs, batch), plan, Trainer())
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        state.mkdir()
        RunIdentity(
            "benchmark",
            None,
            "scratch",
            "scratch",
            "benchmark",
            "0" * 64,
            None,
            time.time(),
            None,
            "train",
            None,
            "hand",
        ).write(state / "run.json")
        (state / "config.yaml").write_text("seed: 0\n")
        observer = LiveTracker(Path(folder), "benchmark")
        observer.started(state)
        model = new_model(images.shape[1])
        history = fit(model, (images, labels), (images[:batch], labels[:batch]), options, state, observer)
        observer.ended("finished")
    return statistics.median([epoch.images_per_second for epoch in history.epochs][1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("size", 150), ("images", 600), ("batch", 20), ("epochs", 4), ("turns", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    plan = plan_device(ComputeOptions())
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (options.images, options.size, options.size, 3), dtype=np.uint8)
    labels = rng.integers(0, 2, options.images)
    print(f"{plan.precision} on {plan.describe()}, {torch.get_num_threads()} threads, {vars(options)}")
    ratios = []
    for turn in range(options.turns):
        first = bare(images, labels, options.batch, options.epochs, plan)
        second = whole(images, labels, options.batch, options.epochs, plan)
        ratios.append(second / first)
        print(
            f"turn {turn + 1}: bare loop {first:.0f} images/s, Warmstart {second:.0f} images/s, ratio {ratios[-1]:.3f}",
            flush=True,
        )
    print(f"median ratio {statistics.median(ratios):.3f} of {len(ratios)} turns")


if __name__ == "__main__":
    main()
