"""How long the controller's snapshot takes by squeue and by pyslurm, to facts, on a real SLURM with few jobs and many.

Prints nothing where there is no SLURM or no pyslurm for it: heal's own, or of the Python that HEAL_TEST_PYSLURM names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from benchmarks.measure import row, side_by_side

from heal.jobs import JobFacts
from heal.schedulers.command import Commands
from heal.schedulers.pyslurm_answers import queue_text
from heal.schedulers.pyslurm_process import NoReply, PyslurmProcess
from heal.schedulers.slurm_cli import SlurmCli
from heal.schedulers.slurm_pyslurm import interpreter, program
from heal.schedulers.slurm_queue import from_queue

JOBS = 1000
_AT_ONCE = 100


def ended() -> None:
    """Let the controller remember many jobs, each in a record of its own, as elements have that ran.

    An update of one element takes it out of its array's record, and squeue shows those that wait in one line all the
    same: so they are cancelled. The controller forgets them after MinJobAge.
    """
    argv = ["sbatch", "--parsable", "--hold", f"--array=1-{JOBS}", "--mem=1M", "--output=/dev/null", "--wrap=true"]
    array = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()
    try:
        for first in range(1, JOBS + 1, _AT_ONCE):
            elements = ",".join(f"{array}_{index}" for index in range(first, first + _AT_ONCE))
            argv = ["scontrol", "update", f"JobId={elements}", "Nice=1"]
            subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    finally:
        subprocess.run(["scancel", array], check=True)


def main() -> None:
    python = os.environ.get("HEAL_TEST_PYSLURM") or interpreter("auto")
    if python is None or shutil.which("squeue") is None:
        return
    process = PyslurmProcess(program(python), Commands())
    by_squeue = SlurmCli(Commands())

    def by_pyslurm() -> dict[str, JobFacts]:
        return from_queue(queue_text(process.ask({"ask": "queue", "uid": os.geteuid()})["jobs"]))

    def measured() -> None:
        jobs = by_pyslurm()
        took = side_by_side({"squeue": by_squeue.queue, "pyslurm": by_pyslurm})
        ratio = took["squeue"].best / took["pyslurm"].best
        row(
            f"snapshot of {len(jobs):,} jobs on a real controller by pyslurm {process.version}, to facts",
            took["pyslurm"].ms(),
            f"by squeue {took['squeue'].ms()}: {ratio:.1f} x",
        )

    try:
        measured()
    except NoReply as why:
        print(f"not measured: {why}", file=sys.stderr)
        return
    ended()
    measured()


if __name__ == "__main__":
    main()
