"""Published figures stand beside the recipes and the images they were measured on."""

from __future__ import annotations

import pytest

from support import CHECKOUT, compose_config
from warmstart.comparison.report.published_accuracies import published_for


@pytest.mark.parametrize(("dataset", "classes", "split"), [("mnist", 10, "test"), ("cats_vs_dogs", 2, "val")])
def test_published_recipes_are_run_and_say_which_images(dataset: str, classes: int, split: str) -> None:
    published = published_for(dataset, classes)
    assert published and set(published) <= set(compose_config(f"data={dataset}")["recipes"])
    assert {figure.split for figure in published.values()} == {split}
    assert all((CHECKOUT / f"conf/recipe/{name}.yaml").exists() for name in published)


def test_other_images_have_none() -> None:
    assert published_for("fashion_mnist", 10) == {}
    assert published_for("skin_lesions", 2) == {}, "a person's own photos of two classes"
