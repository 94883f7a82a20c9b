"""Sentences about what pretraining, the architecture and training more layers are worth."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence

from warmstart.comparison.effects import Effect, MeasuredEffect, UnmeasuredEffect
from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.messages import Recipes, guessing, tested_on
from warmstart.comparison.yardstick import BY_ACCURACY, Yardstick
from warmstart.records.comparison import EffectRecord
from warmstart.text.quantities import count, p_text

NAMES = {
    Effect.PRETRAINING: "Pretraining",
    Effect.ARCHITECTURE: "The larger network",
    Effect.LAST_BLOCK: "Training the last block too",
    Effect.ALL_LAYERS: "Training every layer",
}
PAIRS = {
    Effect.PRETRAINING: "the same network with and without it",
    Effect.ARCHITECTURE: "both from random weights",
    Effect.LAST_BLOCK: "the same pretrained network",
    Effect.ALL_LAYERS: "the same pretrained network",
}
SENTENCE = (
    "{name} {outcome}: {size} {unit} [{low}, {high}], {more} against {less}, {pair}, on the same {n} {tested}, {p}."
)
NO_DIFFERENCE = "makes no difference beyond the noise"
OTHER_NETWORKS = (
    "What pretraining alone is worth is not measured: the recipes with and without it have different networks or image "
    "sizes."
)
UNTRAINED = "But {recipe} is not clearly better than {guess}: longer training may change this."
WORTH = {Effect.PRETRAINING: "pretraining alone", Effect.ARCHITECTURE: "the larger network alone"}
NOT_MEASURED = "What {worth} is worth is not measured: {recipes} {have} no result yet."
ADD = "To measure it, add {recipes}: `{command}`, then `dvc repro`."


def effect_record(measured: MeasuredEffect, recipes: Recipes, by: Yardstick = BY_ACCURACY) -> EffectRecord:
    """The record of table.json. recipes: by name. by: what recipes are compared by."""
    return EffectRecord(
        measured.effect.value,
        measured.more,
        measured.less,
        measured.paired,
        measured.p,
        measured.clear,
        effect_sentence(measured, recipes, by),
    )


def effect_sentence(measured: MeasuredEffect, recipes: Recipes, by: Yardstick = BY_ACCURACY) -> str:
    """An effect in a sentence, with its interval and the corrected p, and a warning where one of the two recipes has
    learned nothing.
    """
    difference = measured.paired.difference
    pair = [recipes[name] for name in (measured.more, measured.less)]
    untrained = [
        UNTRAINED.format(recipe=recipe.name, guess=guessing(recipe, by))
        for recipe in pair
        if not by.beats_guessing(recipe)
    ]
    outcome = ("helps" if difference.value > 0 else "hurts") if measured.clear else NO_DIFFERENCE
    sentence = SENTENCE.format(
        name=NAMES[measured.effect],
        outcome=outcome,
        size=by.gain(difference.value),
        unit=by.unit,
        low=by.gain(difference.low),
        high=by.gain(difference.high),
        more=measured.more,
        less=measured.less,
        pair=PAIRS[measured.effect],
        n=count(measured.paired.n),
        tested=tested_on(pair[0].folds, pair[0].seeds),
        p=p_text(measured.p),
    )
    return " ".join([sentence, *untrained])


def unmeasured_sentences(
    unmeasured: Sequence[UnmeasuredEffect], data: str, finished: Sequence[FinishedRecipe], waiting: Collection[str]
) -> list[str]:
    """What is not measured and why, and the command that adds the recipes that are missing.

    data: the option of conf/data. waiting: recipes of the list that have not finished or are left out.
    """
    sentences = []
    for one in unmeasured:
        if not one.recipes:
            sentences.append(OTHER_NETWORKS)
            continue
        have = "have" if len(one.recipes) > 1 else "has"
        sentences.append(NOT_MEASURED.format(worth=WORTH[one.effect], recipes=" and ".join(one.recipes), have=have))
    new = [name for name in dict.fromkeys(name for one in unmeasured for name in one.recipes) if name not in waiting]
    if new:
        every = dict.fromkeys([*(recipe.name for recipe in finished), *waiting, *new])
        words = ["python", "pipelines/choose.py", f"data={data}", f"recipes=[{','.join(every)}]"]
        sentences.append(ADD.format(recipes=" and ".join(new), command=shlex.join(words)))
    return sentences
