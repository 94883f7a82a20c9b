"""The jobs of a sweep: reading what became of each, and the table that sets them side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from warmstart.records.sweep import SweepJob
from warmstart.text.columns import align

JOB_FILE = "job.json"
PICTURE_FILE = "sweep.png"
LONG = 10  # characters of a number


def read_jobs(folders: Iterable[Path]) -> list[SweepJob]:
    """The jobs that have ended in the folders of a sweep, by number. Raises UserError."""
    files = [file for folder in folders for file in folder.glob(f"*/{JOB_FILE}")]
    return sorted((SweepJob.read(file) for file in files), key=lambda job: job.number)


def own_overrides(overrides: Sequence[str], common: Iterable[str]) -> str:
    """The overrides in which a job differs from the others, as one text; all of them where it does not differ."""
    shared = set(common)
    return " ".join([word for word in overrides if word not in shared] or overrides)


def best_job(jobs: Iterable[SweepJob]) -> SweepJob:
    """Of jobs that have a value, one with the highest validation accuracy: the first of them."""
    return max((job for job in jobs if job.value is not None), key=lambda job: (job.value, -job.number))


def varied_values(jobs: Sequence[SweepJob]) -> dict[str, list[str]]:
    """The values of each job, as they are typed, by key; of the keys in which the jobs differ. "": it has none."""
    common = set.intersection(*(set(job.overrides) for job in jobs)) if len(jobs) > 1 else set()
    keys = dict.fromkeys(word.partition("=")[0] for job in jobs for word in job.overrides if word not in common)
    overrides = [dict(word.partition("=")[::2] for word in job.overrides) for job in jobs]
    return {key: [own.get(key, "") for own in overrides] for key in keys}


def job_table(jobs: Sequence[SweepJob]) -> list[str]:
    """A line a job, below a heading: number, values in which the jobs differ, and validation accuracy or why it failed.

    The highest accuracy is marked. Long numbers have four digits.
    """
    varied = varied_values(jobs)
    values = {job.value for job in jobs if job.value is not None}
    rows = [["job", *varied, "validation accuracy" if values else "result"]]
    for place, job in enumerate(jobs):
        result = f"failed: {job.error}" if job.error else "done" if job.value is None else f"{100 * job.value:.1f} %"
        best = "  best" if len(values) > 1 and job.value == max(values) else ""
        rows.append([str(job.number), *(_short(column[place]) for column in varied.values()), result + best])
    return align(rows)


def _short(value: str) -> str:
    with suppress(ValueError):
        return value if len(value) <= LONG or value.isdigit() else f"{float(value):.4g}"
    return value
