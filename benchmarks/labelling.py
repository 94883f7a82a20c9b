"""What labelling by BADGE is worth on a dataset under other conditions than `warmstart suggest` simulates: fewer photos
at the start, or a class that is rare among the photos that can be chosen.

Prints the verdict, and the accuracies by labelled photos. The penalty is chosen as `suggest` chooses it.

python benchmarks/labelling.py artifacts/critters --start 10 --end 320
python benchmarks/labelling.py artifacts/critters --rare dog --keep 50
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import numpy as np

from warmstart.active_learning.evidence import weigh
from warmstart.active_learning.labelled import compute_test_vectors, find_labelled
from warmstart.active_learning.messages import enough_sentence, point_sentence, verdict_sentence
from warmstart.active_learning.simulation import ROUNDS, LabelledVectors, choose_penalty, label_counts, simulate
from warmstart.config.schema import ComputeOptions
from warmstart.runtime.console import start_logging
from warmstart.runtime.devices import plan_device
from warmstart.serving.package import load_package


def thinned(pool: LabelledVectors, label: int, keep: int) -> LabelledVectors:
    """The pool with ``keep`` photos of a class."""
    rows = np.concatenate([np.flatnonzero(pool.labels != label), np.flatnonzero(pool.labels == label)[:keep]])
    rows = np.random.default_rng(0).permutation(rows)
    return LabelledVectors(pool.vectors[rows], pool.labels[rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path, help="its folder, such as artifacts/critters")
    parser.add_argument("--recipe", default="linear_probe")
    parser.add_argument("--start", type=int, help="labelled photos at the start")
    parser.add_argument("--end", type=int, help="labelled photos at the end")
    parser.add_argument("--rare", help="a class of which only --keep photos can be chosen")
    parser.add_argument("--keep", type=int, default=50)
    parser.add_argument("--repetitions", type=int, default=40)
    args = parser.parse_args()
    start_logging()
    compute = plan_device(ComputeOptions(precision="32-true"))
    model = load_package(args.dataset / "recipes" / args.recipe / "evaluate/package").to(compute.device)
    labelled = find_labelled(args.dataset, model)
    pool = labelled.sample("train")
    if args.rare:
        pool = thinned(pool, model.classes.index(args.rare), args.keep)
    sizes = label_counts(len(pool.labels), len(model.classes)) or [20, len(pool.labels) // 2]
    ends = (args.start or sizes[0], args.end or sizes[-1])
    sizes = sorted({round(float(size)) for size in np.geomspace(*ends, ROUNDS + 1)})
    penalty = choose_penalty(pool, labelled.sample("val"), sizes)
    test = compute_test_vectors(labelled, model, compute)
    evidence = weigh(simulate(pool, test, sizes, penalty, args.repetitions), len(pool.labels), penalty)
    print(f"{len(pool.labels)} photos, penalty {penalty:g}: {verdict_sentence(evidence)}")
    print(point_sentence(evidence), enough_sentence(evidence), sep="\n")
    for point in evidence.points:
        random, rule = 100 * point.random.value, 100 * point.rule.value
        print(f"{point.labelled:6,}  at random {random:5.1f} %  by the rule {rule:5.1f} %  {rule - random:+.1f}")


if __name__ == "__main__":
    main()
