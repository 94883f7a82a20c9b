"""The stage `interpret`: what a recipe has learned, where it looks, and whether its maps can be trusted."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path

from warmstart.config.schema import Interpret
from warmstart.dataset.image_store import ImageStore
from warmstart.files.digest import sha256_file
from warmstart.files.plain import replace_dir
from warmstart.interpretation.examples import check_images, read_examples
from warmstart.records.base import VERSION_KEY
from warmstart.records.interpretation import InterpretationSummary

log = logging.getLogger(__name__)
IMAGENET_PHOTOS = 4


def interpret(
    model_dir: str | Path, images_dir: str | Path, evaluate_dir: str | Path, out_dir: str | Path, options: Interpret
) -> None:
    """Write into ``out_dir`` a folder a page, and summary.json.

    model_dir: holds model.ckpt. images_dir: what `prepare` wrote. evaluate_dir: holds predictions.csv. Raises UserError
    for missing files, for images other than those evaluated, and for unknown layers.
    """
    store = ImageStore(images_dir)
    predictions = Path(evaluate_dir) / "predictions.csv"
    examples = read_examples(predictions)
    check_images(examples, [row.path for row in store.manifest("test")], predictions)

    # Only now, so that a mistake is reported at once: torch and Captum take seconds to import.
    from warmstart.interpretation.attribution.attribution_page import write_attributions
    from warmstart.interpretation.kernels.kernels_page import write_kernels
    from warmstart.interpretation.subject import Subject
    from warmstart.models.checkpoint import load_model

    checkpoint = Path(model_dir) / "model.ckpt"
    model = load_model(checkpoint)
    store = ImageStore(images_dir, size=model.preprocessing.size)
    recipe = model.origin.recipe or "model"
    subject = Subject(model, recipe, store, examples, options)
    if subject.cam_layer is not None:
        log.info("where it looks: %s", subject.cam_layer.description)
    with replace_dir(out_dir) as out:
        summary = {
            "recipe": recipe,
            "checkpoint": sha256_file(checkpoint),  # which training these pictures are of
            "first_conv": write_kernels(model, recipe, Path(model_dir), out / "kernels"),
            **write_attributions(subject, out / "cam"),
        }
        if options.scored:
            from warmstart.interpretation.faithfulness.faithfulness_page import write_scores

            summary["scores"] = write_scores(subject, out / "scores")
        if options.activations:
            from warmstart.interpretation.activations.activations_page import write_activations

            summary["activations"] = write_activations(subject, out / "activations")
        if options.imagenet:
            from warmstart.interpretation.attribution.imagenet_page import dataset_photos, write_imagenet

            photos = dataset_photos(store, IMAGENET_PHOTOS, options.seed)
            pretrained = not getattr(model.network_spec, "train_batch_norm", False)
            backbone = getattr(model.network_spec, "backbone", None) if pretrained else None
            summary["imagenet"] = write_imagenet(backbone, photos, out / "imagenet")
        if options.patterns and model.network.cam_layer is not None:  # a dense network has no filters
            from warmstart.interpretation.feature_visualization.patterns_page import write_patterns

            layers, compared = write_patterns(model, recipe, store, options, out / "patterns")
            summary["patterns"] = {"layers": [asdict(layer) for layer in layers], "compare": asdict(compared)}
        content = {VERSION_KEY: InterpretationSummary.FORMAT, **summary}
        InterpretationSummary.parse(content, out).write(out / "summary.json")
