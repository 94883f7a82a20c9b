"""What an edit reruns: exactly the stages whose result it can change. Downstream of these, DVC compares what they have
made.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

import _recipes
from support import CHECKOUT
from warmstart.config.params import read_params
from warmstart.config.write_views import write_views
from warmstart.inputs.write import write_listings

SCRATCH, CACHED = ("scratch",), ("linear_probe",)
TRANSFER = (*CACHED, "features_augmented", "fine_tune")
RECIPES = (*SCRATCH, *TRANSFER)  # one of each phase
PACKAGE = "src/warmstart"
STAGES = {
    name: item.get("do", item) for name, item in yaml.safe_load((CHECKOUT / "dvc.yaml").read_text())["stages"].items()
}


def of(stages: str, recipes: tuple[str, ...] = RECIPES) -> set[str]:
    return {f"{stage}@{recipe}" for stage in stages.split() for recipe in recipes}


class Project:
    """A copy of the project; ``watched`` is what DVC would compare, by stage, besides what other stages have made."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        for name in ("conf", "pipelines", "src"):
            shutil.copytree(CHECKOUT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        panel = (CHECKOUT / "params.yaml").read_text().splitlines()
        lines = [
            line for line in panel if not re.match(r"  \w+: \{stage", line) or line.split(":")[0].strip() in RECIPES
        ]
        (root / "params.yaml").write_text("\n".join(lines) + "\n")
        monkeypatch.setattr(_recipes, "CHECKOUT", root)

    def compose(self) -> None:
        params = read_params(self.root / "params.yaml")
        self.recipes, self.curves = params.recipes, params.learning_curve
        configs = _recipes.compose_params(params, self.root)
        write_views(self.root / "conf_out", configs, params.recipes, params.learning_curve)

    def watched(self) -> dict[str, str]:
        write_listings(self.root / "conf_out", self.root / "inputs", self.root / "kept", self.root)
        found = {}
        for stage, item in STAGES.items():
            if stage in ("compose", "list_inputs"):
                continue
            for recipe, of_recipe in self._each(item["cmd"]).items():
                text = ""
                for dependency in item["deps"]:
                    path = dependency.replace("${key}", recipe).replace("${item.stage}", of_recipe.get("stage", ""))
                    path = path.replace("${item}", recipe)
                    for part, folder in (("/conf/", "conf_out"), ("/inputs/", "inputs")):
                        if part in path:
                            text += (self.root / folder / path.partition(part)[2]).read_text()
                assert text, stage
                found[f"{stage}@{recipe}" if recipe else stage] = text
        return found

    def _each(self, command: str) -> Mapping[str, Mapping[str, str]]:
        """What a stage is run for: the recipes, those with a learning curve, or once."""
        if "${item} " in command:
            return {recipe: {} for recipe in self.curves}
        return self.recipes if "${key}" in command else {"": {}}

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert old in text, (name, old)
        (self.root / name).write_text(text.replace(old, new, 1))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, dict[str, str]]]:
    with pytest.MonkeyPatch.context() as patch:
        made = Project(tmp_path_factory.mktemp("edits"), patch)
        made.compose()
        yield made, made.watched()


def changed_by(project: tuple[Project, dict[str, str]], *edits: tuple[str, str, str]) -> set[str]:
    """The stages of which something that DVC compares is another after the edits (file, old, new), which are undone."""
    copy, before = project
    texts = {name: (copy.root / name).read_text() for name, _, _ in edits}
    composed = copy.root / "conf_before"
    shutil.copytree(copy.root / "conf_out", composed)
    try:
        for edit in edits:
            copy.edit(*edit)
        if not all(name.startswith("src") for name in texts):
            copy.compose()
        after = copy.watched()
    finally:
        for name, text in texts.items():
            (copy.root / name).write_text(text)
        shutil.rmtree(copy.root / "conf_out")
        composed.rename(copy.root / "conf_out")
    assert set(after) == set(before)
    return {stage for stage in before if after[stage] != before[stage]}


FUTURE = "from __future__ import annotations\n"


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("ingest/sources/pets.py", set()),  # a source and a decoder that are not in use
        ("ingest/decoding/decode_files.py", set()),
        ("decoding/image_file.py", {"publish"}),  # which the packaged model decodes with
        ("ingest/critters/face.py", {"prepare"}),
        ("ingest/prepare.py", {"prepare"}),
        ("models/convnet.py", of("train evaluate interpret", SCRATCH) | {"publish"}),
        ("models/known_backbones.py", of("train evaluate interpret", TRANSFER) | {"feature_extract", "publish"}),
        ("models/timm_backbone.py", of("train evaluate interpret", ("fine_tune",)) | {"publish"}),
        ("features/feature_cache.py", of("train", CACHED) | {"feature_extract"}),
        ("dataset/sampler.py", of("train evaluate")),
        ("training/history.py", of("train")),
        ("evaluation/metrics.py", of("evaluate")),
        ("evaluation/metric_registry.py", of("evaluate") | {"compare", "publish"}),
        ("statistics/ranks.py", of("interpret") | {"audit"}),
        ("comparison/verdict.py", {"compare"}),
        ("comparison/report/report_page.py", {"compare"}),
        ("interpretation/attribution/gradcam.py", of("interpret")),
        ("interpretation/feature_visualization/activation_maximization.py", set()),  # no page of the default
        ("audit/checks/files.py", {"audit"}),
        ("tracking/sync_run.py", {"publish"}),
        ("serving/package.py", of("evaluate") | {"publish"}),
        ("serving/packaged.py", {"publish"}),
        ("cli/run.py", set()),
        ("errors.py", set()),
        ("config/schema.py", set()),  # compose watches it
    ],
)
def test_code_reruns_what_executes_it_and_its_words_nothing(
    project: tuple[Project, dict[str, str]], module: str, expected: set[str]
) -> None:
    name = f"{PACKAGE}/{module}"
    assert changed_by(project, (name, FUTURE, f"{FUTURE}\n_EDITED = 1\n")) == expected
    assert changed_by(project, (name, '"""', '"""Of late: '), (name, FUTURE, f"# a comment\n{FUTURE}")) == set()


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (f"{PACKAGE}/drawing/style.css", "{", "{ ", {"audit", "compare"}),
        (f"{PACKAGE}/comparison/report/report_page.html.jinja", "<", " <", {"compare"}),
        (f"{PACKAGE}/audit/audit.html.jinja", "<", " <", {"audit"}),
    ],
)
def test_pages_and_their_style(
    project: tuple[Project, dict[str, str]], name: str, old: str, new: str, expected: set[str]
) -> None:
    assert changed_by(project, (name, old, new)) == expected


def test_what_decides_the_digest_of_the_images_is_watched(project: tuple[Project, dict[str, str]]) -> None:
    assert {"prepare", *of("train")} <= changed_by(
        project, (f"{PACKAGE}/files/digest.py", "sort_keys=True", "sort_keys=False")
    )


SCRATCH_FILE, PANEL = "conf/recipe/scratch.yaml", "params.yaml"


def test_what_changes_no_result_reruns_nothing(project: tuple[Project, dict[str, str]]) -> None:
    edits = [
        (SCRATCH_FILE, "# The small network", "# The tiny network"),
        ("conf/optimizer/sgd.yaml", "momentum: 0.9", "momentum: 0.8"),  # which nobody has chosen
        (PANEL, "tracking: null", "tracking: none"),
        (PANEL, "  schedule:\n", "  trainer:\n    workers: 2\n  schedule:\n"),
        (PANEL, "    archive: null ", "    workers: 3\n    archive: null "),
    ]
    assert changed_by(project, *edits) == set()


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([(SCRATCH_FILE, "title: from scratch", "title: from nothing")], {"compare"}),
        (
            [(PANEL, "    batch_size: null", "    batch_size: 8")],
            of("train") - of("train", ("linear_probe",)),
        ),  # fitted on all at once
        (
            [(PANEL, "    size: null", "    size: 64"), (PANEL, "interpret: null", "interpret: full")],
            {"prepare", "feature_extract"} | of("train interpret"),  # which know the size of their images
        ),
        ([(PANEL, "  schedule:\n", "  evaluate:\n    confidence: 0.9\n  schedule:\n")], of("evaluate") | {"compare"}),
        (
            [(SCRATCH_FILE, "  phase: scratch\n", "  phase: scratch\n\noptimizer:\n  lr: 3e-4\n")],
            of("train", ("scratch",)),
        ),
        ([(PANEL, "seed: null ", "seed: 3 ")], of("train")),
    ],
    ids=["title", "batch_size", "size and pages", "confidence", "rate", "seed"],
)
def test_settings_rerun_what_reads_them(
    project: tuple[Project, dict[str, str]], edits: list[tuple[str, str, str]], expected: set[str]
) -> None:
    assert changed_by(project, *edits) == expected


def test_another_version_of_a_library_reruns_what_imports_it(
    project: tuple[Project, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from warmstart.inputs import libraries

    copy, before = project
    usual = libraries.version
    monkeypatch.setattr(libraries, "version", lambda name: "99.9" if name == "captum" else usual(name))
    after = copy.watched()
    assert {stage for stage in before if after[stage] != before[stage]} == of("interpret")


@pytest.fixture(scope="module")
def with_curves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, dict[str, str]]]:
    with pytest.MonkeyPatch.context() as patch:
        made = Project(tmp_path_factory.mktemp("curves"), patch)
        made.edit(PANEL, "learning_curve: []", "learning_curve: [scratch, fine_tune]")
        made.compose()
        yield made, made.watched()


CURVES = of("learning_curve", ("scratch", "fine_tune"))


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ((f"{PACKAGE}/comparison/learning_curve/train_points.py", FUTURE, f"{FUTURE}\n_EDITED = 1\n"), CURVES),
        ((f"{PACKAGE}/comparison/learning_curve/fits.py", FUTURE, f"{FUTURE}\n_EDITED = 1\n"), {"compare"}),
        (
            (f"{PACKAGE}/training/schedule.py", FUTURE, f"{FUTURE}\n_EDITED = 1\n"),
            of("train") | CURVES,
        ),
        ((PANEL, "    shares: null", "    shares: [0.5, 1.0]"), CURVES),
        (
            (SCRATCH_FILE, "  phase: scratch\n", "  phase: scratch\n\noptimizer:\n  lr: 3e-4\n"),
            of("train learning_curve", ("scratch",)),
        ),
        (
            ("conf/recipe/features_augmented.yaml", "head:\n", "optimizer:\n  lr: 5e-4\n\nhead:\n"),
            {"train@features_augmented", "learning_curve@fine_tune"},  # which trains what it starts from
        ),
        ((SCRATCH_FILE, "title: from scratch", "title: from nothing"), {"compare"}),
    ],
    ids=["its trainings", "its laws", "the schedule", "shares", "a rate", "a rate of the start", "a title"],
)
def test_learning_curves_rerun_with_the_trainings_they_are_made_of(
    with_curves: tuple[Project, dict[str, str]], edit: tuple[str, str, str], expected: set[str]
) -> None:
    assert changed_by(with_curves, edit) == expected
