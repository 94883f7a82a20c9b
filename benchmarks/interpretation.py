"""What class activation maps cost beside the forward pass alone: A and B by turns in one process, and the memory they
take.

A: the network's answers to the photos, in inference mode, as fast as `evaluate` asks for them. B: their signed Grad-CAM
maps, taken where `interpret` takes them: of enlarged images where the last feature map is coarse (--own-size: of images
as they are). Prints images/s of each turn, the median ratio B/A, and how much higher the peak of memory is for all
photos than for a fifth.

python benchmarks/interpretation.py --backbone efficientnet_lite0 --size 150 --images 1000 --turns 3
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from warmstart.runtime.memory import keep_freed_memory

keep_freed_memory()

import numpy as np
import torch

from warmstart.config.schema import Head, Network
from warmstart.dataset.preprocessing import Preprocessing
from warmstart.interpretation.attribution.cam_layer import MAX_IMAGES_CHECKED, choose_cam_layer
from warmstart.interpretation.attribution.gradcam import find_layer, gradcam_of_rows
from warmstart.models.build import network_spec
from warmstart.models.image_model import ImageModel

NETWORKS: dict[str, Network | Head] = {
    "convnet": Network(),
    "transfer": Head("avg", None),
}


def new_model(backbone: str, size: int) -> ImageModel:
    scratch = backbone == "convnet"
    spec = network_spec(
        NETWORKS["convnet" if scratch else "transfer"],
        backbone=None if scratch else backbone,
        size=size,
        channels=3,
        n_classes=2,
    )
    model = ImageModel.build(spec, Preprocessing(size), ["a", "b"], {}).eval()
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model


def forward(model: ImageModel, images: np.ndarray, batch: int) -> float:
    """Images per second."""
    start = time.perf_counter()
    with torch.inference_mode():
        for i in range(0, len(images), batch):
            model(torch.from_numpy(np.array(images[i : i + batch])))
    return len(images) / (time.perf_counter() - start)


def explained(model: ImageModel, images: np.ndarray, batch: int, side: int) -> float:
    """Images per second. side: to which images are enlarged, in pixels."""
    _, layer = find_layer(model.network, None)
    start = time.perf_counter()
    gradcam_of_rows(model, layer, images, range(len(images)), [1] * len(images), batch, side)
    return len(images) / (time.perf_counter() - start)


def peak() -> float:
    """The most memory this process has held so far, in MiB."""
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kib / (1024 if sys.platform != "darwin" else 1024**2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", default="efficientnet_lite0", help="or convnet, the scratch network")
    for name, default in (("size", 150), ("images", 1000), ("batch", 32), ("turns", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--own-size", action="store_true", help="do not enlarge images")
    options = parser.parse_args()
    torch.manual_seed(0)
    model = new_model(options.backbone, options.size)
    print(f"fp32 on cpu, {torch.get_num_threads()} threads, {vars(options)}")
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        shape = (options.images, options.size, options.size, 3)
        array = np.lib.format.open_memmap(file.name, mode="w+", dtype=np.uint8, shape=shape)
        rng = np.random.default_rng(0)
        for i in range(options.images):
            array[i] = rng.integers(0, 255, shape[1:], dtype=np.uint8)
        array.flush()
        del array
        few = options.images // 5
        warm = np.load(file.name, mmap_mode="r")[:few]
        site = choose_cam_layer(model, torch.from_numpy(np.array(warm[:MAX_IMAGES_CHECKED])), None)
        side = options.size if options.own_size else site.side
        print(site.description if side == site.side else f"images of {side} px as they are")
        forward(model, warm, options.batch)
        explained(model, warm, options.batch, side)
        before, ratios = peak(), []
        for turn in range(options.turns):
            images = np.load(file.name, mmap_mode="r")
            first, second = forward(model, images, options.batch), explained(model, images, options.batch, side)
            ratios.append(second / first)
            print(
                f"turn {turn + 1}: forward {first:.0f} images/s, maps {second:.0f} images/s, ratio {ratios[-1]:.3f}",
                flush=True,
            )
            if turn == 0:
                # A memory-mapped file's pages count too while the system has no other use for them.
                print(
                    f"peak memory: {before:.0f} MiB for {few} images, {peak():.0f} MiB for {options.images}, ", end=""
                )
                print(f"of which the file may be {images.nbytes / 2**20:.0f} MiB")
    print(f"median ratio {statistics.median(ratios):.3f} of {len(ratios)} turns")


if __name__ == "__main__":
    main()
