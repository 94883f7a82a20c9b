"""A dataset with a finished linear probe, and photos that nobody has labelled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from ingest_options import prepare
from support import Folders, compose_config, extract
from warmstart.config.stages import EvaluateConfig
from warmstart.config.typed import to_typed
from warmstart.dataset.image_store import ImageStore
from warmstart.ingest.critters.generate import generate

SIZE = 64
OPTIONS = (
    f"data.size={SIZE}",
    "data.train=200",
    "data.val=40",
    "data.test=40",
    "backbone.size=data",
    "recipe.size=null",
)


def write_probed(root: Path, train_tiny: Callable[..., Path]) -> Folders:
    """Drawn critters in the folder ``root``/critters, with cached features and an evaluated linear probe."""
    from warmstart.evaluation.evaluate_recipe import evaluate

    folders = Folders(root / "critters")
    words = ("data=critters", "data.workers=1", *OPTIONS, "trainer.precision=32-true", "trainer.accelerator=cpu")
    config = compose_config(*words, "recipe=linear_probe", "evaluate.bootstrap=50")
    prepare(config["data"], folders.images)
    extract(config, folders.images, folders.features)
    model = train_tiny("linear_probe", folders.model("linear_probe"), *OPTIONS, folders=folders)
    evaluate(
        to_typed(EvaluateConfig, config),
        model_dir=model,
        images_dir=folders.images,
        out_dir=folders.root / "recipes/linear_probe/evaluate",
    )
    return folders


def write_unlabelled(folder: Path, images: Path) -> Path:
    """Twenty new critters; of these one again in another size, mirrored and saved again; two of the labelled ones, one
    of them saved with loss; two files that cannot be read and one that is no photo.
    """
    folder.mkdir()
    for number, pixels in enumerate(generate(99, range(20), 128).images):
        Image.fromarray(pixels).save(folder / f"new_{number:02d}.png")
    one = Image.open(folder / "new_05.png")
    one.resize((90, 90)).save(folder / "z_small.png")
    one.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "z_mirrored.png")
    one.save(folder / "z_saved.jpg", quality=80)
    store = ImageStore(images)
    Image.fromarray(store.images("train")[3]).save(folder / "z_train.png")
    Image.fromarray(store.images("test")[3]).save(folder / "z_test.jpg", quality=95)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    (folder / "cut.png").write_bytes((folder / "new_01.png").read_bytes()[:200])
    (folder / "notes.txt").write_text("no photo")
    return folder
