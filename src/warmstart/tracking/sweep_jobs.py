"""What became of each job of a sweep: job.json in the job's folder, and the table that sets them side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from warmstart.files.plain import read_json, write_json
from warmstart.files.reading import reading

JOB_FILE = "job.json"


@dataclass(frozen=True)
class SweepJob:
    """number: from 0, as the folder's name. overrides: ``key=value`` words. value: the kept validation accuracy in [0, 1], or None
    for a stage that has none. error: why it failed, in one line; None where it did not.
    """

    number: int
    overrides: list[str]
    value: float | None = None
    error: str | None = None


def write_job(folder: Path, job: SweepJob) -> None:
    """Write ``folder/job.json``."""
    write_json(folder / JOB_FILE, asdict(job))


def read_jobs(folders: Iterable[Path]) -> list[SweepJob]:
    """The jobs that have ended in the folders of a sweep, by number. Raises UserError for a file that cannot be read."""
    jobs = []
    for file in [file for folder in folders for file in folder.glob(f"*/{JOB_FILE}")]:
        with reading(file):
            jobs.append(SweepJob(**read_json(file, "number", "overrides")))
    return sorted(jobs, key=lambda job: job.number)


def varied(overrides: Sequence[str], common: Iterable[str]) -> str:
    """The words in which a job differs from the others, as one text; all of them where it does not differ."""
    shared = set(common)
    return " ".join([word for word in overrides if word not in shared] or overrides)


def job_table(jobs: Sequence[SweepJob]) -> list[str]:
    """A line a job, below a heading: its number, the values in which the jobs differ, and its validation accuracy or why it failed.
    The highest is marked.
    """
    common = set.intersection(*(set(job.overrides) for job in jobs)) if len(jobs) > 1 else set()
    keys = list(dict.fromkeys(word.partition("=")[0] for job in jobs for word in job.overrides if word not in common))
    values = {job.value for job in jobs if job.value is not None}
    rows = [["job", *keys, "validation accuracy" if values else "result"]]
    for job in jobs:
        said = dict(word.partition("=")[::2] for word in job.overrides)
        result = f"failed: {job.error}" if job.error else "done" if job.value is None else f"{100 * job.value:.1f} %"
        rows.append(
            [
                str(job.number),
                *(said.get(key, "") for key in keys),
                result + ("  best" if len(values) > 1 and job.value == max(values) else ""),
            ]
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(keys) + 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in rows
    ]
