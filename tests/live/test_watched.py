"""heal run says what it stays for, once, and an interrupt leaves the jobs to SLURM, as it says."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.pipelines import Pipeline

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]

JOB = "#!/bin/bash\nuntil test -e go; do sleep 0.2; done\n: > done.$SLURM_JOB_ID\n"


@pytest.mark.parametrize("count", [1, 2])
def test_a_script_that_has_submitted_its_jobs_is_not_silent(tmp_path: Path, until: Callable[..., bool], count: int):
    # Given a script that ends when it has submitted jobs that go on
    pipeline = Pipeline(tmp_path)
    pipeline.file("job.sh", JOB)
    pipeline.file("submit.sh", "sbatch --mem=60M --time=5 job.sh\n" * count)
    with pipeline.start("heal", "run", "--", "bash", "submit.sh") as run:
        assert run.stdout
        said = [run.stdout.readline() for _line in range(count + 1)]
        jobs = re.findall(r"Submitted batch job (\d+)", "".join(said))
        # Then heal says what it stays for, and what an interrupt would do
        what = f"job {jobs[0]} until it ends" if count == 1 else "2 jobs until they end"
        goes = "it goes" if count == 1 else "they go"
        assert said[-1] == f"heal │ watching {what} · after a Ctrl-C {goes} on without heal\n"
        # When it is interrupted
        run.send_signal(signal.SIGINT)
        rest = run.stdout.read()
        assert (run.wait(60), rest.count("\n"), "watching" in rest) == (0, 1, False)
        left = f"SLURM job {jobs[0]} is" if count == 1 else f"SLURM jobs {', '.join(jobs)} are"
        how = f"heal diagnose {jobs[0]} tells how it ended, once it has"
        assert rest.endswith(f"; {left} left without heal: {how}\n")
    # Then the jobs come to their own end
    pipeline.file("go", "")
    assert until(lambda: all((pipeline.work / f"done.{job}").exists() for job in jobs), 120)
