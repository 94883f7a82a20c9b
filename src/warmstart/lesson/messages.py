"""Titles and notes of the lesson's sheets and charts."""

from __future__ import annotations

# Title and note of each sheet whose note depends on nothing.
EDGES = (
    "Convolution: five 3×3 kernels and what they answer",
    "Each kernel slides over the image; at every place its nine numbers are multiplied with the pixels below (black 0, "
    "white 1) and summed. Red: the answer is positive, dark to bright as the kernel's numbers rise; blue: the other "
    "way round; white: 0.",
)
GABOR = (
    "A Gabor filter bank",
    "A Gabor filter is a grating in a Gaussian window (Gabor 1946, Daugman 1985): it answers to stripes and edges of "
    "one direction (0° lies flat) and one width (its wavelength in pixels). Red above 0, blue below. Right: the hue is "
    "the direction with the most energy (even and odd filter together), the brightness how much.",
)
ORIENTATION = (
    "Sensitivity to the direction of an edge",
    "The edge turns anticlockwise. Below, for each kernel, its strongest answer anywhere on the edge, as a share of "
    "its best. A directed kernel is silent across its own direction, but it is not choosy: 60° off it still gives "
    "about half. A larger one, the Gabor filter, is choosier.",
)
PADDING = (  # title and lines
    "Border effects: a 3×3 window on a 5×5 image",
    "Left the image with its padding (grey zeros) and the window at its first place; in the middle every place where "
    "the window fits; right what comes out.",
    "The kernel here is nine ones, so each number that comes out is the sum of the nine below it. Side of the output: "
    "⌊(5 + 2 · padding − 3) / stride⌋ + 1.",
)
POOLING = (
    "Pooling: smaller maps that care less about where",
    "Top: a patch of the answer with its numbers, and the greatest and the mean of each of its 2×2 windows. Below: "
    "half the side is left, what was found stays. Last row: what moving the image by one pixel changes, red more and "
    "blue less, as a share of the sum of all values.",
)
RECEPTIVE_FIELD_TITLE = "Reach: how far one pixel goes, with and without pooling"
RUNNING_TITLE = "Batch norm: running against batch statistics"
DISTRIBUTIONS_TITLE = "Batch norm: the values between layers"
TRANSFORMS_TITLE = "Augmentation: each transformation alone"


def receptive_field_note(sees: int, reaches: float, sees_unpooled: int, reaches_unpooled: float) -> str:
    """Of the third convolution with and without pooling: side of its receptive field, and share one pixel reaches."""
    return (
        "Bright: counts for it; the middle counts most, because most paths lead there. With pooling the third "
        f"convolution sees {sees} pixels across and one pixel reaches {percent(reaches)} of its map; without, "
        f"{sees_unpooled} pixels and {percent(reaches_unpooled)}. What an output cannot see, it cannot use."
    )


def receptive_field_labels(network: str, size: int) -> list[str]:
    """Labels of a network's two rows."""
    return [
        f"{network}, {size}×{size} px: the part of the image that one output depends on",
        "the part of the map that one pixel of the image reaches",
    ]


def samples_note(between: float, least: float) -> str:
    """Mean and least difference between samples of augmentation, in grey levels."""
    return (
        "Eight of the endless draws that training makes of one photo. Two of them differ by "
        f"{between:.0f} of 255 grey levels a pixel in the mean, the nearest two by {least:.0f}: the network hardly "
        "ever sees the same picture twice."
    )


def transforms_note(candidates: int, shown: int) -> str:
    """How the shown samples of each transformation are chosen."""
    return (
        f"Of {candidates} draws of each transformation, the {shown} farthest from the photo and from each other: about "
        "the ends of its range. Where the photo leaves the frame, its edge is repeated."
    )


def transform_ranges(rotation: float, shift: float, shear: float, zoom: float) -> dict[str, str]:
    """The range of each transformation in words. rotation, shear: in degrees. shift, zoom: as shares."""
    return {
        "rotation": f"within ±{rotation:.3g}°",
        "shift": f"across and along, each within ±{100 * shift:.3g} % of the side",
        "shear": f"within ±{shear:.3g}°",
        "zoom": f"width and height, each {100 * (1 - zoom):.3g} to {100 * (1 + zoom):.3g} %",
        "horizontal_flip": "half of the draws",
    }


def distributions_note(n: int, without: tuple[float, float], normalised: tuple[float, float], spread: str) -> str:
    """n: test images. without, normalised: least and greatest standard deviation of the layers' values without and with
    batch norm. spread: a key of ``SPREADS``.
    """
    return (
        f"Values over {n} test images, all channels and places; share of values on a logarithmic scale, one horizontal "
        "scale a row. Without batch norm the layers' standard deviations lie between "
        f"{without[0]:.2f} and {without[1]:.2f}, with it between {normalised[0]:.2f} and {normalised[1]:.2f}: "
        f"{SPREADS[spread]}."
    )


SPREADS = {
    "equal": "each layer gets inputs of about one size, whatever the one before it has learned",
    "closer": "nearer to one another, but not of one size",
    "no closer": "no nearer to one another, as when the running statistics, which are used here, lag behind the "
    "weights",
}


def running_note(
    kept_percent: float, steps: int, steps_to_halve: float | None, left_first: float, left_last: float
) -> str:
    """kept_percent: of the running statistics at each step. steps: in an epoch. left_first, left_last: percent of the
    initial statistics left after the first and the last epoch.
    """
    halve = f"; {steps_to_halve:.0f} steps halve what is left of the start" if steps_to_halve else ""
    return (
        "In training a batch is normalised by its own mean and variance, in validation by running averages of them, "
        f"which start at mean 0 and variance 1 and keep {kept_percent:.0f} % of themselves a step (Keras' momentum is "
        f"0.99). An epoch has {steps} steps here{halve}: {left_first:.0f} % is left after the first epoch, "
        f"{left_last:.2g} % after the last. While much is left, validation normalises by what training never used. "
        "Behind the dense layer a batch has one value an image, so its own statistics are noisy."
    )


def statistics_note(running: float, batch: float, low: float, high: float, n: int) -> str:
    """Accuracies by running and by batch statistics on n validation images, and the interval of their difference."""
    ends = " to ".join(f"{100 * end:.1f}".replace("-", "−") for end in (low, high))
    return (
        f" The kept network is right on {100 * running:.1f} % of {n} validation images; the same weights, normalising "
        f"by each batch's own statistics, on {100 * batch:.1f} % (95 % interval of the difference: {ends} points)."
    )


def percent(share: float) -> str:
    """A share in percent: whole numbers, or one significant digit below 1 %."""
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1g} %"
