"""A map of validation photos by the features of the frozen backbone, and how well those tell the classes apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from warmstart.comparison.finished import FinishedRecipe
from warmstart.comparison.out_of_sample import cache_of, cached_vectors
from warmstart.dataset.image_store import ImageStore
from warmstart.evaluation.prediction_table import PREDICTIONS_TABLE, read_predictions
from warmstart.records.embedding import EmbeddingRow
from warmstart.statistics.intervals import CONFIDENCE, Interval
from warmstart.statistics.proportions import wilson_interval

MAX_PHOTOS = 400  # on the map: their small pictures are inside the page
MIN_PHOTOS = 10
NEIGHBOURS = 5
PERPLEXITY = 30  # of t-SNE; less for fewer photos than three times as many
COMPONENTS = 50  # that t-SNE starts from, as its authors do
SEED = 0


@dataclass(frozen=True, eq=False)
class EmbeddingMap:
    """Of N validation photos of ``total``. backbone: whose features. rows: int64 (N,), places in the split. paths: N.
    labels: int64 (N,). points: float64 (N, 2). wrong: by recipe, bool (N,). neighbours: the accuracy of the vote of the
    ``k`` nearest training photos, in the features and not on the map; majority: the share of the commonest class.
    """

    backbone: str
    total: int
    rows: np.ndarray
    paths: list[str]
    labels: np.ndarray
    points: np.ndarray
    wrong: dict[str, np.ndarray]
    neighbours: Interval
    k: int
    majority: float

    def table(self, classes: Sequence[str]) -> list[EmbeddingRow]:
        """The rows of embedding.csv."""
        return [
            EmbeddingRow(path, classes[label], x, y, " ".join(name for name, bad in self.wrong.items() if bad[i]))
            for i, (path, label, (x, y)) in enumerate(
                zip(self.paths, self.labels.tolist(), self.points.tolist(), strict=True)
            )
        ]


def embed_photos(
    store: ImageStore, features_dir: Path, finished: Sequence[FinishedRecipe], confidence: float = CONFIDENCE
) -> EmbeddingMap | None:
    """The map; None where there are no cached features of these images, too many training images, or fewer than
    ``MIN_PHOTOS`` validation photos.

    Validation photos: of the test photos no features are kept, since no training reads them. Of more than
    ``MAX_PHOTOS``, so many are drawn at random. Raises UserError for damaged files.
    """
    train, val = (cached_vectors(features_dir, store, split) for split in ("train", "val"))
    found = cache_of(features_dir, store)
    if train is None or val is None or found is None or len(val) < MIN_PHOTOS:
        return None
    rows = np.arange(len(val))
    if len(rows) > MAX_PHOTOS:
        rows = np.sort(np.random.default_rng(SEED).choice(len(val), MAX_PHOTOS, replace=False))
    manifest, labels = store.manifest("val"), store.labels("val")[rows]
    paths, vectors = [manifest[row].path for row in rows], val[rows]
    k = min(NEIGHBOURS, len(train))
    right = int((_vote(train, store.labels("train"), vectors, k) == labels).sum())
    return EmbeddingMap(
        backbone=found[1].backbone,
        total=len(val),
        rows=rows,
        paths=paths,
        labels=labels,
        points=place(vectors),
        wrong=_mistakes(finished, paths),
        neighbours=wilson_interval(right, len(rows), confidence),
        k=k,
        majority=float(np.bincount(labels).max() / len(labels)),
    )


def place(vectors: np.ndarray) -> np.ndarray:
    """Two coordinates for each of N >= 4 vectors (N, D), float64 (N, 2), of t-SNE on the directions of the vectors.

    Source: L. van der Maaten and G. Hinton, "Visualizing data using t-SNE", JMLR 9 (2008) 2579-2605. The same vectors
    give the same map.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from sklearn.preprocessing import normalize

    directions = normalize(vectors.astype(np.float64))
    components = min(COMPONENTS, *directions.shape)
    reduced = PCA(components, svd_solver="full").fit_transform(directions)
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    points: np.ndarray = TSNE(perplexity=perplexity, init="pca", random_state=SEED, n_jobs=1).fit_transform(reduced)
    return points.astype(np.float64)


def _vote(train: np.ndarray, labels: np.ndarray, vectors: np.ndarray, k: int) -> np.ndarray:
    """The class that most of the k nearest training vectors have, by cosine, int64 (N,)."""
    from sklearn.neighbors import KNeighborsClassifier

    voted: np.ndarray = KNeighborsClassifier(k, metric="cosine", n_jobs=1).fit(train, labels).predict(vectors)
    return voted


def _mistakes(finished: Sequence[FinishedRecipe], paths: Sequence[str]) -> dict[str, np.ndarray]:
    """Which photos each recipe gives another class, by recipe, bool (N,); without recipes that predicted not all."""
    wrong = {}
    for recipe in finished:
        table = read_predictions(recipe.folder / "evaluate" / PREDICTIONS_TABLE, split=None)
        correct = dict(zip(table.paths, table.correct.tolist(), strict=True))
        if all(path in correct for path in paths):
            wrong[recipe.name] = np.array([not correct[path] for path in paths])
    return wrong
