"""The last part: what each network has learned, where it looks, and whether the maps that show it can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from warmstart.files.plain import read_json
from warmstart.interpretation.cam.maps import log_odds
from warmstart.lesson.page.facts import Facts
from warmstart.lesson.page.section import Number, Picture, Section, source_of

SCRATCH, WARM = "scratch", "fine_tune"


def look_sections(photos: Facts) -> list[Section]:
    """The sections on looking inside."""
    return [_activations(photos), _kernels(photos), _patterns(photos), _imagenet(photos), _maps(photos), _trust(photos)]


def _interpret(photos: Facts, recipe: str) -> str:
    return f"python pipelines/interpret.py data={photos.name} recipe={recipe} interpret=full interpret.patterns=0"


def _activations(photos: Facts) -> Section:
    from warmstart.interpretation.activations.sites import read

    numbers = []
    pictures = []
    for recipe in (SCRATCH, WARM):
        folder = photos.pages(recipe) / "activations"
        told = (_json(folder / "activations.json").get("depth") or {}).get("off")
        if told:
            ours = f"{told['spearman']:+.2f}, n = {told['n']} layers: {told['verdict']}".replace("-", "−")
            numbers.append(
                Number(f"{recipe}: rank correlation of the share of zeros with depth", "increasing sparsity", ours)
            )
        pictures += [
            Picture(folder / "overview.png", f"{recipe}: one photo, and the strongest channels of each layer."),
            Picture(folder / "sparsity.png", f"{recipe}: share of zeros, and of channels that never answer, by depth."),
            Picture(folder / "top_photos.png", f"{recipe}: the test photos that excite some channels most."),
        ]
    return Section(
        "activations",
        "What each layer answers to a photo",
        [
            "The first layers keep nearly the whole photo, as edges; deeper ones answer to parts, in fewer places and with more silent channels: "
            "less of the picture, more of what it shows."
        ],
        _interpret(photos, SCRATCH),
        numbers=numbers,
        pictures=pictures,
        sources=[source_of(read)],
    )


def _kernels(photos: Facts) -> Section:
    shape = "each kernel as a colour times a shape, and the classic filter nearest to it."
    scratch, warm = (photos.pages(recipe) / "kernels" for recipe in (SCRATCH, WARM))
    pictures = [
        Picture(scratch / "split.png", f"{SCRATCH}: {shape}"),
        Picture(scratch / "change.png", f"{SCRATCH}: before and after training."),
        Picture(
            warm / "split.png", f"{WARM}: {shape} Training does not reach this layer: it is as it came from ImageNet."
        ),
    ]
    return Section(
        "kernels",
        "First-layer kernels",
        ["The kernels that see the pixels themselves can be looked at directly."],
        _interpret(photos, SCRATCH),
        pictures=pictures,
    )


def _patterns(photos: Facts) -> Section:
    folder = photos.lesson / "patterns"
    pictures = [
        Picture(folder / "compare.png", "The lesson's plain ascent beside the regularised one, on the same filters.")
    ]
    for layer in _json(folder / "patterns.json").get("layers", []):
        caption = f"{layer['layer']}: patterns beside the photos' own crops; {layer['method']} ascent."
        pictures.append(Picture(folder / layer["file"], caption))
    return Section(
        "patterns",
        "What a filter looks for",
        [
            "Start from noise and change the pixels so that one filter answers ever more. Early filters ask for colours and stripes, deeper ones "
            "for textures, then for parts. Plain ascent ends in noise that only the network understands; with random shifts and turns, and pixels "
            "built from frequencies, the picture becomes one for people too."
        ],
        f"python pipelines/patterns.py data={photos.name} recipe={WARM} interpret.patterns=16",
        pictures=pictures,
    )


def _imagenet(photos: Facts) -> Section:
    folder = photos.pages(WARM) / "imagenet"
    return Section(
        "imagenet",
        "A check: does the bare network know what it sees?",
        [
            "Before explaining a network that was built on another, ask the other: its five most likely ImageNet classes, and the places that speak for them."
        ],
        _interpret(photos, WARM),
        pictures=[Picture(folder / "top5.png", "The backbone alone, with its own classifier.")],
    )


def _maps(photos: Facts) -> Section:
    pictures = [
        picture
        for recipe in (SCRATCH, WARM)
        for picture in (
            Picture(photos.pages(recipe) / "cam" / "right.png", f"{recipe}: where it looks when it is right."),
            Picture(photos.pages(recipe) / "cam" / "confident_wrong.png", f"{recipe}: its most confident mistakes."),
            Picture(photos.pages(recipe) / "cam" / "mean.png", f"{recipe}: the mean map of each class."),
        )
    ]
    return Section(
        "maps",
        "Where a network looks",
        [
            "Grad-CAM weighs each channel of the last map by how much the answer hangs on it, and adds them up: red places speak for the class, "
            "blue ones against it. It is a diagnosis, not a cause and not a proof."
        ],
        _interpret(photos, WARM),
        pictures=pictures,
        sources=[source_of(log_odds)],
    )


def _trust(photos: Facts) -> Section:
    numbers = []
    for recipe in photos.recipes:
        scores = _json(photos.pages(recipe) / "summary.json").get("scores")
        if scores:
            numbers.append(Number(recipe, "–", f"{scores['verdict']}, n = {scores['n']}"))
    return Section(
        "trust",
        "May these maps be trusted?",
        [
            "A heat map convinces whether it is true or not. So it is held to tests that it could fail: hide what it points at, and the answer should "
            "change; put it on a mosaic of both classes, and it should find the right cells; replace the weights by random ones, and it should change."
        ],
        f"python pipelines/interpret.py data={photos.name} recipe={WARM} interpret=full",
        numbers=numbers,
        pictures=[
            Picture(
                photos.pages(WARM) / "scores" / "scores.png",
                f"{WARM}: scores beside those of controls; the edge map is there to fail.",
            ),
            Picture(photos.pages(SCRATCH) / "scores" / "scores.png", f"{SCRATCH}: the same."),
        ],
    )


def _json(path: Path) -> dict[str, Any]:
    return dict(read_json(path)) if path.exists() else {}
