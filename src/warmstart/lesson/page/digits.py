"""The first half of the lesson: a convnet on digits, and what convolution and pooling do."""

from __future__ import annotations

from warmstart.lesson.page.facts import Facts
from warmstart.lesson.page.figures import convolution_part, curves, test_accuracy
from warmstart.lesson.page.section import Number, Picture, Section, source_of
from warmstart.models.convnet import ConvNet
from warmstart.models.init import glorot_uniform_

CHOOSE = "python pipelines/choose.py data={name} && dvc repro"


def digit_sections(digits: Facts | None, demos: Facts) -> list[Section]:
    """The sections on digits and on convolution. digits: None where no convnet on digits has finished. demos: holds the pictures."""
    return [_convnet(digits), _convolution(demos), _borders(demos), _pooling(digits, demos)]


def _convnet(digits: Facts | None) -> Section:
    name = digits.name if digits else "mnist"
    weights, shape = convolution_part(digits, "convnet")
    return Section(
        "convnet",
        "A first convnet, on digits",
        [
            "A dense network learns patterns of the whole image; a convolution learns small ones and finds them anywhere. So a small "
            "convnet beats a dense network with fewer parameters.",
            f"Figures on {name}."
            + ("" if name == "mnist" else " The lesson's are on MNIST: a landmark here, not a target."),
        ],
        CHOOSE.format(name=name),
        numbers=[
            Number("parameters before the dense head", "55,744", weights),
            Number("map before the dense head", "3 × 3 × 64", shape),
            Number("convnet: test accuracy", "98.99 %", test_accuracy(digits, "convnet"), "the lesson's text, MNIST"),
            Number(
                "dense network: test accuracy", "97.8 %", test_accuracy(digits, "dense"), "the lesson's text, MNIST"
            ),
        ],
        pictures=curves(digits, "convnet", "dense"),
        sources=[source_of(ConvNet.forward), source_of(glorot_uniform_)],
    )


def _convolution(demos: Facts) -> Section:
    from warmstart.lesson.convolution.respond import respond

    folder = demos.lesson / "convolution"
    return Section(
        "convolution",
        "What a convolution does",
        [
            "A kernel slides over the image; where the image resembles it, the response is high. Simple kernels answer to edges of one "
            "direction; Gabor filters to stripes of one direction and width. What follows in a network combines such answers.",
        ],
        f"python pipelines/convolution.py data={demos.name}",
        pictures=[
            Picture(
                folder / "edges.png",
                "Kernels for horizontal, vertical and diagonal edges, and for any edge; their responses.",
            ),
            Picture(folder / "direction.png", "The response of each kernel to an edge, by the edge's direction."),
            Picture(folder / "gabor.png", "A bank of Gabor filters, and what they answer to."),
        ],
        sources=[source_of(respond)],
    )


def _borders(demos: Facts) -> Section:
    from warmstart.lesson.convolution.respond import output_side

    return Section(
        "borders",
        "Borders, padding and strides",
        [
            "A 3 × 3 window has nine places on a 5 × 5 image, so the map has 3 × 3; zeros around the image keep its size; a stride skips places."
        ],
        f"python pipelines/convolution.py data={demos.name}",
        numbers=[Number("5 × 5 under 3 × 3", "3 × 3", f"{output_side(5, 3)} × {output_side(5, 3)}")],
        pictures=[
            Picture(
                demos.lesson / "convolution" / "border.png",
                "Each number is counted on the drawn grids, not only computed.",
            )
        ],
        sources=[source_of(output_side)],
    )


def _pooling(digits: Facts | None, demos: Facts) -> Section:
    folder = demos.lesson / "convolution"
    _, pooled = convolution_part(digits, "convnet")
    weights, shape = convolution_part(digits, "convnet_no_pooling")
    return Section(
        "pooling",
        "Why pool?",
        [
            "Halving the map lets the next window see twice as far, makes the answer less sensitive to where a thing is, and leaves a "
            "small map: without pooling a dense layer has fifty times the inputs."
        ],
        CHOOSE.format(name=digits.name if digits else "mnist"),
        numbers=[
            Number("map with two poolings", "3 × 3 × 64", pooled),
            Number("map without", "22 × 22 × 64", shape, f"{weights} parameters before the dense head"),
            Number("test accuracy with", "98.99 %", test_accuracy(digits, "convnet")),
            Number("test accuracy without", "–", test_accuracy(digits, "convnet_no_pooling")),
        ],
        pictures=[
            Picture(
                folder / "pooling.png", "Max and average pooling of a response, and what a shift by one pixel changes."
            ),
            Picture(folder / "reach.png", "How far one input pixel reaches, layer by layer, with and without pooling."),
        ],
    )
