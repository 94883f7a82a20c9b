"""The jobs of a sweep: reading what became of each, and the table that sets them side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from warmstart.errors import UserError
from warmstart.records.sweep import SweepJob
from warmstart.text.columns import align

JOB_FILE = "job.json"
PICTURE_FILE = "sweep.png"
LONG = 10  # characters of a number
SEVERAL_METRICS = (
    "the jobs chose their epochs by {titles}, which cannot be compared: name one with select_by, for all jobs"
)


def read_jobs(folders: Iterable[Path]) -> list[SweepJob]:
    """The jobs that have ended in the folders of a sweep, by number. Raises UserError."""
    files = [file for folder in folders for file in folder.glob(f"*/{JOB_FILE}")]
    return sorted((SweepJob.read(file) for file in files), key=lambda job: job.number)


def own_overrides(overrides: Sequence[str], common: Iterable[str]) -> str:
    """The overrides in which a job differs from the others, as one text; all of them where it does not differ."""
    shared = set(common)
    return " ".join([word for word in overrides if word not in shared] or overrides)


def best_job(jobs: Iterable[SweepJob]) -> SweepJob:
    """Of jobs that have a value, the best by the metric that chose their epochs: the first of several.

    Raises UserError where it is not the same metric in all.
    """
    done = [(job, job.value) for job in jobs if job.value is not None]
    if len({job.metric for job, _ in done}) > 1:
        titles = " and ".join(dict.fromkeys(job.metric.title for job, _ in done))
        raise UserError(SEVERAL_METRICS.format(titles=titles))
    return max(done, key=lambda pair: (pair[0].metric.oriented(pair[1]), -pair[0].number))[0]


def result_name(jobs: Iterable[SweepJob]) -> str:
    """What the values of the jobs are: ``validation accuracy``; ``validation`` where it is not the same in all."""
    titles = {job.metric.title for job in jobs if job.value is not None}
    return f"validation {titles.pop()}" if len(titles) == 1 else "validation"


def result_text(job: SweepJob, *, named: bool = False) -> str:
    """The value of a job that has one: ``93.1 %``, or ``balanced accuracy 93.1 %``."""
    text = job.metric.text(job.value or 0.0)
    return f"{job.metric.title} {text}" if named else text


def varied_values(jobs: Sequence[SweepJob]) -> dict[str, list[str]]:
    """The values of each job, as they are typed, by key; of the keys in which the jobs differ. "": it has none."""
    common = set.intersection(*(set(job.overrides) for job in jobs)) if len(jobs) > 1 else set()
    keys = dict.fromkeys(word.partition("=")[0] for job in jobs for word in job.overrides if word not in common)
    overrides = [dict(word.partition("=")[::2] for word in job.overrides) for job in jobs]
    return {key: [own.get(key, "") for own in overrides] for key in keys}


def job_table(jobs: Sequence[SweepJob]) -> list[str]:
    """A line a job, below a heading: number, values in which the jobs differ, and validation accuracy, or whatever
    metric chose the epochs, or why it failed.

    The best is marked, unless the metric differs between jobs. Long numbers have four digits.
    """
    varied = varied_values(jobs)
    done = [job for job in jobs if job.value is not None]
    one_metric = len({job.metric for job in done}) == 1
    top = best_job(done).value if one_metric and len({job.value for job in done}) > 1 else None
    rows = [["job", *varied, result_name(done) if done else "result"]]
    for place, job in enumerate(jobs):
        measured = "done" if job.value is None else result_text(job, named=not one_metric)
        result = f"failed: {job.error}" if job.error else measured
        best = "  best" if top is not None and job.value == top else ""
        rows.append([str(job.number), *(_short(column[place]) for column in varied.values()), result + best])
    return align(rows)


def _short(value: str) -> str:
    with suppress(ValueError):
        return value if len(value) <= LONG or value.isdigit() else f"{float(value):.4g}"
    return value
