"""Sentences of the comparison, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from warmstart.comparison.advice import Action, Advice, Reason
from warmstart.comparison.cost import Cost
from warmstart.comparison.finished import FinishedRecipe, LeftOut, LeftOutReason
from warmstart.comparison.verdict import Outcome, Question, Verdict
from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick, mean_of
from warmstart.config.selection import SELECTABLE
from warmstart.records.evaluation import MajorityClass
from warmstart.records.intervals import Interval, PairedComparison
from warmstart.text.quantities import count, format_duration, milliseconds, percent, percent_interval, plural

Recipes = Mapping[str, FinishedRecipe]  # by name

QUESTIONS = {Question.FAMILY: "from scratch, or start warm?", Question.RECIPE: "which recipe?"}
PRECISIONS = {
    "32-true": "32-bit floats",
    "bf16-mixed": "bfloat16 mixed precision",
    "16-mixed": "16-bit mixed precision",
}
DEVICES = {"cpu": "the CPU", "mps": "the Apple GPU"}
DIFFERENT_NETWORKS = "Their networks differ too, so this is not what pretraining alone is worth."
NOTHING_TO_COMPARE = "there is nothing to compare under {folder}: {reasons}; `dvc repro` makes what is missing"


def verdict_answer(verdict: Verdict, recipes: Recipes, by: Yardstick = BY_ACCURACY) -> str:
    """The verdict in a sentence. by: what recipes are compared by."""
    ahead = recipes[verdict.ahead]
    test = ahead.metrics.test
    if verdict.paired is None:
        tested = f"{count(test.n)} {tested_on(ahead.folds, ahead.seeds)}"
        right = f"right on {percent_interval(ahead.accuracy)} of {tested}"
        if not by.is_accuracy:
            right = f"{by.metric.title} {by.shown(by.on_test(ahead))} on {tested}"
        if verdict.outcome is Outcome.SINGLE_RECIPE:
            return f"{ahead.name} is the only recipe, {right}: there is nothing to compare it with."
        other = "recipe from scratch" if ahead.family == "transfer" else "transfer recipe"
        return f"No verdict yet: no {other} has finished. Best so far on validation: {ahead.name}, {right}."
    behind = next(name for name in verdict.named if name != verdict.ahead)
    opposite = verdict.ahead != verdict.named[0]
    size, bounds = by.size(verdict.paired, opposite=opposite), by.bounds(verdict.paired, opposite=opposite)
    where = f"on the same {count(verdict.paired.n)} {tested_on(ahead.folds, ahead.seeds)}"
    if verdict.outcome is Outcome.BETTER:
        opening = {"scratch": "Train from scratch: ", "transfer": "Start warm: "}[ahead.family]
        if verdict.question is Question.RECIPE:
            opening = ""
        return f"{opening}{ahead.name} beats {behind} by {size} {bounds} {where}."
    apart = f"{size} apart {bounds}"
    return f"No difference beyond the noise: {ahead.name} and {behind} are {apart} {where}."


def verdict_reasons(
    verdict: Verdict, recipes: Recipes, costs: Mapping[str, Cost], by: Yardstick = BY_ACCURACY
) -> list[str]:
    """Further sentences, in order of weight. costs: by recipe. by: what recipes are compared by."""
    ahead = recipes[verdict.ahead]
    if by.is_accuracy:
        value = f"{percent(ahead.metrics.majority.accuracy.value)} %"
    else:
        value = f"{by.metric.title} {by.metric.text(by.guess(ahead))}"
    warning = f"That is not clearly better than {guessing(ahead, by)} ({value})."
    warnings = [*metric_notes(by), *([] if by.beats_guessing(ahead) else [warning])]
    if verdict.paired is None:
        return warnings
    first, second = (recipes[name] for name in verdict.named)
    behind = second if ahead is first else first
    accuracies = [percent_interval(recipe.accuracy) for recipe in (ahead, behind)]
    tested = f"{count(verdict.paired.n)} {tested_on(ahead.folds, ahead.seeds)}"
    found = f"{ahead.name} is right on {accuracies[0]} of {tested}, {behind.name} on {accuracies[1]}."
    if not by.is_accuracy:
        one, two = (by.shown(by.on_test(recipe)) for recipe in (ahead, behind))
        found = f"The {by.metric.title} of {ahead.name} is {one} on {tested}, that of {behind.name} {two}. {found}"
    confounded = verdict.question is Question.FAMILY and not first.same_network(second)
    return [
        found,
        *_rests_on(verdict),
        *([DIFFERENT_NETWORKS] if confounded else []),
        *warnings,
        f"Training took {_training(first, costs, ' parameters trained')} and {_training(second, costs)}.",
    ]


def _rests_on(verdict: Verdict) -> list[str]:
    """What the interval of a verdict over several seeds allows for, and what it would be over either alone."""
    if verdict.paired is None or verdict.paired.over is None:
        return []
    negative, over = verdict.ahead != verdict.named[0], verdict.paired.over
    images, seeds = (_range(one, negative=negative) for one in (over.images, over.seeds))
    return [
        f"The verdict rests on both images and seeds: over images alone the difference is within {images} points, over "
        f"the {over.seeds.n} seeds of each alone within {seeds}."
    ]


def _range(gap: Interval, *, negative: bool) -> str:
    low, high = (-gap.high, -gap.low) if negative else (gap.low, gap.high)
    return f"[{100 * low:.1f}, {100 * high:.1f}]"


def _training(recipe: FinishedRecipe, costs: Mapping[str, Cost], unit: str = "") -> str:
    summary = recipe.summary
    start = f", after {summary.starts_from.recipe}, from which it starts" if summary.starts_from else ""
    time = format_duration(summary.seconds) + (f" in all {recipe.folds} folds" if recipe.folds > 1 else "")
    time += " a seed" if recipe.seeds > 1 else ""
    extraction = costs[recipe.name].extraction_seconds
    features = f", on features extracted in {format_duration(extraction)}" if extraction else ""
    return f"{time} for {recipe.name} ({summary.parameters.trainable:,}{unit}{start}{features})"


def advice_sentence(advice: Advice, recipes: Recipes, by: Yardstick = BY_ACCURACY) -> str:
    """What to do now, and why. by: what recipes are compared by."""
    best, chosen = recipes[advice.best], recipes[advice.recipe]
    if advice.action is not Action.USE:
        act = {
            Action.COLLECT_PHOTOS: "collect more photos, or look at their labels",
            Action.TRAIN_OTHERS: "train the other recipes",
        }[advice.action]
        return f"{act}: {best.name} is not clearly better than {guessing(best, by)}."
    if advice.reason is Reason.SINGLE_RECIPE:
        return f"use {chosen.name}, the only recipe{'' if advice.complete else ' that has finished'}."
    why = f"none of the others is as good; {_own_cost(advice)}"
    if advice.reason is Reason.CHEAPER and advice.paired:
        corrected = f" after correction for {advice.comparisons} comparisons" if advice.comparisons > 1 else ""
        why = f"{_no_worse(advice.paired, best, corrected, by)}, and takes {_cost(advice)}"
    elif advice.reason is Reason.NONE_CHEAPER:
        others = "one other recipe" if advice.as_good == 1 else f"{advice.as_good} other recipes"
        why = f"{others} cannot be told apart from it, and none is cheaper to train; {_own_cost(advice)}"
    more = "" if advice.complete else "; other recipes have not finished yet"
    tie = "neither from scratch nor warm is clearly better, so the cost decides; " if advice.tie else ""
    return f"use {chosen.name}: {tie}{why}{more}."


def _no_worse(paired: PairedComparison, best: FinishedRecipe, corrected: str, by: Yardstick) -> str:
    size, bounds = by.size(paired), by.bounds(paired)
    where = f"on the same {count(paired.n)} {tested_on(best.folds, best.seeds)}"
    if paired.difference.value > 0:
        return f"{best.name} is {size} better {where} {bounds}, which may be chance{corrected}"
    return f"{best.name} is not better {where} ({size} {bounds})".replace("(-0.0", "(0.0")


def _own_cost(advice: Advice) -> str:
    assert advice.cost
    seconds, image = format_duration(advice.cost.seconds), milliseconds(advice.cost.predict_seconds)
    return f"it takes {seconds} to train and {image} ms to predict an image"


def _cost(advice: Advice) -> str:
    """What the best costs beside the recommended recipe: training time or, where that is the same, parameters; and the
    time of a prediction.
    """
    assert advice.cost and advice.best_cost
    cost, best = advice.cost, advice.best_cost
    more, less = format_duration(best.seconds), format_duration(cost.seconds)
    training = f"{more} to train instead of {less}"
    if more == less:
        training = f"{count(best.parameters)} parameters instead of {count(cost.parameters)}"
    more, less = milliseconds(best.predict_seconds), milliseconds(cost.predict_seconds)
    return training if more == less else f"{training}, and {more} ms to predict an image instead of {less} ms"


def left_out_reason(left_out: LeftOut) -> str:
    """Why a recipe is not compared; its name stands before."""
    found, expected = map(divided, left_out.folds)
    own, others = (plural(number, "seed") for number in left_out.seeds)
    return {
        LeftOutReason.NOT_FINISHED: f"has not finished: {left_out.file} is missing",
        LeftOutReason.TRAINED_ON_OTHER_FOLDS: f"was trained {found}, and the images are now {expected}",
        LeftOutReason.TRAINED_ON_OTHER_IMAGES: "was trained on other images than those prepared now",
        LeftOutReason.EVALUATED_ON_OTHER_FOLDS: f"was evaluated {found}, but trained {expected}",
        LeftOutReason.TRAINED_WITH_OTHER_SEEDS: f"was trained with {own}, and now it takes {others}",
        LeftOutReason.EVALUATED_WITH_OTHER_SEEDS: f"was evaluated with {own}, but trained with {others}",
        LeftOutReason.TRAINED_BY_OTHER_VERSION: "was trained by another version: train it again",
        LeftOutReason.EVALUATED_BY_OTHER_VERSION: "was evaluated by another version: evaluate it again",
    }[left_out.reason]


def divided(folds: int) -> str:
    """``in 5 folds``, or ``without folds``."""
    return f"in {folds} folds" if folds > 1 else "without folds"


def tested_on(folds: int, seeds: int = 1) -> str:
    """The images that accuracies are of."""
    return ("test images" if folds == 1 else f"images, out of fold in {folds} folds") + mean_of(seeds)


def chosen_by(folds: int, seeds: int = 1, by: Yardstick = BY_ACCURACY) -> str:
    """What the best recipe of a family is chosen by."""
    means = f", mean of {folds} folds" if folds > 1 else mean_of(seeds)
    return f"validation {by.metric.title} at the kept epoch{means}"


def metric_notes(by: Yardstick) -> list[str]:
    """A warning where the recipes' epochs were not chosen by what compares them."""
    if not by.others:
        return []
    names = " and ".join(SELECTABLE[name].title for name in by.others)
    return [f"Epochs were chosen by {names} in some recipes or all; recipes are chosen and compared by accuracy."]


def guessing(recipe: FinishedRecipe, by: Yardstick = BY_ACCURACY) -> str:
    """What a recipe must be better than."""
    if by.is_accuracy:
        return f"always saying {majority_name(recipe.metrics.majority)}"
    return "giving every image the same answer"


def majority_name(majority: MajorityClass) -> str:
    """The most frequent class of the training images, by name unless it differs between folds."""
    return majority.classes[0] if len(majority.classes) == 1 else "the commonest class"


def device_name(device: str) -> str:
    """A device in a sentence: ``the CPU``, or the name of a GPU."""
    return DEVICES.get(device, device)


def how_trained(precision: str, device: str) -> str:
    """How and where a network was trained: ``in bfloat16 mixed precision on the CPU``."""
    return f"in {PRECISIONS.get(precision, precision)} on {device_name(device)}"


def suspects_note(n: int, shown: int) -> str:
    """The text above the images whose labels are doubted. n: how many there are. shown: how many at most."""
    more = f", the {shown} most suspect shown" if n > shown else ""
    return (
        f"Given label → what a model that has not seen the image says; {n} in all{more}. Below: the share of images "
        "that have the given label, and how many of those such a model gets right: the fewer, the likelier it is the "
        "model that is wrong."
    )
