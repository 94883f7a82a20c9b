"""The sentences of the audit's findings, by kind; those about shortcuts are in ``shortcut_messages``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from warmstart.text.quantities import plural

_PLURAL = re.compile(r"\[(?:(\w+):)?([^|\]]*)\|([^\]]*)\]")
_LOOK_AT_PAIRS = "Look at the pairs: of true copies delete one; of two moments that you want keep both."
_LEAKS = "{n:,} pair[|s] of images [lies|lie] on both sides of the ready-made split"
_TESTED_ON_TRAINED = "The network is tested on what it was trained on, so its test accuracy will be too good."


class Message(NamedTuple):
    """title: what was found. meaning: what it does to the result. remedy: what to do."""

    title: str
    meaning: str
    remedy: str


def _outlier(kind: str) -> Message:
    return Message(
        f"{{n:,}} photo[|s] [is|are] unusually {kind}",
        "More than {limit} robust standard deviations of {measure} from the median, {median:.2f}.",
        "Look: delete what a person could not tell the class of.",
    )


def _modes(title: str, remedy: str) -> Message:
    return Message(title, "Converted: {listed}.", remedy)


def _small_test(remedy: str) -> Message:
    return Message(
        "With {n:,} test photo[|s] the result stays rough",
        "A network that is right on {accuracy:.0f} % of them is, with {confidence:.0f} % confidence, right on anything "
        "from {low:.0f} to {high:.0f} % of such photos. Two recipes are compared on the same photos, which tells more, "
        "but not small differences.",
        remedy,
    )


_ONE_CLASS = "Look whether this is mostly one class: then the conversion itself gives the class away."
_CONFLICTS = Message(
    "{n:,} photo[|s] [appears|appear] under two labels",
    "One of the two labels is wrong, and nobody can pass a test that asks for both. Neither copy is used.",
    "Decide which label is right and delete the other copy, or write it into a table of corrections (path, new_label) "
    "and add --set data.corrections=FILE.",
)
_EXACT = Message(
    "{n:,} image[|s] [is an exact copy|are exact copies] of another",
    "One copy of each photo is used, or none where the labels differ, so no photo counts twice or is both trained and "
    "tested on.",
    "Nothing; delete the copies if you want a tidy folder.",
)
_NEAR = Message(
    "{n:,} photo[|s] [looks|look] almost the same as another",
    "Such photos stay in one split, so none is trained on and met again in the test.",
    _LOOK_AT_PAIRS,
)
# Kind, or kind/variant. {name} is filled in; [one|several] is chosen by the number n, [name:one|several] by another.
TEMPLATES = {
    "no_decoder": Message(
        "{n:,} file[|s] [is in a format|are in formats] that nothing here can decode",
        "Left out, for want of a decoder.",
        "Do what is said of each file below, or save it as JPEG.",
    ),
    "truncated": Message(
        "{n:,} file[|s] [is cut off before its end|are cut off before their end]",
        "Left out. This comes of a download or a copy that was broken off.",
        "Fetch what is cut off again from where it came, or delete it.",
    ),
    "not_images": Message(
        "{n:,} file[|s] [is not an image despite its name|are not images despite their names]",
        "Left out: something else was saved under the name of an image.",
        "The reason given with each file says what it is: fetch the image again, or delete the file.",
    ),
    "too_large": Message(
        "{n:,} file[|s] [is|are] too large to decode",
        "Left out: decoding would take too much memory.",
        "Scale each down to some thousand pixels a side, or save it as JPEG, which is decoded at an eighth of its "
        "size.",
    ),
    "unreadable": Message(
        "{n:,} file[|s] cannot be read",
        "Left out, for the reason given with each file.",
        "Fetch what cannot be read again from where it came, or delete it.",
    ),
    "skipped": Message(
        "{n:,} other file[|s] [lies|lie] among the photos",
        "Not taken for photos ({endings}), and without effect.",
        "Nothing, unless a photo of yours is in this list.",
    ),
    "understood": Message(
        "How the photos' folders were read: {notes}",
        "Concluded from the names and the shape of the folders.",
        "Nothing, if that is meant; else rename the folders, or add --set data.layout=classes where the folders at the "
        "top are the classes.",
    ),
    "animated": Message(
        "{n:,} file[|s] [has|have] more than one frame",
        "The first frame is taken. Of an animation that fades in, the first frame is empty.",
        "Look at each first frame; replace what does not show its class.",
    ),
    "wrong_suffix": Message(
        "{n:,} file[|s] [is|are] of another format than the name says",
        "Decoded by the content, so nothing is lost here. Other programs may refuse such a file.",
        "Nothing; give the right ending to what you pass on.",
    ),
    "tiny": Message(
        "{n:,} photo[|s] [is|are] tiny",
        "The shorter side has fewer than {limit:.0f} pixels; enlarged to {size}, such a photo is a blur.",
        "Take a larger copy instead, or delete it: thumbnails often lie beside the photos that they were made of.",
    ),
    "upscaled": Message(
        "{n:,} photo[|s] [is|are] smaller than the training size",
        "Enlarged to {size} pixels, which adds blur and no detail.",
        "If there are many, choose a smaller training size (--size, now {size}), or find larger copies.",
    ),
    "extreme_aspect": Message(
        "{n:,} photo[|s] [has|have] sides that differ by more than {limit:.0f} : 1",
        "{made_square} (data.fit={fit}), a strip loses most of what it shows.",
        "Cut out the part that shows the class, or delete the strip.",
    ),
    "modes": _modes("{n:,} photo[|s] [stores its|store their] colours in another way than the rest", _ONE_CLASS),
    "modes/all": _modes("All photos store colours in ways that has to be converted", _ONE_CLASS),
    "modes/all_one": _modes("All photos store colours in one way that has to be converted", "Nothing."),
    "corrections": Message(
        "{n:,} photo[|s] with a corrected label, {dropped:,} dropped",
        "This is what {file} says; the photos themselves are as they were.",
        "Nothing.",
    ),
    "blank": Message(
        "{n:,} photo[|s] [is|are] of one plain colour",
        "Nothing can be seen there, so the label cannot be learned.",
        "Delete what is blank.",
    ),
    "flattened": Message(
        "{n:,} photo[|s] with more than 8 bits a value [comes|come] out in almost one tone",
        "Brought to 8 bits, the values fill hardly any of the range, so what the file shows may be lost here.",
        "Export the originals as 8 bits, or with their values stretched over the whole range.",
    ),
    "dark": _outlier("dark"),
    "bright": _outlier("bright"),
    "blurred": _outlier("blurred"),
    "exact": _EXACT,
    "exact/published": _EXACT._replace(
        meaning="All copies stay, since published sets are compared by their published numbers of images.",
        remedy="Nothing.",
    ),
    "near": _NEAR,
    "near/apart": _NEAR._replace(
        meaning="{apart:,} [apart:pair is|pairs are] not kept in one split: a network can be trained on one photo and "
        "tested on the other.",
        remedy=f"{_LOOK_AT_PAIRS} With --set data.near_duplicates=true both stay in one split.",
    ),
    "near/crowded": _NEAR._replace(
        meaning="So many photos are rarely all copies. This finder is made for photographs; drawings, digits, scans "
        "and pages of one template look alike to it. Photos that it takes for copies stay in one split, here in "
        "{groups:,} [groups:group|groups], the largest of {largest:,} photos: the splits are coarser than they look.",
        remedy="Look at the pairs. If they show different things, add --set data.near_duplicates=false: only exact "
        "copies are then kept together, and a true near copy may be both trained and tested on. If they are moments of "
        "a few scenes, leave it as it is.",
    ),
    "conflicts": _CONFLICTS,
    "conflicts/used": _CONFLICTS._replace(
        meaning=_CONFLICTS.meaning.replace(
            "Neither copy is used.", "{used:,} [used:copy is|copies are] used all the same, each with its own label."
        )
    ),
    "leaks": Message(
        _LEAKS,
        _TESTED_ON_TRAINED,
        "Move or delete one of each pair, or add --set data.on_leak=drop, which leaves out the training side of each.",
    ),
    "leaks/published": Message(
        _LEAKS, _TESTED_ON_TRAINED, "Nothing, as long as you compare with published figures, which have the same fault."
    ),
    "leaks/dropped": Message(
        _LEAKS, "What training shares with the test was left out (data.on_leak=drop), so the test is clean.", "Nothing."
    ),
    "imbalance": Message(
        "The largest class has {ratio:.3g} times as many photos as the smallest: {largest} ({most:,}), {smallest} "
        "({least:,})",
        "Always guessing the most frequent class is right on {majority:.0f} % of photos without looking, and a network "
        "can drift towards doing just that.",
        "Add photos of the small classes, or add --set balance=class_weights or --set balance=balanced_sampling, with "
        "which balanced accuracy chooses the recipe; and read the accuracy of each class, not only the overall one.",
    ),
    "few_images": Message(
        "{n:,} class[ has|es have] fewer than {limit} photos to learn from: {listed}",
        "A pretrained network needs some dozens of photos per class, and one from scratch some hundreds.",
        "Gather more photos, or leave the class out.",
    ),
    "small_test": _small_test("Gather more photos."),
    "small_test/drawn": _small_test("Draw more: --set data.test=1000."),
    "small_test/folds": _small_test(
        "Add --folds {folds}: each recipe is trained {folds} times and tested on every photo once, which narrows this "
        "to {pooled_low:.0f} to {pooled_high:.0f} %. Or gather more photos."
    ),
}


def message(kind: str, n: int, **values: float | str) -> Message:
    """The sentences of a finding. kind: of ``TEMPLATES``. n: how many were found. values: what is filled in."""
    numbers = {"n": n, **values}

    def chosen(match: re.Match[str]) -> str:
        name, one, several = match.groups()
        return str(one if numbers[name or "n"] == 1 else several)

    # Plurals first: a filled-in name may hold brackets.
    return Message(*(_PLURAL.sub(chosen, template).format(**numbers) for template in TEMPLATES[kind]))


def verdict(stop: int, look: int) -> str:
    """The whole audit in one sentence. stop, look: how many findings have that severity."""
    if stop:
        rest = f", and {look:,} more to look at" if look else ""
        return f"{plural(stop, 'problem')} to solve before you train{rest}"
    if look:
        return f"{plural(look, 'finding')} to look at before you train"
    return "Nothing wrong was found"


def names(items: Iterable[str], max_names: int = 6) -> str:
    """``a, b and 3 more``."""
    every = list(items)
    if len(every) > max_names:
        every[max_names:] = [f"{len(every) - max_names} more"]
    return " and ".join(filter(None, [", ".join(every[:-1]), *every[-1:]]))
