"""The stage `interpret`: what a recipe has learned, where it looks, and whether the maps that show it can be trusted."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warmstart.dataset.image_store import ImageStore
from warmstart.files.digest import sha256_file
from warmstart.files.plain import replace_dir, write_json
from warmstart.interpretation.cam.examples import check_images, read_examples
from warmstart.interpretation.options import Options

log = logging.getLogger(__name__)
IMAGENET_PHOTOS = 4


def interpret(
    model_dir: str | Path,
    images_dir: str | Path,
    evaluate_dir: str | Path,
    out_dir: str | Path,
    options: Mapping[str, Any],
) -> None:
    """Write into ``out_dir`` a folder a page, and summary.json: kernels/, cam/ and scores/, and where asked for activations/,
    imagenet/ and patterns/.

    model_dir: holds model.ckpt. images_dir: what `prepare` wrote. evaluate_dir: holds predictions.csv.
    options: see ``Options``.
    Raises UserError for missing files, for images other than those evaluated, and for options that make no sense.
    """
    chosen = Options.read(options)
    store = ImageStore(images_dir)
    predictions = Path(evaluate_dir) / "predictions.csv"
    examples = read_examples(predictions)
    check_images(examples, [row["path"] for row in store.rows("test")], predictions)

    # Only now, so that a mistake is named in a moment: torch and Captum take seconds to import.
    from warmstart.interpretation.cam.evidence import site_of, write_evidence
    from warmstart.interpretation.kernels.write import write_kernels
    from warmstart.models.checkpoint import load_model

    model = load_model(Path(model_dir) / "model.ckpt")
    network: Any = model.network
    recipe = str(model.meta.get("recipe", "model"))
    site = None  # of a network without a feature map
    if chosen.layer is not None or network.cam_layer is not None:
        site = site_of(model, store, examples, chosen)
        log.info("where it looks: %s", site.words)
    with replace_dir(out_dir) as out:
        summary = {
            "recipe": recipe,
            "checkpoint": sha256_file(Path(model_dir) / "model.ckpt"),  # which training these pictures are of
            "first_conv": write_kernels(model, recipe, Path(model_dir), out / "kernels"),
            **write_evidence(model, recipe, store, examples, chosen, out / "cam", site),
        }
        if chosen.scored:
            from warmstart.interpretation.scores.write import write_scores

            summary["scores"] = write_scores(model, recipe, store, examples, chosen, out / "scores", site)
        if chosen.activations:
            from warmstart.interpretation.activations.write import write_activations

            summary["activations"] = write_activations(model, recipe, store, examples, chosen, out / "activations")
        if chosen.imagenet:
            from warmstart.interpretation.imagenet.photos import dataset_photos
            from warmstart.interpretation.imagenet.write import write_imagenet

            photos = dataset_photos(store, IMAGENET_PHOTOS, chosen.seed)
            summary["imagenet"] = write_imagenet(model.spec.get("backbone"), photos, out / "imagenet")
        if chosen.patterns and network.cam_layer is not None:  # a dense network has no filters
            from warmstart.interpretation.patterns.write import write_patterns

            summary["patterns"] = write_patterns(model, recipe, store, chosen, out / "patterns")
        write_json(out / "summary.json", summary)
