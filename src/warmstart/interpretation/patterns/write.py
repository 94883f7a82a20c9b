"""The patterns of a network's filters, layer by layer, as pictures and as records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image

from warmstart.dataset.image_store import ImageStore
from warmstart.drawing.png import save_png
from warmstart.files.plain import write_json
from warmstart.interpretation.options import Options
from warmstart.interpretation.patterns.ascent import METHODS
from warmstart.interpretation.patterns.choose import Choice
from warmstart.interpretation.patterns.crops import Crop
from warmstart.interpretation.patterns.natural import Natural
from warmstart.interpretation.patterns.seek import Pattern
from warmstart.interpretation.patterns.sheet import draw_grid, draw_methods
from warmstart.interpretation.patterns.study import Study, studying
from warmstart.models.image_model import ImageModel

COMPARED = 8  # filters in compare.png
RECOGNISABLE = 0.8  # of the activation kept after a warp


def write_patterns(
    model: ImageModel, recipe: str, store: ImageStore, options: Options, folder: Path, method: str | None = None
) -> dict[str, Any]:
    """Write into ``folder`` a grid ``<layer>.png`` for each layer, compare.png (``draw_comparison``), and last patterns.json.

    Of each layer the first ``options.patterns`` filters are shown. method: ``plain`` or ``fourier`` for all layers; None: plain
    for the first two blocks, fourier for deeper ones. patterns.json holds a record a filter (see ``_record``).
    Returns {layers: [{layer, file, method, filters, of, dead, reached, kept, fine, recognisable}], compare: {layer, plain, fourier}};
    reached (standard deviations of photos), kept and fine are medians over the filters that are not dead, recognisable is the share
    of filters that keep 0.8 or more of their activation after a small warp. The network is left as it was.
    Raises UserError for an unknown layer or method and for weights that are not finite.
    """
    layers, records = [], []
    with studying(model, store, options) as study:
        middle, known = _middle(study.choices), {}
        for choice in study.choices:
            way, crops = method or choice.method, study.crops(choice)
            patterns = study.seek(choice, way)
            file = f"{choice.label}.png"
            title = f"{recipe}: what filters of {choice.label} look for ({len(patterns)} of {choice.layer.channels})"
            pixels, closely = [[crop.pixels for crop in some] for some in crops], choice.method == "plain"
            save_png(draw_grid(patterns, pixels, way, title, closely=closely), folder / file)
            head = {"layer": choice.label, "module": choice.layer.readout_name, "file": file, "method": way}
            layers.append(head | {"filters": len(patterns), "of": choice.layer.channels} | _medians(patterns))
            natural = study.natural[choice.label]
            records.append(
                head | {"tiles": [_record(p, natural, some) for p, some in zip(patterns, crops, strict=True)]}
            )
            if choice is middle:
                known = {way: patterns[:COMPARED]}
        picture, compared = draw_comparison(study, recipe, middle, known)
    save_png(picture, folder / "compare.png")
    facts = {
        "side": study.search.side,
        "steps": options.pattern_steps,
        "seed": options.seed,
        "photos": len(study.photos.where),
    }
    write_json(folder / "patterns.json", {**facts, "layers": records})
    return {"layers": layers, "compare": compared}


def draw_comparison(
    study: Study, recipe: str, choice: Choice, known: dict[str, list[Pattern]] | None = None
) -> tuple[Image.Image, dict[str, Any]]:
    """The first filters of a layer by the plain and the regularised ascent, one above the other, with the medians of each.

    known: patterns that were already sought, by method.
    """
    found = {way: (known or {}).get(way) or study.seek(choice, way, COMPARED) for way in METHODS}
    crops = [[crop.pixels for crop in some] for some in study.crops(choice)[:COMPARED]]
    picture = draw_methods(found, crops, f"{recipe}: filters of {choice.label}, plain and regularised")
    return picture, {"layer": choice.label, **{way: _medians(patterns) for way, patterns in found.items()}}


def _middle(choices: Sequence[Choice]) -> Choice:
    """A layer where the two methods differ: the middle one of those deep enough, else the deepest."""
    deep = [choice for choice in choices if choice.method == "fourier"] or choices[-1:]
    return deep[len(deep) // 2]


def _medians(patterns: Sequence[Pattern]) -> dict[str, Any]:
    living = [p for p in patterns if not p.dead]
    kept = [p.kept for p in living if p.kept is not None]
    return {
        "dead": len(patterns) - len(living),
        "reached": median([p.reached for p in living]) if living else None,
        "kept": median(kept) if kept else None,
        "fine": median([p.fine for p in living]) if living else None,
        "recognisable": sum(share >= RECOGNISABLE for share in kept) / len(patterns),
    }


def _record(pattern: Pattern, natural: Natural, crops: Sequence[Crop]) -> dict[str, Any]:
    """A filter: activation of its pattern and after a warp, and the most that a photo reaches, in standard deviations of photos."""
    channel = pattern.channel
    return {
        "channel": channel,
        "dead": pattern.dead,
        "reached": pattern.reached,
        "warped": pattern.warped,
        "kept": pattern.kept,
        "fine": pattern.fine,
        "photos_reach": natural.in_sd(channel, float(natural.most[channel])),
        "photos": [] if pattern.dead else [crop.record() for crop in crops],
    }
