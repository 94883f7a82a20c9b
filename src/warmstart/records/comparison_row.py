"""A line of report/table.csv, and of the rows in report/table.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from warmstart.records.base import ABSENT
from warmstart.records.table import Row, TextCell

MAJORITY = "majority class"  # the recipe of the first row
Selected = Annotated[float | None, ABSENT]


@dataclass(frozen=True)
class ComparisonRow(Row):
    """The metrics of a recipe; None where there is no such number. Accuracies and differences are shares, not percent.

    chosen: whether the verdict is about it. versus: the recipe that it is paired with. Test metrics are as packaged,
    and again ``as_trained``. mcnemar_p: of the exact test. mcnemar_p_corrected: for the number of all pairs of recipes.
    clear: whether that and the interval say that the two differ. seconds: of training. extraction_seconds: of
    the cached features that it trains on, 0 without. total_seconds: both, that of the recipe it starts from included,
    as are images_seen. predict_seconds: of an image, median, fastest and slowest batch.
    package_bytes: of the model to ship. select_by: the metric that chooses, where it is not accuracy; then
    test_selected is its value as packaged, val_selected_kept that at the kept epoch, differences are of it, and p and
    p_corrected of its test take the place of McNemar's.
    """

    WHAT: ClassVar[str] = "a table of recipes"
    OPTIONAL: ClassVar[tuple[str, ...]] = (
        *("select_by", "test_selected", "test_selected_low", "test_selected_high", "val_selected_kept"),
        *("p", "p_corrected"),
    )

    recipe: TextCell
    title: TextCell
    family: TextCell | None = None
    chosen: bool | None = None
    n_test: int | None = None
    test_accuracy: float | None = None
    test_accuracy_low: float | None = None
    test_accuracy_high: float | None = None
    test_accuracy_as_trained: float | None = None
    test_accuracy_as_trained_low: float | None = None
    test_accuracy_as_trained_high: float | None = None
    versus: TextCell | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    mcnemar_p: float | None = None
    mcnemar_p_corrected: float | None = None
    clear: bool | None = None
    n_val: int | None = None
    val_accuracy_kept: float | None = None
    val_accuracy_kept_low: float | None = None
    val_accuracy_kept_high: float | None = None
    val_accuracy_last: float | None = None
    val_accuracy_last_low: float | None = None
    val_accuracy_last_high: float | None = None
    train_accuracy_last: float | None = None
    gap_last: float | None = None
    test_loss: float | None = None
    test_loss_low: float | None = None
    test_loss_high: float | None = None
    test_loss_as_trained: float | None = None
    test_loss_as_trained_low: float | None = None
    test_loss_as_trained_high: float | None = None
    test_ece: float | None = None
    test_ece_low: float | None = None
    test_ece_high: float | None = None
    test_ece_as_trained: float | None = None
    test_ece_as_trained_low: float | None = None
    test_ece_as_trained_high: float | None = None
    temperature: float | None = None
    threshold: float | None = None
    val_loss_kept: float | None = None
    val_loss_last: float | None = None
    parameters: int | None = None
    trainable: int | None = None
    seconds: float | None = None
    extraction_seconds: float | None = None
    total_seconds: float | None = None
    images_seen: int | None = None
    predict_seconds: float | None = None
    predict_seconds_low: float | None = None
    predict_seconds_high: float | None = None
    predict_device: TextCell | None = None
    package_bytes: int | None = None
    images_per_s: float | None = None
    epochs: int | None = None
    kept_epoch: int | None = None
    precision: TextCell | None = None
    device: TextCell | None = None
    select_by: Annotated[TextCell | None, ABSENT] = None
    test_selected: Selected = None
    test_selected_low: Selected = None
    test_selected_high: Selected = None
    val_selected_kept: Selected = None
    p: Selected = None
    p_corrected: Selected = None
