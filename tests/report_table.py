"""A report's table, as `compare` writes it, with metrics of the test's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from record_builders import comparison_table
from warmstart.cli.checkout import Checkout


def write_table(
    checkout: Checkout,
    name: str,
    recipes: Sequence[str],
    waiting: Sequence[str] = ("fine_tune",),
    *,
    trained: Mapping[str, float] = MappingProxyType({}),
    folds: int = 1,
) -> None:
    """The first recipe is at 0.80, each further one 0.01 better. waiting: recipes that have not finished.

    trained: the accuracy of recipes as they were trained, where it differs.
    """
    table = comparison_table(recipes)
    n = 40 if folds == 1 else 160
    rows = []
    for row in table.rows:
        accuracy = trained.get(row.recipe)
        ends = {"": 0.0, "_low": -0.1, "_high": 0.1}
        changes = {f"test_accuracy_as_trained{end}": accuracy + by for end, by in ends.items()} if accuracy else {}
        rows.append(replace(row, n_test=n, **changes))
    left_out = {one: "has not finished: model/summary.json is missing" for one in waiting if one not in recipes}
    table = replace(table, rows=rows, left_out=left_out)
    if folds > 1:
        table = replace(table, folds=folds, tested_on=f"images, out of fold in {folds} folds")
    place = checkout.report(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    table.write(place)
