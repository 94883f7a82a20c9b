"""Filter patterns on demand: of a trained recipe, or of a backbone that nothing has been trained on."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import torch

from warmstart.config.schema import Backbone, Interpret
from warmstart.config.stages import PatternsConfig
from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.files.plain import replace_dir
from warmstart.interpretation.feature_visualization.messages import BARE_BACKBONE
from warmstart.interpretation.feature_visualization.patterns_page import write_patterns
from warmstart.models.backbone import Backbone as BackboneNetwork
from warmstart.models.checkpoint import load_model
from warmstart.models.image_model import ImageModel
from warmstart.models.normalisation import backbone_preprocessing
from warmstart.models.weights import load_weights
from warmstart.records.pages import PatternsSummary

log = logging.getLogger(__name__)
DEFAULT_FILTERS = 16  # a layer, where interpret.patterns is 0


def untrained_backbone(config: PatternsConfig) -> Backbone | None:
    """What is visualised before a recipe is trained: a transfer recipe's backbone, unless there is a ``model_dir``."""
    return None if config.model_dir or config.recipe.family != "transfer" else config.backbone


def make_patterns(
    options: Interpret,
    backbone: Backbone | None,
    model_dir: str | Path,
    images_dir: str | Path,
    out_dir: str | Path,
    size: int | None = None,
) -> PatternsSummary:
    """Write ``out_dir``: what ``write_patterns`` writes, and summary.json, which is returned. Raises UserError.

    backbone: taken as it is, on images of ``size`` pixels, where ``model_dir`` holds no model.ckpt; None: the model
    must be there.
    """
    options = replace(options, patterns=options.patterns or DEFAULT_FILTERS)
    path = Path(model_dir) / "model.ckpt"
    checkpoint = None  # which training these pictures are of
    if path.exists() or backbone is None:
        model, of = load_model(path), "recipe"
        store = ImageStore(images_dir, size=model.preprocessing.size)
        name = model.origin.recipe or "model"
        checkpoint = sha256_file(path)
    else:
        store = ImageStore(images_dir, size=size)
        model, of = load_backbone(backbone, store), "backbone"
        name = backbone.name + (", random weights" if backbone.weights == "none" else "")
        log.info(BARE_BACKBONE, path, name, backbone.weights)
    with replace_dir(out_dir) as folder:
        summary = PatternsSummary(of, name, checkpoint, *write_patterns(model, name, store, options, folder))
        summary.write(folder / "summary.json")
    log.info("filter patterns are in %s", out_dir)
    return summary


def load_backbone(spec: Backbone, store: ImageStore) -> ImageModel:
    """A backbone without a head, in evaluation mode. Raises UserError for grey images and for missing weights."""
    if store.channels != 3:
        raise UserError("pretrained backbones need colour images: set data.channels to 3")
    preprocessing = backbone_preprocessing(spec, store)
    network = BackboneNetwork(spec.name)
    load_weights(network, spec.weights)
    model = ImageModel(network, None, preprocessing, store.classes).eval()
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model
