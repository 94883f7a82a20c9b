"""Filter patterns on demand: of a trained recipe, or of a backbone that nothing has been trained on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warmstart.dataset.image_store import ImageStore
from warmstart.errors import UserError
from warmstart.files.digest import sha256_file
from warmstart.files.plain import replace_dir, write_json
from warmstart.interpretation.options import Options

if TYPE_CHECKING:
    from warmstart.models.image_model import ImageModel

log = logging.getLogger(__name__)
FILTERS = 16  # a layer, where interpret.patterns names no number


def make_patterns(
    config: Mapping[str, Any], model_dir: str | Path, images_dir: str | Path, out_dir: str | Path
) -> dict[str, Any]:
    """Write ``out_dir``: what ``write_patterns`` writes, and summary.json with what it returns.

    model_dir: holds model.ckpt; where it does not exist and the recipe has a backbone, that backbone is taken with its weights
    (``backbone.name``, ``backbone.weights``), untrained as it is on these images. Raises UserError.
    """
    options = Options.read(config["interpret"])
    options = replace(options, patterns=options.patterns or FILTERS)
    store = ImageStore(images_dir)
    from warmstart.interpretation.patterns.write import write_patterns
    from warmstart.models.checkpoint import load_model

    path = Path(model_dir) / "model.ckpt"
    if path.exists() or config["model_dir"] or config["recipe"]["family"] != "transfer":
        model, of = load_model(path), "recipe"
        name = str(model.meta.get("recipe", "model"))
    else:
        model, of, name = bare_backbone(config["backbone"], store), "backbone", str(config["backbone"]["name"])
        name += ", random weights" if config["backbone"]["weights"] == "none" else ""
        log.info(
            "%s does not exist: these are the filters of %s alone, weights: %s",
            path,
            name,
            config["backbone"]["weights"],
        )
    with replace_dir(out_dir) as folder:
        checkpoint = sha256_file(path) if of == "recipe" else None  # which training these pictures are of
        summary = {
            "of": of,
            "name": name,
            "checkpoint": checkpoint,
            **write_patterns(model, name, store, options, folder),
        }
        write_json(folder / "summary.json", summary)
    log.info("filter patterns are in %s", out_dir)
    return summary


def bare_backbone(spec: Mapping[str, Any], store: ImageStore) -> ImageModel:
    """A backbone with its weights and normalisation but without a head, as a model in evaluation mode.

    spec: the configuration's ``backbone`` group. Raises UserError for grey images and for weights that cannot be had.
    """
    import torch

    from warmstart.models.backbone import Backbone
    from warmstart.models.image_model import ImageModel
    from warmstart.models.normalisation import backbone_preprocessing
    from warmstart.models.weights import load_weights

    if store.meta["channels"] != 3:
        raise UserError("pretrained backbones need colour images: set data.channels to 3")
    preprocessing = backbone_preprocessing(spec, store)
    backbone = Backbone(spec["name"])
    load_weights(backbone, spec["weights"])
    model = ImageModel(backbone, {}, preprocessing, store.classes).eval()
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model
