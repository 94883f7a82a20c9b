"""The picture of a sweep: an axis for each key in which the jobs differ, logarithmic for rates."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from warmstart.errors import UserError
from warmstart.records.sweep import SweepJob
from warmstart.tracking.sweep_jobs import best_job, job_table, varied_values
from warmstart.tracking.sweep_picture import _coordinate, sweep_picture, write_picture

JOBS = [
    SweepJob(0, ["recipe=scratch", "optimizer=adam", "optimizer.lr=1e-5"], 0.5),
    SweepJob(1, ["recipe=scratch", "optimizer=sgd", "optimizer.lr=1e-3"], 0.75),
    SweepJob(2, ["recipe=scratch", "optimizer=$5", "optimizer.lr=1e-4"], 0.75),
    SweepJob(3, ["recipe=scratch", "optimizer=adam", "optimizer.lr=x"], error="no"),
]


def test_a_rate_is_logarithmic_a_number_linear_and_words_are_side_by_side() -> None:
    assert _coordinate("optimizer.lr", ["1e-5", "1e-3", "1e-4"]).places == pytest.approx([0, 1, 0.5])
    assert _coordinate("network.dropout", ["0.0", "0.5", "0.25"]).places == pytest.approx([0, 1, 0.5])
    assert _coordinate("schedule.batch_size", ["1", "100", "10"]).places == pytest.approx([0, 1, 0.5])
    words = _coordinate("optimizer", ["adam", "", "sgd", "adam"])
    assert words.places == [0, 0.5, 1, 0] and words.ticks == [(0, "adam"), (0.5, "–"), (1, "sgd")]


def test_the_picture_grows_by_an_axis_for_each_key_that_differs(tmp_path: Path) -> None:
    write_picture(tmp_path, JOBS)
    whole = Image.open(tmp_path / "sweep.png")
    one = Image.open(io.BytesIO(sweep_picture([SweepJob(n, [f"seed={n}"], 0.5 + n / 10) for n in (0, 1)]) or b""))
    assert whole.width > one.width and whole.height == one.height
    assert list(varied_values(JOBS[:3])) == ["optimizer", "optimizer.lr"]


@pytest.mark.parametrize("jobs", [[], JOBS[:1], JOBS[3:], [SweepJob(n, ["seed=1"], 0.5) for n in (0, 1)]])
def test_there_is_no_picture_of_jobs_that_do_not_differ(jobs: list[SweepJob]) -> None:
    assert sweep_picture(jobs) is None


def test_the_best_job_is_the_first_of_the_highest() -> None:
    assert best_job(JOBS).number == 1


def test_of_losses_the_lowest_is_the_best_and_no_percentage() -> None:
    jobs = [SweepJob(n, [f"optimizer.lr={n + 1}"], value, select_by="loss") for n, value in enumerate((0.4, 0.2, 0.3))]
    assert best_job(jobs).number == 1 and sweep_picture(jobs)
    heading, *lines = job_table(jobs)
    assert "log loss" in heading and [line.endswith("best") for line in lines] == [False, True, False]
    assert "%" not in "".join(lines)


def test_values_of_several_metrics_are_shown_and_not_compared() -> None:
    jobs = [
        SweepJob(0, ["balance=none"], 0.9),
        SweepJob(1, ["balance=class_weights"], 0.8, select_by="balanced_accuracy"),
    ]
    assert sweep_picture(jobs) is None and "best" not in "".join(job_table(jobs))
    with pytest.raises(UserError, match="select_by"):
        best_job(jobs)
