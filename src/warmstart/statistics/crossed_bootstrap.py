"""Bootstrap of a mean over two crossed factors, such as repetitions of an experiment and the photos it is tested on.

Rows and columns are drawn again independently, because both vary: another repetition would start otherwise, and another
set of test photos would be other photos. Source: A. B. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1
(2007) 386-411, who shows that its variance is, if anything, too large.
"""

from __future__ import annotations

import numpy as np

from warmstart.statistics.intervals import CONFIDENCE, Interval

RESAMPLES = 2000


def crossed_means(values: np.ndarray, *, seed: int = 0, resamples: int = RESAMPLES) -> np.ndarray:
    """The means of resamples, float64 (resamples, K), of values (R, C, K): R rows and C columns are drawn again, with
    replacement. Arrays of the same R and C see the same resamples, so that differences stay paired.
    """
    rows, columns, kinds = values.shape
    rng = np.random.default_rng(seed)
    of_rows = rng.multinomial(rows, np.full(rows, 1 / rows), resamples).astype(np.float32)
    of_columns = rng.multinomial(columns, np.full(columns, 1 / columns), resamples).astype(np.float32)
    sums = [np.einsum("bc,bc->b", of_rows @ values[:, :, kind].astype(np.float32), of_columns) for kind in range(kinds)]
    means: np.ndarray = np.stack(sums, axis=1).astype(np.float64) / (rows * columns)
    return means


def percentile_interval(value: float, drawn: np.ndarray, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The percentile interval of resampled values (B,) around ``value``, of n observations."""
    tail = 50 * (1 - confidence)
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Interval(float(value), float(low), float(high), n)
