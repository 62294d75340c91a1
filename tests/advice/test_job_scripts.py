"""What is wrong with #SBATCH lines, by the script alone."""

from __future__ import annotations

import pytest

from heal.advice.issues import Issue, Severity
from heal.advice.job_scripts import job_script, log_folders, options
from heal.schedulers.sbatch_options import Option

GOOD = """\
#!/bin/bash
#SBATCH --mem=8G --time=1-12:00:00
#SBATCH -c 4
## SBATCH --qos=out of use

srun ./tool
"""


def said(text: str) -> list[tuple[str, int, str]]:
    return [(issue.severity.value, issue.line, issue.what) for issue in job_script("run.sh", text)]


def test_a_script_that_sbatch_takes_as_it_is_meant_is_silent():
    assert said(GOOD) == []
    assert options(GOOD).options == (Option("mem", "8G"), Option("time", "1-12:00:00"), Option("cpus-per-task", "4"))


def test_a_line_after_the_first_command_counts_for_nothing():
    text = GOOD + "#SBATCH --partition=long\n"
    assert list(job_script("run.sh", text)) == [
        Issue(
            Severity.ERROR,
            "run.sh",
            7,
            "this line stands after the first command (line 6): sbatch passes it over",
            "move it above the first command",
        )
    ]
    assert options(text).value("partition") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#SBATCH --cpus-per-tasks=4", ("error", 2, "sbatch has no option --cpus-per-tasks")),
        ("#SBATCH -Z 4", ("error", 2, "sbatch has no option -Z")),
        ("#SBATCH --mem=8GiB", ("error", 2, "--mem=8GiB is no amount of memory")),
        ("#SBATCH --mem=8.5G", ("error", 2, "--mem=8.5G is no amount of memory")),
        ("#SBATCH --mem=8", ("warning", 2, "--mem=8 asks for 8 MB: a number without a unit is MB")),
        ("#SBATCH --mem=200", ("remark", 2, "--mem=200 asks for 200 MB: a number without a unit is MB")),
        ("#SBATCH --time=2h", ("error", 2, "--time=2h is no time limit")),
        ("#SBATCH -c four", ("error", 2, "--cpus-per-task=four is no number")),
        ("#SBATCH --comment='a", ("error", 2, "this line cannot be read: No closing quotation")),
        ("# SBATCH --mem=8G", ("warning", 2, "sbatch takes this line for a comment: # SBATCH --mem=8G")),
        ("#sbatch --mem=8G", ("warning", 2, "sbatch takes this line for a comment: #sbatch --mem=8G")),
        ("#SBATCH --mem=8 G", ("error", 2, "sbatch takes no word like 'G' here")),
        (
            "#SBATCH --job-name=$USER",
            ("warning", 2, "--job-name=$USER: sbatch expands no variables in a script's #SBATCH lines"),
        ),
    ],
)
def test_what_sbatch_refuses_or_passes_over(line: str, expected: tuple[str, int, str]):
    assert expected in said(f"#!/bin/bash\n{line}\nsrun x\n")


@pytest.mark.parametrize("value", ["90", "1:30", "1:30:00", "2-12", "2-12:30", "2-12:30:15", "UNLIMITED"])
def test_every_form_of_a_time_limit_is_taken(value: str):
    assert said(f"#!/bin/bash\n#SBATCH --time={value}\n") == []


def test_two_kinds_of_memory_exclude_each_other():
    text = "#!/bin/bash\n#SBATCH --mem=8G\n#SBATCH --mem-per-cpu=2G\n"
    assert said(text) == [("error", 3, "--mem and --mem-per-cpu exclude each other")]
    text = "#!/bin/bash\n#SBATCH --mem-per-gpu=8G --mem-per-cpu=2G\n"
    assert said(text) == [("error", 2, "--mem-per-cpu and --mem-per-gpu exclude each other")]


def test_the_parts_of_a_heterogeneous_job_ask_each_for_themselves():
    text = "#!/bin/bash\n#SBATCH --mem=1G\n#SBATCH hetjob\n#SBATCH --mem-per-cpu=2G\nsrun x\n"
    assert said(text) == []


def test_windows_line_ends_and_a_missing_interpreter():
    assert said("#SBATCH --mem=8G\r\nsrun x\r\n") == [
        ("error", 1, "sbatch takes no script without a first line that names its interpreter"),
        ("error", 1, "the lines end as on Windows (CRLF); sbatch refuses that"),
    ]


def test_the_folders_that_logs_go_to():
    text = "#!/bin/bash\n#SBATCH -o logs/%j.out -e /scratch/me/%x/err\n"
    assert log_folders(text) == ["logs"]
