"""What data costs: memory and time as images grow in number, the loader beside the training it feeds, and photos
against their cache.

scale: critters prepared and their features extracted, a process each, by number of images: seconds, processor time an
image (which other programs disturb less), peak memory of the process and its children, bytes on disk. loader: images/s
of the batches alone, with and without augmentation, by loader processes, over the images/s that the scratch network
trains. photos (with --photos): N photos from JPEG to features, stage by stage; and training with augmentation from the
resized uint8 images that prepare keeps, against decoding the JPEGs anew in every epoch, by turns.

    python benchmarks/data.py --only scale --sizes 1000 4000 10000
    python benchmarks/data.py --only loader
    python benchmarks/data.py --only photos --photos PetImages.zip --images 400
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import albumentations
import cv2
import numpy as np

from measured import stage
from warmstart.config.data_schema import Archive, Critters, Folder
from warmstart.config.schema import ComputeOptions, Trainer

FEATURES = {
    "backbone": {"name": "efficientnet_lite0", "weights": "embedded", "normalize": "own"},
    "head": {"pool": "avg"},
    "trainer": {"accelerator": "auto", "precision": "auto"},
    "data": {"name": "benchmark"},
}
LESSON = {
    "affine": partial(
        albumentations.Affine,
        rotate=(-40, 40),
        translate_percent={"x": (-0.2, 0.2), "y": (-0.2, 0.2)},
        shear={"x": (-11.46, 11.46), "y": (0, 0)},
        scale={"x": (0.8, 1.2), "y": (0.8, 1.2)},
        border_mode=cv2.BORDER_REPLICATE,
        p=1.0,
    ),
    "flip": partial(albumentations.HorizontalFlip, p=0.5),
}
BATCH = 20


def on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def scale(sizes: list[int], side: int, folder: Path) -> None:
    """Prepare and extract so many critters each."""
    print(f"\ncritters of {side} px: seconds, processor ms an image, peak MB, bytes an image on disk")
    print(
        f"{'images':>8} | {'prepare s':>9} {'ms':>6} {'MB':>6} {'bytes':>7} | {'features s':>10} {'ms':>6} {'MB':>6} "
        f"{'bytes':>7}"
    )
    rows = []
    for n in sizes:
        config = asdict(Critters(name="critters", size=side, train=n - n // 10 - 2, val=n // 10, test=2))
        images, features = folder / f"{n}" / "images", folder / f"{n}" / "features"
        first, second = stage(config, images), stage(FEATURES, images, features)
        row = [n, *first, on_disk(images) / n, *second, on_disk(features) / n]
        rows.append(row)
        print(
            f"{n:>8} | {row[1]:>9.1f} {row[2] / n * 1e3:>6.2f} {row[3]:>6.0f} {row[4]:>7.0f} "
            f"| {row[5]:>10.1f} {row[6] / n * 1e3:>6.2f} {row[7]:>6.0f} {row[8]:>7.0f}",
            flush=True,
        )
    a, b = rows[0], rows[-1]
    more = b[0] / a[0]
    for name, at in (("prepare", 1), ("features", 5)):
        seconds, used, peak = b[at] / a[at], b[at + 1] / a[at + 1], b[at + 2] / a[at + 2]
        print(
            f"{name}: {more:.0f} × the images took {seconds:.1f} × the time ({used:.1f} × the processor's) and "
            f"{peak:.2f} × the memory"
        )


def loader(images: int, side: int, folder: Path) -> None:
    """The loader's speed beside the training's."""
    import torch

    from training import bare
    from warmstart.dataset.datamodule import ArrayDataModule
    from warmstart.dataset.row_array import RowArray
    from warmstart.runtime.devices import plan_device

    pixels = np.random.default_rng(0).integers(0, 256, (images, side, side, 3), dtype=np.uint8)
    labels = np.arange(images) % 2
    np.save(folder / "train.npy", pixels)
    rows, compute = RowArray([folder / "train.npy"]), plan_device(ComputeOptions())
    trains = bare(pixels[:200], labels[:200], BATCH, 3, compute)
    print(
        f"\nthe scratch network trains {trains:.0f} images/s at {side} px ({compute.precision}, "
        f"{torch.get_num_threads()} threads)"
    )
    for name, transforms in (("as they are", None), ("augmented", LESSON)):
        for workers in (0, 1, 2):
            data = ArrayDataModule(
                (rows, labels), (rows, labels), batch_size=BATCH, seed=0, transforms=transforms, workers=workers
            )
            batches, rates = data.train_dataloader(), []
            for _ in range(4):
                began = time.perf_counter()
                for _ in batches:
                    pass
                rates.append(images / (time.perf_counter() - began))
            rate = statistics.median(rates[1:])
            print(
                f"loader, {name}, {workers} processes: {rate:6.0f} images/s, {rate / trains:.1f} × the training",
                flush=True,
            )
    print(f"scratch network again: {bare(pixels[:200], labels[:200], BATCH, 3, compute):.0f} images/s")


class Decoded:
    """Photos as rows, decoded anew whenever they are asked for."""

    def __init__(self, paths: list[Path], side: int) -> None:
        from warmstart.dataset.preprocessing import Preprocessing

        self.paths, self.preprocessing = paths, Preprocessing(side)
        self.shape, self.dtype = (len(paths), side, side, 3), np.dtype(np.uint8)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        return np.stack([self.preprocessing.read(self.paths[row]) for row in rows])


def photos(source: Path, images: int, side: int, workers: int, turns: int, folder: Path) -> None:
    """From JPEG to features, and training from the cache against training from JPEGs."""
    copied = copy_photos(source, images, folder / "photos")
    config = asdict(Folder(name="photos", size=side, folder=str(folder / "photos")))
    first = stage(config, folder / "images")
    second = stage(FEATURES, folder / "images", folder / "features")
    n, seconds = len(copied), first[0] + second[0]
    jpeg, cache, kept = on_disk(folder / "photos") / n, on_disk(folder / "images") / n, on_disk(folder / "features") / n
    print(
        f"\n{n} photos of {jpeg / 1e3:.0f} kB at {side} px, images {cache / 1e3:.1f} kB, features {kept / 1e3:.1f} kB "
        f"each:"
    )
    for name, (wall, used, peak) in (("prepare", first), ("features", second)):
        print(
            f"{name:>9}: {wall:6.1f} s, {n / wall:5.0f} images/s, {used / n * 1e3:5.2f} ms of processor an image, "
            f"peak {peak:.0f} MB"
        )
    print(f"JPEG to features: {seconds:.1f} s; 4,000 photos at this speed: {4000 * seconds / n:.0f} s")

    from warmstart.dataset.image_store import ImageStore

    store = ImageStore(folder / "images")
    rows, labels = store.images("train"), store.labels("train")
    decoded = Decoded([folder / "photos" / row.path for row in store.manifest("train")], side)
    assert np.array_equal(decoded[np.arange(5)], rows[:5])
    ratios = []
    for turn in range(turns):
        rates = [
            trained(inputs, labels, workers, folder / f"{turn}{name}")
            for name, inputs in (("cache", rows), ("jpeg", decoded))
        ]
        ratios.append((rates[0][0] / rates[1][0], rates[1][1] / rates[0][1]))
        print(
            f"turn {turn + 1}: an augmented epoch of scratch from the cache {rates[0][0]:.0f} images/s, "
            f"{rates[0][1]:.1f} ms of processor "
            f"an image; from JPEGs {rates[1][0]:.0f} images/s, {rates[1][1]:.1f} ms",
            flush=True,
        )
    by_clock, by_processor = (statistics.median(ratio[i] for ratio in ratios) for i in (0, 1))
    print(
        f"the cache trains {by_clock:.2f} × as fast ({by_processor:.2f} × by processor time), with {workers} loader "
        f"processes"
    )
    spent = {}
    for name, inputs in (("cache", rows), ("jpeg", decoded)):
        began = time.process_time()
        for start in range(0, len(rows), BATCH):
            inputs[np.random.default_rng(start).integers(0, len(rows), BATCH)]
        spent[name] = (time.process_time() - began) / (-(-len(rows) // BATCH) * BATCH) * 1e3
    print(
        f"processor time an image to get it: {spent['cache']:.3f} ms from the cache, {spent['jpeg']:.2f} ms from JPEG"
    )


def copy_photos(source: Path, images: int, folder: Path) -> list[Path]:
    """Up to so many photos of a folder or an archive, as many of each class, as a folder."""
    from ingest_options import open_listing
    from warmstart.dataset.round_robin import round_robin_order

    named = (
        Archive(name="photos", size=1, archive=str(source))
        if source.is_file()
        else Folder(name="photos", size=1, folder=str(source))
    )
    listing = open_listing(asdict(named))
    order = round_robin_order([listing.classes.index(entry.class_name) for entry in listing.entries])
    paths = []
    for place in order[:images]:
        entry = listing.entries[place]
        paths.append(folder / entry.class_name / Path(entry.path).name)
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_bytes(listing.read(entry.path))
    return paths


def trained(inputs: Any, labels: np.ndarray, workers: int, state: Path) -> tuple[float, float]:
    """Training the scratch network with augmentation, after its first epoch: images/s, and ms of this process's
    processor an image.
    """
    from training import OPTIMIZER, new_model
    from warmstart.runtime.devices import plan_device
    from warmstart.training.fit import FitOptions, fit
    from warmstart.training.lightning_module import LearningOptions
    from warmstart.training.observer import NoObserver
    from warmstart.training.parts import TrainingParts
    from warmstart.training.schedule import ResolvedSchedule

    ends: list[float] = []
    observer = NoObserver()
    observer.on_epoch_end = lambda: ends.append(time.process_time())  # type: ignore[method-assign]
    schedule, plan = ResolvedSchedule(3, BATCH), plan_device(ComputeOptions())
    options = FitOptions(
        LearningOptions(TrainingParts(OPTIMIZER, transforms=LESSON)), schedule, plan, Trainer(workers=workers)
    )
    state.mkdir()
    val = (inputs[np.arange(BATCH)], labels[:BATCH])
    history = fit(new_model(inputs.shape[1]), (inputs, labels), val, options, state, observer)
    rate = statistics.median([epoch.images_per_second for epoch in history.epochs][1:])
    return rate, statistics.median(np.diff(ends)) / len(labels) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("scale", "loader", "photos"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 4000, 10_000], help="numbers of critters")
    parser.add_argument("--critters", type=int, default=48, help="their side in pixels")
    parser.add_argument("--photos", type=Path, help="a folder with a sub-folder of photos per class, or a zip of one")
    for name, default in (("images", 400), ("size", 150), ("workers", 0), ("turns", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {vars(options)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.only in (None, "scale"):
            scale(options.sizes, options.critters, folder)
        if options.only in (None, "loader"):
            loader(options.images, options.size, folder)
        if options.photos and options.only in (None, "photos"):
            photos(options.photos, options.images, options.size, options.workers, options.turns, folder)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
