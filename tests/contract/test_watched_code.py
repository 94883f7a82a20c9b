"""DVC watches all code that a stage executes: the stages are run, and every function that was called is in a watched
file.
"""

from __future__ import annotations

import ast
import gc
import shutil
import sys
import threading
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from photos import save_photo
from support import CHECKOUT, Configure, Folders, compose_config, extract, training_parts, typed_config
from warmstart.config import data_schema
from warmstart.config.inputs import request_of
from warmstart.config.schema import Interpret
from warmstart.inputs.choices import Choices, choices_of
from warmstart.inputs.code import PLUMBING, Code
from warmstart.inputs.made_with import made_with

CODE = Code(CHECKOUT)


def executed(work: Callable[[], object]) -> set[str]:
    """The files of the package whose functions were called, by path from the checkout."""
    files: set[str] = set()

    def note(frame: Any, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            files.add(frame.f_code.co_filename)

    gc.collect()  # what other tests have left is no work of this stage
    threading.settrace(note)
    sys.settrace(note)
    try:
        work()
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
    root = str(CHECKOUT / "src") + "/"
    return {f"src/{file.removeprefix(root)}" for file in files if file.startswith(root)}


def check(stage: str, choices: Choices, work: Callable[[], object]) -> None:
    watched = set(made_with(CODE, stage, choices).code)
    ran = {path for path in executed(work) if not path.startswith(PLUMBING)}
    assert ran, "nothing was seen to run"
    unseen = ran - watched
    assert not unseen, f"{stage} with {choices} runs {sorted(unseen)}, which inputs/choices.py says it does not"


@pytest.fixture(scope="module")
def work_of(tmp_path_factory: pytest.TempPathFactory, tiny: Folders, configure: Configure) -> Folders:
    """A dataset of its own, so that the other tests' results stay as they are."""
    folders = Folders(tmp_path_factory.mktemp("watched") / "critters")
    shutil.copytree(tiny.images, folders.images)
    shutil.copytree(tiny.images.with_name("scan"), folders.root / "scan")
    return folders


# Constants of modules that are not watched, which change nothing of the result where those modules are not in use.
NEUTRAL = {"ARRAY_SOURCES", "CLASSES"}
SOURCES = [source.source for source in data_schema.SOURCES]


@cache
def imported_constants(path: str) -> list[tuple[str, set[str]]]:
    """The modules that could be watched of whose constants a file imports some, and which."""
    found = []
    tree = ast.parse((CHECKOUT / path).read_text()) if path.endswith(".py") else ast.Module([], [])
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("warmstart."):
            module = f"src/{node.module.replace('.', '/')}.py"
            constants = {alias.name for alias in node.names if alias.name.isupper()} - NEUTRAL
            if constants and (CHECKOUT / module).exists() and not module.startswith(PLUMBING):
                found.append((module, constants))
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_no_constant_of_a_module_that_is_not_watched_is_used(source: str) -> None:
    recipes = [
        ("scratch", "scratch", ""),
        ("transfer", "cached", "efficientnet_lite0"),
        ("transfer", "frozen", "vgg16"),
    ]
    every = [Choices(stage, source) for stage in ("prepare", "audit", "compare", "publish")]
    every += [Choices(stage, source, *recipe) for recipe in recipes for stage in ("train", "evaluate", "interpret")]
    for choices in every:
        watched = made_with(CODE, choices.stage, choices).code
        for path in watched:
            for module, constants in imported_constants(path):
                assert module in watched, f"{choices}: {path} imports {constants} of {module}"


def test_a_source_that_nobody_knows_watches_everything() -> None:
    files = made_with(CODE, "prepare", Choices("prepare", "another")).code
    rooms = (
        "decoding/decode_files.py",
        "duplicates/find.py",
        "fetching/download.py",
        "sources/folder.py",
        "corrections.py",
    )
    assert {f"src/warmstart/ingest/{room}" for room in rooms} <= set(files)


def test_preparing(tmp_path: Path) -> None:
    from ingest.idx_files import idx_set
    from ingest.pet_files import pet_set
    from ingest_options import prepare

    for number in range(8):
        save_photo(tmp_path / "photos" / "ab"[number % 2] / f"{number}.jpg", number)
    archive = shutil.make_archive(str(tmp_path / "photos"), "zip", tmp_path / "photos")
    (tmp_path / "corrections.csv").write_text("path,new_label\n")
    (tmp_path / "t.csv").write_text(
        "path,label\n" + "".join(f"photos/{'ab'[n % 2]}/{n}.jpg,{n % 2}\n" for n in range(8))
    )
    chosen = {
        "critters": ["data=critters", "data.train=4", "data.val=2", "data.test=2"],
        "folder": [
            "data=image_folder",
            f"data.folder={tmp_path / 'photos'}",
            f"data.corrections={tmp_path / 'corrections.csv'}",
        ],
        "archive": ["data=cats_vs_dogs", f"data.archive={archive}", "data.train=4", "data.val=2", "data.test=2"],
        "pets": ["data=pets", f"data.folder={pet_set(tmp_path / 'pets', 4, 2)}"],
        "idx": [
            "data=mnist",
            f"data.folder={idx_set(tmp_path / 'idx')}",
            "data.train=20",
            "data.val=10",
            "data.test=10",
        ],
        "csv": ["data=csv", f"data.csv={tmp_path / 't.csv'}"],
        "digits": ["data=digits", "data.train=40", "data.val=20", "data.test=20"],
    }
    for source, words in chosen.items():
        data = compose_config(*words, "data.size=32", "data.workers=1")["data"]
        check(
            "prepare",
            Choices("prepare", source),
            lambda data=data, source=source: prepare(data, tmp_path / source / "images"),
        )


@pytest.mark.parametrize(
    "recipes", [["scratch", "linear_probe"], pytest.param(["features_augmented", "fine_tune"], marks=pytest.mark.long)]
)
def test_the_stages_of_recipes(work_of: Folders, configure: Configure, tmp_path: Path, recipes: list[str]) -> None:
    from warmstart.audit.write_audit import write_audit
    from warmstart.comparison.compare import compare
    from warmstart.config.stages import EvaluateConfig
    from warmstart.config.typed import to_typed
    from warmstart.evaluation.evaluate_recipe import evaluate
    from warmstart.interpretation.interpret import interpret
    from warmstart.training.train_recipe import train

    config = configure("features")
    backbone = Choices("feature_extract", "critters", backbone=config["backbone"]["name"])
    check("feature_extract", backbone, lambda: extract(config, work_of.images, work_of.features))
    options = {"images": 2, "maps": 4, "scored": 0}
    for recipe in recipes:
        config = configure(recipe, "schedule.epochs=1", "evaluate.bootstrap=20")
        model = work_of.model(recipe)
        start = work_of.model("features_augmented") / "model.ckpt" if recipe == "fine_tune" else None
        stage = "fine_tune" if start else "train"

        parts = training_parts(config)  # the check of them can change no result

        def training(
            config: dict[str, Any] = config, parts: Any = parts, model: Path = model, start: Path | None = start
        ) -> None:
            train(
                typed_config("train", config),
                parts,
                images_dir=work_of.images,
                features_dir=work_of.features,
                out_dir=model,
                state_root=tmp_path / "state",
                init_from=start,
            )

        check(stage, choices_of(stage, config), training)
        measured = model.with_name("evaluate")
        check(
            "evaluate",
            choices_of("evaluate", config),
            lambda config=config, model=model, out=measured: evaluate(
                to_typed(EvaluateConfig, config), model_dir=model, images_dir=work_of.images, out_dir=out
            ),
        )
        check(
            "interpret",
            choices_of("interpret", config, options),
            lambda model=model, out=measured: interpret(
                model, work_of.images, out, model.with_name("interpret"), Interpret(**options)
            ),
        )
    check("compare", Choices("compare", "critters"), lambda: compare(work_of.root, recipes, work_of.root / "report"))
    check(
        "audit",
        Choices("audit", "critters"),
        lambda: write_audit(work_of.root / "scan", work_of.images, work_of.root / "audit", dataset="critters"),
    )


def test_a_class_of_ones_own_is_watched_where_an_option_names_it(tmp_path: Path) -> None:
    for name in ("src", "pipelines"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "src/mine.py").write_text("import timm\nfrom helping import x\n\n\nclass MyCallback:\n    pass\n")
    (tmp_path / "src/helping.py").write_text("x = 1\n")
    config = compose_config("recipe=scratch", "callbacks.mine._target_=mine.MyCallback")
    plain = compose_config("recipe=scratch")
    code = Code(tmp_path)
    found, without = (made_with(code, "train", choices_of("train", each)) for each in (config, plain))
    assert set(found.code) - set(without.code) == {"src/mine.py", "src/helping.py"}
    assert "src/warmstart/training/early_stopping.py" in without.code
    assert "mine" not in found.libraries and "helping" not in found.libraries
    asked = request_of(config["data"], None, {"scratch": config})["chosen"]["scratch"]
    assert choices_of("train", {"data": config["data"], **asked}).targets == choices_of("train", config).targets
    assert not choices_of("evaluate", config).targets
    (tmp_path / "src/mine.py").write_text("from helping import x\n\n\nclass MyCallback:\n    y = x\n")
    assert made_with(Code(tmp_path), "train", choices_of("train", config)) != found


def test_the_library_of_a_class_is_watched() -> None:
    words = ("optimizer._target_=timm.optim.Lamb", "~optimizer.alpha", "~optimizer.eps")
    made = made_with(CODE, "train", choices_of("train", compose_config("recipe=scratch", *words)))
    assert {"timm", "torch", "pytorch-lightning"} & set(made.libraries) >= {"timm", "torch"}


@pytest.mark.long
@pytest.mark.parametrize(
    "page", [{"activations": True}, {"imagenet": True}, {"patterns": 1, "pattern_steps": 2}, {"scored": 4}]
)
def test_each_page_alone(
    scratch: Path, packaged: Path, tiny: Folders, configure: Configure, tmp_path: Path, page: dict[str, Any]
) -> None:
    from warmstart.interpretation.interpret import interpret

    options = {"images": 2, "maps": 4, "scored": 0} | page
    work = partial(interpret, scratch, tiny.images, packaged.parent, tmp_path / "out", Interpret(**options))
    check("interpret", choices_of("interpret", configure("scratch"), options), work)


@pytest.mark.long
def test_publishing(packaged: Path, scratch: Path, tmp_path: Path) -> None:
    from warmstart.tracking.publish import publish

    recipe = tmp_path / "artifacts/critters/recipes/scratch"
    shutil.copytree(scratch, recipe / "model")
    shutil.copytree(packaged.parent, recipe / "evaluate")
    check("publish", Choices("publish", "critters"), lambda: publish(tmp_path, "critters", recipe.parents[1]))
