"""The jobs of a sweep: reading what became of each, and the table that sets them side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from warmstart.records.sweep import SweepJob
from warmstart.text.columns import align

JOB_FILE = "job.json"


def read_jobs(folders: Iterable[Path]) -> list[SweepJob]:
    """The jobs that have ended in the folders of a sweep, by number. Raises UserError."""
    files = [file for folder in folders for file in folder.glob(f"*/{JOB_FILE}")]
    return sorted((SweepJob.read(file) for file in files), key=lambda job: job.number)


def own_overrides(overrides: Sequence[str], common: Iterable[str]) -> str:
    """The overrides in which a job differs from the others, as one text; all of them where it does not differ."""
    shared = set(common)
    return " ".join([word for word in overrides if word not in shared] or overrides)


def job_table(jobs: Sequence[SweepJob]) -> list[str]:
    """A line a job, below a heading: number, values in which the jobs differ, and validation accuracy or why it failed.

    The highest accuracy is marked.
    """
    common = set.intersection(*(set(job.overrides) for job in jobs)) if len(jobs) > 1 else set()
    keys = list(dict.fromkeys(word.partition("=")[0] for job in jobs for word in job.overrides if word not in common))
    values = {job.value for job in jobs if job.value is not None}
    rows = [["job", *keys, "validation accuracy" if values else "result"]]
    for job in jobs:
        overrides = dict(word.partition("=")[::2] for word in job.overrides)
        result = f"failed: {job.error}" if job.error else "done" if job.value is None else f"{100 * job.value:.1f} %"
        best = "  best" if len(values) > 1 and job.value == max(values) else ""
        rows.append([str(job.number), *(overrides.get(key, "") for key in keys), result + best])
    return align(rows)
