"""Every record holds what the stages really write, and writes the same again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from support import Configure, Folders, compose_config, extract
from warmstart.config.schema import Interpret
from warmstart.records.audit import AuditReport
from warmstart.records.base import Record
from warmstart.records.batch_norm import BatchNormRow
from warmstart.records.comparison import ComparisonTable, SuspectRow
from warmstart.records.comparison_row import ComparisonRow
from warmstart.records.embedding import EmbeddingRow
from warmstart.records.evaluation import EvaluationMetrics
from warmstart.records.feature_cache import FeatureCacheMeta
from warmstart.records.history import EpochMetrics
from warmstart.records.images import PreparedImages
from warmstart.records.interpretation import InterpretationSummary
from warmstart.records.layers import LayerTable
from warmstart.records.manifest import ManifestRow
from warmstart.records.packaged_model import PackagedModel
from warmstart.records.pages import ActivationsPage, PatternsPage
from warmstart.records.photos import PhotoRow
from warmstart.records.predictions import OutOfFoldRow, PredictionRow, SeedPredictionRow
from warmstart.records.preparation import Preparation
from warmstart.records.robustness import CorruptedRow, Robustness
from warmstart.records.run_identity import RunIdentity
from warmstart.records.scan import ScanRecord
from warmstart.records.slices import SliceRow
from warmstart.records.table import Row
from warmstart.records.thresholds import ThresholdRow
from warmstart.records.training_state import FoldCount
from warmstart.records.training_summary import FoldSummary, SeedSummary, TrainingSummary

# By the end of a file's path.
RECORDS: dict[str, type[Record]] = {
    "images/meta.json": PreparedImages,
    "prepared.json": Preparation,
    "scan/scan.json": ScanRecord,
    "feature_cache/meta.json": FeatureCacheMeta,
    "model/summary.json": TrainingSummary,
    "folds/1/summary.json": FoldSummary,
    "folds/2/summary.json": FoldSummary,
    "folds/folds.json": FoldCount,
    "seeds/1/summary.json": SeedSummary,
    "model/run.json": RunIdentity,
    "model/layers.json": LayerTable,
    "evaluate/robustness.json": Robustness,
    "evaluate/metrics.json": EvaluationMetrics,
    "package/model.json": PackagedModel,
    "report/table.json": ComparisonTable,
    "audit/audit.json": AuditReport,
    "interpret/summary.json": InterpretationSummary,
    "activations/activations.json": ActivationsPage,
    "patterns/patterns.json": PatternsPage,
}
TABLES: dict[str, type[Row]] = {
    "images/manifest.csv": ManifestRow,
    "scan/photos.csv": PhotoRow,
    "history.csv": EpochMetrics,
    "model/batch_norm.csv": BatchNormRow,
    "evaluate/predictions.csv": PredictionRow,
    "evaluate/out_of_fold.csv": OutOfFoldRow,
    "evaluate/seed_predictions.csv": SeedPredictionRow,
    "evaluate/robustness.csv": CorruptedRow,
    "report/table.csv": ComparisonRow,
    "report/corrections.csv": SuspectRow,
    "report/slices.csv": SliceRow,
    "report/thresholds.csv": ThresholdRow,
    "report/embedding.csv": EmbeddingRow,
}


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos with faults, prepared and audited."""
    from ingest_options import prepare
    from warmstart.audit.write_audit import write_audit

    root, random = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for name in ("=cat", "dog"):
        (root / "source" / name).mkdir(parents=True)
        for i in range(12):
            pixels = random.integers(0, 256, (60, 80, 3), dtype=np.uint8) // (2 if name == "dog" else 1)
            Image.fromarray(pixels).resize((160, 120)).save(root / "source" / name / f"{i}.jpg")
    dog = root / "source" / "dog"
    (dog / "copy.jpg").write_bytes((dog / "1.jpg").read_bytes())
    (root / "source" / "=cat" / "conflict.jpg").write_bytes((dog / "2.jpg").read_bytes())
    Image.open(dog / "3.jpg").resize((100, 75)).save(dog / "near.jpg")
    (dog / "broken.jpg").write_bytes(b"no photo")
    (root / "corrections.csv").write_text("path,new_label\ndog/5.jpg,=cat\ndog/6.jpg,drop\n")
    words = ["data=image_folder", "data.name=pets", "data.size=32", "data.workers=1"]
    data = compose_config(*words, f"data.folder={root / 'source'}", f"data.corrections={root / 'corrections.csv'}")
    prepare(data["data"], root / "images")
    write_audit(root / "scan", root / "images", root / "audit", dataset="pets")
    return root


@pytest.fixture(scope="session")
def folded_report(folded: Folders, folded_scratch: Path, configure: Configure) -> Path:
    """A recipe with folds, evaluated and compared."""
    from warmstart.comparison.compare import compare
    from warmstart.config.stages import EvaluateConfig
    from warmstart.config.typed import to_typed
    from warmstart.evaluation.evaluate_recipe import evaluate

    evaluate(
        to_typed(EvaluateConfig, configure("scratch", "evaluate.bootstrap=50")),
        model_dir=folded_scratch,
        images_dir=folded.images,
        out_dir=folded_scratch.parent / "evaluate",
    )
    compare(folded.root, ["scratch"], folded.root / "report")
    return folded.root


@pytest.fixture(scope="session")
def seeded_report(tiny: Folders, seeded_scratch: Path, configure: Configure) -> Path:
    """A recipe with two seeds, evaluated and compared."""
    from warmstart.comparison.compare import compare
    from warmstart.config.stages import EvaluateConfig
    from warmstart.config.typed import to_typed
    from warmstart.evaluation.evaluate_recipe import evaluate

    root = seeded_scratch.parents[2]
    evaluate(
        to_typed(EvaluateConfig, configure("scratch", "evaluate.bootstrap=50")),
        model_dir=seeded_scratch,
        images_dir=tiny.images,
        out_dir=seeded_scratch.parent / "evaluate",
    )
    shutil.copytree(tiny.images, root / "images")
    compare(root, ["scratch"], root / "report", seeds=2)
    return root


@pytest.fixture(scope="session")
def interpreted(measured: Folders) -> Path:
    """A recipe's pages, small."""
    from warmstart.interpretation.interpret import interpret

    model, evaluated = measured.model("scratch"), measured.model("scratch").with_name("evaluate")
    few = {"images": 2, "maps": 8, "scored": 8, "steps": 4, "activations": True, "patterns": 1, "pattern_steps": 2}
    interpret(model, measured.images, evaluated, evaluated.with_name("interpret"), Interpret(**few))
    return measured.root


@pytest.fixture(scope="session")
def cached(tiny: Folders, configure: Configure, train_tiny: Callable[..., Path]) -> Path:
    """Cached features, and a network with batch norm."""

    extract(configure("features"), tiny.images, tiny.features)
    train_tiny("scratch_batchnorm")
    return tiny.root


def expected(file: Path, kind: type[Record]) -> Any:
    """The content of a file; of one that a stage writes without its record, as the record writes it."""
    content = json.loads(file.read_text())
    if isinstance(content, list):
        content = {"layers": content}
    return whole_epochs({"format": kind.FORMAT, **content})


def whole_epochs(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: int(item) if key == "epoch" else whole_epochs(item) for key, item in value.items()}
    return [whole_epochs(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("artifacts", ["photos", "folded_report", "seeded_report", "interpreted", "cached"])
def test_files_of_stages_are_read_and_written_the_same(
    artifacts: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    root: Path = request.getfixturevalue(artifacts)
    seen = set()
    for file in sorted(root.rglob("*.json")):
        for end in (end for end in RECORDS if file.as_posix().endswith(f"/{end}")):
            content = expected(file, RECORDS[end])
            record = RECORDS[end].parse(content, file)
            record.write(tmp_path / "again.json")
            assert RECORDS[end].read(tmp_path / "again.json") == record
            assert json.dumps(json.loads((tmp_path / "again.json").read_text())) == json.dumps(content), file
            seen.add(end)
    for file in sorted(root.rglob("*.csv")):
        for end in (end for end in TABLES if file.as_posix().endswith(f"/{end}")):
            TABLES[end].write_rows(tmp_path / "again.csv", TABLES[end].read_rows(file))
            assert (tmp_path / "again.csv").read_bytes() == file.read_bytes(), file
            seen.add(end)
    assert seen >= AT_LEAST[artifacts]


AT_LEAST = {
    "photos": {"images/meta.json", "prepared.json", "scan/scan.json", "audit/audit.json", "scan/photos.csv"},
    "folded_report": {"folds/2/summary.json", "evaluate/out_of_fold.csv", "report/table.json", "report/table.csv"},
    "seeded_report": {"seeds/1/summary.json", "evaluate/seed_predictions.csv", "folds/folds.json", "report/table.json"},
    "interpreted": {"interpret/summary.json", "activations/activations.json", "patterns/patterns.json"},
    "cached": {"feature_cache/meta.json", "model/batch_norm.csv", "model/layers.json", "images/manifest.csv"},
}
