"""Titles and notes of the lesson's sheets and charts."""

from __future__ import annotations

# Title and note of a sheet.
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
PADDING = (
    "Border effects: a 3×3 window on a 5×5 image",
    "Left the image with its padding (grey zeros) and the window at its first place; in the middle every place where "
    "the window fits; right what comes out. "
    "The kernel here is nine ones, so each number that comes out is the sum of the nine below it. Side of the output: "
    "⌊(5 + 2 · padding − 3) / stride⌋ + 1.",
)
POOLING = (
    "Pooling: smaller maps that care less about where",
    "Top: a patch of the answer with its numbers, and the greatest and the mean of each of its 2×2 windows. Below: "
    "half the side is left, what was found stays. Last row: what moving the image by one pixel changes, red more and "
    "blue less, as a share of the sum of all values.",
)
# Titles, and notes to be formatted.
RECEPTIVE_FIELD = "Reach: how far one pixel goes, with and without pooling"
RECEPTIVE_FIELD_NOTE = (
    "Bright: counts for it; the middle counts most, because most paths lead there. With pooling the third convolution "
    "sees {} pixels across and one pixel reaches {} of its map; without, {} pixels and {}. What an output cannot see, "
    "it cannot use."
)
RECEPTIVE_FIELD_LABELS = (
    "{network}, {size}×{size} px: the part of the image that one output depends on",
    "the part of the map that one pixel of the image reaches",
)
SAMPLES = "Augmentation: {} and eight draws"
SAMPLES_NOTE = (
    "Eight of the endless draws that training makes of one photo. Two of them differ by {:.0f} of 255 grey levels a "
    "pixel in the mean, the nearest two by {:.0f}: the network hardly ever sees the same picture twice."
)
TRANSFORMS = "Augmentation: each transformation alone"
TRANSFORMS_NOTE = (
    "Of {} draws of each transformation, the {} farthest from the photo and from each other: about the ends of its "
    "range. Where the photo leaves the frame, its edge is repeated."
)
TRANSFORM_RANGES = {  # of a rotation or shear in degrees, of a shift or zoom in percent
    "rotation": "within ±{0:.3g}°",
    "shift": "across and along, each within ±{1:.3g} % of the side",
    "shear": "within ±{0:.3g}°",
    "zoom": "width and height, each {2:.3g} to {3:.3g} %",
    "horizontal_flip": "half of the draws",
}
DISTRIBUTIONS = "Batch norm: the values between layers"
DISTRIBUTIONS_NOTE = (
    "Values over {n} test images, all channels and places; share of values on a logarithmic scale, one horizontal "
    "scale a row. Without batch norm the layers' standard deviations lie between {without[0]:.2f} and "
    "{without[1]:.2f}, with it between {normalised[0]:.2f} and {normalised[1]:.2f}: {spread}."
)
SPREADS = {
    "equal": "each layer gets inputs of about one size, whatever the one before it has learned",
    "closer": "nearer to one another, but not of one size",
    "no closer": "no nearer to one another, as when the running statistics, which are used here, lag behind the "
    "weights",
}
RUNNING = "Batch norm: running against batch statistics"
RUNNING_NOTE = (
    "In training a batch is normalised by its own mean and variance, in validation by running averages of them, which "
    "start at mean 0 and variance 1 and keep {kept:.0f} % of themselves a step (Keras' momentum is 0.99). An epoch has "
    "{steps} steps here{halving}: {first:.0f} % is left after the first epoch, {last:.2g} % after the last. While much "
    "is left, validation normalises by what training never used. Behind the dense layer a batch has one value an "
    "image, so its own statistics are noisy."
)
HALVING = "; {:.0f} steps halve what is left of the start"
STATISTICS = (
    " The kept network is right on {running:.1f} % of {n} validation images; the same weights, normalising by each "
    "batch's own statistics, on {batch:.1f} % (95 % interval of the difference: {low} to {high} points)."
)


def percent(share: float) -> str:
    """A share in percent: a whole number, or one significant digit below 1 %."""
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1g} %"


def signed_points(share: float) -> str:
    """A difference of shares in percent points, with a true minus sign."""
    return f"{100 * share:.1f}".replace("-", "−")
