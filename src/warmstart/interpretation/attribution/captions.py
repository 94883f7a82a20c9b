"""What the galleries are called, and what their notes say."""

from __future__ import annotations

from warmstart.interpretation.attribution.galleries import Gallery

NO_MAP = "The network has no convolution, so it has no map of where it looks."
SCALES = "Evidence: each map on its own scale, its share of for and against in the corner. Red and blue: one scale for the page."


def galleries(recipe: str, n: int, wrong: int, sample: int, seed: int, how: str) -> dict[str, Gallery]:
    """The four galleries by the name of their file.

    n, wrong: test images, and how many of them are wrong. sample: images among which conflict was sought. how: how the maps
    were made, or why there are none.
    """
    right = n - wrong
    note = f"{how} {SCALES}" if how != NO_MAP else how
    errors = ("prediction", "true", "signed")

    def gallery(some: int, title: str, text: str, nothing: str, why: str, panels: tuple[str, ...]) -> Gallery:
        return (
            Gallery(f"{recipe}: {title}", f"{text} {note}", panels)
            if some
            else Gallery(f"{recipe}: {nothing}", why, panels)
        )

    none_right, none_wrong = f"All {n} test images are wrong.", f"All {n} test images are right."
    half = f"{right} of {n} test images are right. First some of the most confident quarter, then others (seed {seed})."
    drawn = f"{wrong} of {n} test images are wrong. Drawn at random, one of each class after the other (seed {seed})."
    most = f"{wrong} of {n} test images are wrong. The most confident come first."
    both = f"Of {sample} test images, those whose maps speak most for both sides: conflict = the smaller of for and against, over both; 0.5 at most."
    return {
        "right": gallery(right, "right", half, "nothing right", none_right, ("prediction", "signed")),
        "wrong": gallery(wrong, "wrong", drawn, "nothing wrong", none_wrong, errors),
        "confident_wrong": gallery(wrong, "most confident and wrong", most, "nothing wrong", none_wrong, errors),
        "conflict": gallery(
            sample,
            "evidence for both sides",
            both,
            "no maps to compare",
            "interpret.maps is 0.",
            ("prediction", "against", "signed"),
        ),
    }
