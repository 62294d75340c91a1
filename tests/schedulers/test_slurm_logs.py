"""Where a job's output lies, by what accounting keeps of it."""

from __future__ import annotations

import pytest

from heal.schedulers.slurm_logs import recorded_logs, submitted_logs, tells_logs
from heal.schedulers.slurm_parsers import Row


def ended(submit_line: str, job: str = "7", **more: str) -> Row:
    own = {"JobID": job, "JobIDRaw": "9", "JobName": "plink", "User": "ada", "State": "FAILED", "WorkDir": "/data"}
    return {**own, "SubmitLine": submit_line, **more}


@pytest.mark.parametrize(
    ("row", "paths"),
    [
        (ended("sbatch job.sh"), ("/data/slurm-7.out",)),
        (ended("sbatch --array=1-3 job.sh", "7_3"), ("/data/slurm-7_3.out",)),
        (ended("sbatch -o logs/%x-%j.out -e /logs/%u.err job.sh"), ("/logs/ada.err", "/data/logs/plink-7.out")),
        # an element has a number of its own inside SLURM, which accounting tells
        (ended("sbatch -a1-3 --output=%A.%a.%j job.sh", "7_3"), ("/data/7.3.9",)),
        (ended("sbatch -o/dev/null job.sh"), ()),
        # node, task and host are known inside the job alone
        (ended("sbatch -o out-%N job.sh"), ()),
        # what comes after the script is the script's own
        (ended("sbatch job.sh -o result.txt"), ("/data/slurm-7.out",)),
        # and after --wrap there are no quotes to tell it by
        (ended("sbatch -o a.log --wrap plink -o result"), ("/data/a.log",)),
        (ended("sbatch --wrap plink -o result"), ("/data/slurm-7.out",)),
        (ended("sbatch --unheard-of=1 -o a.log job.sh"), ("/data/slurm-7.out",)),
        # 24.05 and newer tell the patterns
        (ended("sbatch job.sh", StdOut="%x.log", StdErr=""), ("/data/plink.log",)),
        (ended("sbatch -o no/such/%j job.sh", ExitCode="0:53"), ("/data/no/such/7",)),
        # a file that the script asks for could not be opened
        (ended("sbatch job.sh", ExitCode="0:53"), ()),
        (ended("sbatch job.sh", WorkDir=""), ()),
        (ended("sbatch job.sh", State="RUNNING"), ()),
        (ended("sbatch job.sh", "7+0"), ()),
    ],
)
def test_where_the_output_lies(row: Row, paths: tuple[str, ...]) -> None:
    assert submitted_logs(row) == paths


@pytest.mark.parametrize(
    ("row", "tells"),
    [
        (ended("sbatch job.sh"), False),
        # the script's own option
        (ended("sbatch job.sh -o result.txt"), False),
        # of stdout the script may still say something
        (ended("sbatch -e err job.sh"), False),
        (ended("sbatch -o log job.sh"), True),
        (ended("sbatch job.sh", StdOut="%x.log"), True),
        # 24.05 and newer, and no file was named
        (ended("sbatch job.sh", StdOut=""), True),
        (ended("", StdOut="", WorkDir=""), False),
        ({"JobID": "7", "State": "COMPLETED"}, False),
    ],
)
def test_whether_accounting_tells_where_the_output_lies(row: Row, *, tells: bool) -> None:
    assert tells_logs(row) is tells


@pytest.mark.parametrize(
    ("job", "stdout", "paths"),
    [
        ("1322", "/data/a b.log", ("/data/a b.log",)),
        # these the controller leaves as they are (seen with 22.05)
        ("1322", "/data/%J.out", ("/data/1322.out",)),
        ("1322", "/data/%6j.root.out", ("/data/001322.root.out",)),
        ("80_3", "/data/80-%J.out", ("/data/80-1322.out",)),
        # the host's own name is not told, and what a per cent sign of a name stands before is not known
        ("1322", "/data/%N.1322.out", ()),
        ("1322", "/data/100%.1322", ()),
        # several at once, and one that was told no file
        ("80_[4-9]", "/data/%A_%a.out", ()),
        ("1322", "", ()),
        ("1322", "/dev/null", ()),
    ],
)
def test_where_the_output_lies_by_the_controllers_record(job: str, stdout: str, paths: tuple[str, ...]) -> None:
    row = {"JobId": "1322", "JobName": "plink", "UserId": "ada(1000)", "WorkDir": "/data", "StdOut": stdout}
    assert recorded_logs(job, row | {"StdErr": stdout}) == paths
