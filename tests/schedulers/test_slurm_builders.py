"""Command lines for SLURM, from what is known of the job that failed."""

from __future__ import annotations

from datetime import datetime

import pytest

from heal.errors import CannotApply
from heal.jobs import JobFacts, JobState
from heal.records import Change, Fix, FixKind
from heal.schedulers.sbatch_options import CommandLine, Option, parse_command_line, parse_directives
from heal.schedulers.slurm_builders import (
    freed,
    grouped_ids,
    sacct_history,
    sacct_jobs,
    sacct_recent,
    sbatch_argv,
    sbatch_env,
    tagged,
)
from heal.schedulers.slurm_original import Original
from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_words import arguments_used
from heal.seams import Submission

WRAPPED = "#!/bin/sh\n# This script was created by sbatch --wrap.\n\npython3 eat.py\n"
NOTHING = Fix(FixKind.RETRY, "job")


def fix(**changes: float | str) -> Fix:
    return Fix(FixKind.RESOURCES, "job", tuple(Change(name, None, new) for name, new in changes.items()))


def submission(argv: str, change: Fix = NOTHING, array: tuple[int, ...] = (), job: str = "41") -> Submission:
    return Submission(job, tuple(argv.split()), "/data", "t9", change, array)


def original(script: str = WRAPPED, record: Row | None = None, **facts: object) -> Original:
    known = {"job": "41", "state": JobState.FAILED, "name": "eat", "workdir": "/data/run", "comment": ""} | facts
    return Original(script, JobFacts(**known), {"JobId": "41"} if record is None else record)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ("job.sh -t 5", CommandLine((), "job.sh", ("-t", "5"))),
        ("-t5 -t 6 job.sh", CommandLine((Option("time", "5"), Option("time", "6")), "job.sh")),
        ("-Ht1:00 job.sh", CommandLine((Option("hold"), Option("time", "1:00")), "job.sh")),
        ("--mem 4G --part=a -- -x", CommandLine((Option("mem", "4G"), Option("partition", "a")), "-x")),
        ("--nice --exclusive=user job.sh", CommandLine((Option("nice"), Option("exclusive", "user")), "job.sh")),
        ("--nice=5 -k job.sh", CommandLine((Option("nice", "5"), Option("no-kill")), "job.sh")),
        ("--wrap true", CommandLine((Option("wrap", "true"),))),
        ("--share -- job.sh", CommandLine((Option("oversubscribe"),), "job.sh")),
        ("-n 2", CommandLine((Option("ntasks", "2"),))),
    ],
)
def test_a_command_line_is_read_as_sbatch_reads_it(argv: str, expected: CommandLine) -> None:
    assert parse_command_line(argv.split()) == expected


@pytest.mark.parametrize(
    "argv", ["--brand-new=3 job.sh", "--ntasks-per job.sh", "-Y job.sh", "--mem", "--mem=1 : --mem=2 b.sh"]
)
def test_what_cannot_be_read_is_refused(argv: str) -> None:
    with pytest.raises(CannotApply):
        parse_command_line(argv.split())


def test_directives_end_with_the_first_command() -> None:
    script = '#!/bin/bash\n#SBATCH -J a --comment="my own" # why\n# text\n\n#SBATCH --mem=1G\necho\n#SBATCH --mem=2G\n'
    assert parse_directives(script) == CommandLine(
        (Option("job-name", "a"), Option("comment", "my own"), Option("mem", "1G"))
    )


@pytest.mark.parametrize(
    ("argv", "change", "expected"),
    [
        (
            "--mem-per-cpu=60M -t 2 -o mem-%j.out --wrap x",
            fix(memory_mb=90.5, time_min=4),
            "--output=mem-%j.out --mem=91M --time=4",
        ),
        ("--mem=1G -x n2 --wrap x", fix(node="n1"), "--mem=1G --exclude=n2,n1"),
        ("-c 2 --wrap x", fix(cpus=4, delay_s=60), "--cpus-per-task=4 --begin=now+60seconds"),
        ("-p short -A lab --wrap x", fix(memory_mb=9000, partition="big"), "--account=lab --mem=9000M --partition=big"),
        ("-W -H -d afterok:3 -b now+1hour --test-only --parsable -q high --wrap x", NOTHING, "--qos=high"),
        # sbatch names no job then, --parsable or not
        ("-Q -q high --wrap x", NOTHING, "--qos=high"),
        # two jobs of one name are not to run at once, the second time neither
        ("-d singleton --wrap x", NOTHING, "--dependency=singleton"),
        ("-d afterok:3:4,Singleton -t 3 --wrap x", NOTHING, "--time=3 --dependency=singleton"),
        ("-d afterok:3?singleton --wrap x", NOTHING, "--dependency=singleton"),
        ("-d singleton -d afterok:3 --wrap x", NOTHING, ""),
        ("-d singleton --wrap x", fix(dependency="afterok:50"), "--dependency=afterok:50,singleton"),
        ("-d singleton --wrap x", fix(dependency=""), "--dependency=singleton"),
        ("-d singleton --wrap x", fix(dependency="afterok:50,singleton"), "--dependency=afterok:50,singleton"),
    ],
)
def test_options_stay_but_for_what_the_fix_changes(argv: str, change: Fix, expected: str) -> None:
    assert sbatch_argv(submission(argv, change), original(), "/s/t9.sh") == [
        "sbatch",
        *expected.split(),
        "--parsable",
        "--job-name=eat",
        "--chdir=/data/run",
        "--comment=heal:t9",
        "/s/t9.sh",
    ]


def test_the_scripts_arguments_stay_and_its_name_does_not() -> None:
    argv = sbatch_argv(submission("job.sh a --mem=3"), original(name="job.sh"), "/s/t9.sh")
    assert argv[-3:] == ["/s/t9.sh", "a", "--mem=3"]
    assert "--job-name=job.sh" in argv


@pytest.mark.parametrize(
    ("argv", "array", "record", "expected"),
    [
        ("--array=0-99%5 job.sh", (3, 1, 4, 5), {}, "--array=1,3-5%5"),
        ("job.sh", (2,), {"JobId": "9", "ArrayTaskThrottle": "2"}, "--array=2%2"),
        ("--array=0-9 job.sh", (), {}, "--array=0-9"),
    ],
)
def test_only_the_elements_that_failed_run_again(argv: str, array: tuple[int, ...], record: Row, expected: str) -> None:
    assert expected in sbatch_argv(submission(argv, array=array), original(record=record), "/s/t9.sh")


def test_the_users_comment_stays_before_the_tag() -> None:
    assert tagged("my own heal:old.2", "t9") == "my own heal:t9"
    assert tagged("", "t9") == "heal:t9"
    script = "#!/bin/sh\n#SBATCH --comment='of the script'\n"
    assert "--comment=of the script heal:t9" in sbatch_argv(submission("job.sh"), original(script), "/s/t9.sh")


def test_a_directives_excluded_nodes_are_named_again() -> None:
    script = "#!/bin/sh\n#SBATCH --exclude=n7\n"
    assert "--exclude=n7,n1" in sbatch_argv(submission("job.sh", fix(node="n1")), original(script), "/s/t9.sh")


def test_nodes_that_were_left_out_before_stay_out() -> None:
    change = Fix(FixKind.EXCLUDE_NODE, "job", (Change("node", None, "n1"), Change("node", None, "n2")))
    argv = sbatch_argv(submission("--exclude=n7 job.sh", change), original(), "/s/t9.sh")
    assert [word for word in argv if word.startswith("--exclude")] == ["--exclude=n7,n1,n2"]


def test_a_job_whose_command_line_nobody_knows_is_rebuilt_from_its_record() -> None:
    record = {
        "JobId": "43",
        "ArrayJobId": "41",
        "ArrayTaskId": "2",
        "Account": "lab",
        "QOS": "normal",
        "NumNodes": "1",
        "NumTasks": "1",
        "CPUs/Task": "2",
        "TresPerNode": "gres:gpu:1",
        "StdOut": "/data/run-41_2/41/arr-41_2.out",
        "StdErr": "/data/run-41_2/41/arr-41_2.out",
    }
    known = original(record=record, job="41_2", partition="short", limit_s=90, asked_mb=100.0)
    assert sbatch_argv(submission("", fix(memory_mb=200), (2,)), known, "/s/t9.sh") == [
        "sbatch",
        "--partition=short",
        "--account=lab",
        "--qos=normal",
        "--time=2",
        "--nodes=1",
        "--ntasks=1",
        "--cpus-per-task=2",
        "--gres=gpu:1",
        "--output=/data/run-41_2/41/arr-%A_%a.out",
        "--mem=200M",
        "--parsable",
        "--array=2",
        "--job-name=eat",
        "--chdir=/data/run",
        "--comment=heal:t9",
        "/s/t9.sh",
    ]


def test_what_the_record_does_not_tell_is_had_from_the_command_line() -> None:
    # Given a record, and a command line of which SLURM changed some and prints some in other words
    record = {"JobId": "41", "NumNodes": "1", "NumTasks": "4", "CPUs/Task": "2", "TresPerNode": "gres/gpu:1"}
    line = "sbatch --export=NONE --signal=B:USR2@30 -t 10 -n 2 --gpus-per-node=1 --mem-per-cpu=50M --exclusive job.sh"
    known = original(record=record, submit_line=line, limit_s=1200, asked_mb=400.0)
    # Then the record goes first, and what it has no word for stays: what of the environment is exported, above all
    assert sbatch_argv(submission(""), known, "/s/t9.sh") == [
        "sbatch",
        "--time=20",
        "--mem=400M",
        "--nodes=1",
        "--ntasks=4",
        "--cpus-per-task=2",
        "--gres=gpu:1",
        "--export=NONE",
        "--signal=B:USR2@30",
        "--exclusive",
        "--parsable",
        "--job-name=eat",
        "--chdir=/data/run",
        "--comment=heal:t9",
        "/s/t9.sh",
    ]
    # a command line that cannot be read takes nothing away from the record
    garbled = original(record=record | {"Command": "job.sh"}, submit_line="sbatch --frobnicate job.sh", asked_mb=400.0)
    assert "--gres=gpu:1" in sbatch_argv(submission(""), garbled, "/s/t9.sh")


def test_of_a_job_that_the_controller_has_forgotten_accountings_command_line_tells_what_else_it_asked_for() -> None:
    script = "#!/bin/sh\n#SBATCH --time=3\n#SBATCH --mem-per-cpu=50M\ntrue\n"
    line = "sbatch --gres=gpu:2 -n 4 --exclusive -q high --comment=mine job.sh"
    facts = {"partition": "short", "account": "lab", "qos": "high", "limit_s": 180, "asked_mb": 200.0}
    known = original(script, {}, comment="mine", submit_line=line, **facts)
    assert sbatch_argv(submission(""), known, "/s/t9.sh") == [
        "sbatch",
        "--partition=short",
        "--account=lab",
        "--gres=gpu:2",
        "--ntasks=4",
        "--exclusive",
        "--qos=high",
        "--parsable",
        "--job-name=eat",
        "--chdir=/data/run",
        "--comment=mine heal:t9",
        "/s/t9.sh",
    ]


def test_directives_that_would_hold_the_job_up_are_taken_out_of_the_script() -> None:
    script = "#!/bin/sh\n#SBATCH --wait -J a\n#SBATCH --mem-per-cpu=60M\n#SBATCH -o 'a b'\necho --wait\n"
    assert freed(script, NOTHING) == (
        "#!/bin/sh\n#SBATCH --job-name=a\n#SBATCH --mem-per-cpu=60M\n#SBATCH -o 'a b'\necho --wait\n"
    )
    # sbatch 22.05: "--mem, --mem-per-cpu, and --mem-per-gpu are mutually exclusive"
    assert "--mem-per-cpu" not in freed(script, fix(memory_mb=9))


@pytest.mark.parametrize(
    ("argv", "expected"),
    [("job.sh", "--dependency=singleton"), ("-d afterany:7 job.sh", "")],
)
def test_a_script_that_asks_to_run_alone_under_its_name_does_so_again(argv: str, expected: str) -> None:
    # Given a directive, which the command line replaces
    script = "#!/bin/sh\n#SBATCH -Q -d afterok:3,singleton\ntrue\n"
    built = sbatch_argv(submission(argv), original(script), "/s/t9.sh")
    assert (" ".join(word for word in built if "depend" in word), freed(script, NOTHING)) == (
        expected,
        "#!/bin/sh\n#SBATCH\ntrue\n",
    )


def test_a_job_whose_command_line_is_not_known_waits_as_it_waited() -> None:
    told = {"dependency": "afterok:3(unfulfilled),singleton(unfulfilled)", "state": JobState.CANCELLED}
    assert "--dependency=singleton" in rebuilt({"Command": "/data/step.sh A 7"}, "", **told)


def test_a_script_that_writes_another_one_keeps_what_it_writes() -> None:
    script = "#!/bin/sh\n#SBATCH --hold\n\ncat > inner.sh <<EOF\n#!/bin/sh\n#SBATCH --hold --mem=4G\nEOF\n"
    assert freed(script, fix(memory_mb=9)) == script.replace("#SBATCH --hold\n\n", "#SBATCH\n\n")


def test_the_environment_gains_the_token_and_loses_a_memory_request_that_the_fix_replaces() -> None:
    env = {"A": "1", "SBATCH_MEM_PER_CPU": "60", "SBATCH_ACCOUNT": "lab"}
    assert sbatch_env(env, submission("job.sh")) == env | {"HEAL_TOKEN": "t9"}
    # sbatch would wait for the job, and end with its exit code
    assert sbatch_env({**env, "SBATCH_WAIT": "1"}, submission("job.sh")) == env | {"HEAL_TOKEN": "t9"}
    assert sbatch_env(env, submission("job.sh", fix(memory_mb=9))) == {
        "A": "1",
        "SBATCH_ACCOUNT": "lab",
        "HEAL_TOKEN": "t9",
    }


def test_accounting_is_always_asked_about_a_time_that_begins_and_ends() -> None:
    since = datetime.fromisoformat("2026-11-24T16:00:05").astimezone()
    for argv in (sacct_jobs(["7"], since, []), sacct_recent("ada", since, []), sacct_history("ada", since, [])):
        assert {"--starttime=2026-11-24T16:00:05", "--endtime=now"} <= {*argv}


def test_many_elements_of_an_array_are_asked_for_as_the_array() -> None:
    assert grouped_ids(["7", "9_1", "9_2", "7", "8", "8_4"]) == ("7", "9_1", "9_2", "8")
    assert grouped_ids([f"9_{index}" for index in range(21)]) == ("9",)


STEP = '#!/bin/bash\nalign $1 > "${2%.bam}"\n'


def rebuilt(record: Row, line: str, script: str = STEP, **facts: object) -> list[str]:
    """What is submitted for a job whose command line heal did not see."""
    known = original(script, {"JobId": "41", **record}, submit_line=line, **facts)
    return sbatch_argv(Submission("41", (), "/data", "t", NOTHING), known, "/private/t.sh")


@pytest.mark.parametrize(
    ("record", "line", "expected"),
    [
        ({"Command": "/data/step.sh A 7"}, "", ["A", "7"]),
        ({"Command": "/data/step.sh A 7"}, "sbatch -t 5 ./step.sh A 7", ["A", "7"]),
        ({}, "sbatch --mem=50M -t 5 step.sh A 7", ["A", "7"]),
        ({}, "sbatch --mem=50M step.sh A", ["A"]),
    ],
)
def test_the_arguments_of_a_script_are_had_from_slurm(record: dict[str, str], line: str, expected: list[str]) -> None:
    argv = rebuilt(record, line, name="step.sh")
    assert argv[argv.index("/private/t.sh") + 1 :] == expected


def test_a_wrapped_command_has_no_arguments_and_hides_no_options() -> None:
    argv = rebuilt({}, "sbatch --mem=50M --wrap=python3 eat.py --exclusive", WRAPPED, name="wrap")
    assert (argv[-1], "--exclusive" in argv) == ("/private/t.sh", True)


def test_a_value_with_a_blank_that_another_field_has_is_put_together_again() -> None:
    # Given what sbatch was asked for as SLURM keeps it: --comment="two words" -J "my job" -D "/my data" --signal=B:USR1 …
    line = "sbatch --comment=two words -J my job -D /my data --signal=B:USR1 step.sh A 7"
    argv = rebuilt({"Command": "/my data/step.sh A 7"}, line, comment="two words", name="my job", workdir="/my data")
    assert argv == [
        "sbatch",
        "--signal=B:USR1",
        "--parsable",
        "--job-name=my job",
        "--chdir=/my data",
        "--comment=two words heal:t",
        "/private/t.sh",
        "A",
        "7",
    ]


@pytest.mark.parametrize(
    ("record", "line"),
    [
        ({"Command": "/my data/my step.sh A 7"}, "sbatch -t 5 my step.sh A 7"),
        ({"Command": "/my data/my step.sh A 7"}, ""),
        ({}, "sbatch -t 5 my step.sh A 7"),
    ],
)
def test_a_blank_in_the_name_of_a_script_is_found_by_the_jobs_name(record: Row, line: str) -> None:
    assert rebuilt(record, line, name="my step.sh")[-3:] == ["/private/t.sh", "A", "7"]


CAME_APART = "one of them came apart at a blank"


@pytest.mark.parametrize(
    ("record", "line", "facts"),
    [
        # --export=ALL,MSG="hello world" --signal=B:USR1 step.sh A 7
        ({"Command": "/data/step.sh A 7"}, "sbatch --export=ALL,MSG=hello world --signal=B:USR1 step.sh A 7", {}),
        ({}, "sbatch --export=ALL,MSG=hello world --signal=B:USR1 step.sh A 7", {"name": "step.sh"}),
        ({}, "sbatch -J align --export=ALL,MSG=hello world --signal=B:USR1 step.sh A 7", {"name": "align"}),
        # --wrap of which nobody has the text
        ({}, "sbatch --wrap=exit 3 --signal=B:USR1", {"name": "wrap"}),
        # what the controller printed does not fit what accounting keeps: an argument that looks like a field of its own
        ({"Command": "/data/step.sh"}, "sbatch step.sh Mode=fast", {}),
    ],
)
def test_options_of_which_one_may_have_come_apart_are_not_submitted(
    record: Row, line: str, facts: dict[str, object]
) -> None:
    with pytest.raises(CannotApply, match=CAME_APART):
        rebuilt(record, line, **facts)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        # of step.sh "A 7", of step.sh A "" 7, of an argument too many
        ("#!/bin/sh\necho $1\n", "A 7"),
        (STEP, "A  7"),
        (STEP, "A 7 8"),
        # a test for an argument, a function's own, new ones, a file that may take them, a quote that hides a part
        ('#!/bin/sh\nrun "$1"\nif [ -n "$2" ]; then echo with $2; fi\n', "my sample"),
        ('#!/bin/bash\n[ "$2" ] && echo $2\necho $1\n', "my sample"),
        ("#!/bin/sh\nf() { echo $1 $2; }\nf a b\n", "my sample"),
        ("#!/bin/sh\nset -- $1\necho $1 $2\n", "my sample"),
        ("#!/bin/sh\n. ./conf.sh\necho $1 $2\n", "my sample"),
        ("#!/bin/sh\n. ./conf.sh\nsrun step\n", "my sample"),
        ("#!/bin/sh\ncat <<E\nit doesn't\nE\nalign $1 $2\n", "my sample b"),
        # which, and how many, the script does not say
        ('#!/bin/bash\nexec "$@"\n', "python train.py --name my run"),
        ("#!/bin/bash\nalign $1 ${2:-out.bam}\n", "A 7"),
        ("#!/usr/bin/env python3\nimport sys\nprint(sys.argv[1:])\n", "A 7"),
    ],
)
def test_arguments_that_cannot_be_told_apart_are_not_submitted(script: str, words: str) -> None:
    count = len(words.split(" "))
    with pytest.raises(CannotApply, match=f"which of the {count} words belong together cannot be told"):
        rebuilt({"Command": f"/data/step.sh {words}"}, "", script)


@pytest.mark.parametrize(
    ("script", "used"),
    [
        ('#!/bin/bash\nset -eu\n[ $# -eq 2 ] || exit 2\ncp "$1" ${2}\n', 2),
        ('#!/bin/bash\n# $3 is unused\nawk \'{print $5}\' $1 | grep "\\$4" > "$2"\n', 2),
        ("#! /usr/bin/env bash\nsrun ./step\n", 0),
        ("#!/bin/sh -l\n[ $# -gt 1 ] && echo $1\n", None),
        ("#!/bin/sh\necho ${10}\n", 10),
        ("#!/bin/sh\nfor one; do echo $one; done\n", None),
        ("#!/bin/sh\nwhile getopts a: one; do :; done\n", None),
        ("#!/bin/tcsh\necho $1\n", None),
    ],
)
def test_how_many_arguments_a_script_takes(script: str, used: int | None) -> None:
    assert arguments_used(script) == used


def test_a_job_that_never_ran_for_what_it_waits_for_is_not_run_without_it() -> None:
    waits = {"state": JobState.PENDING, "reason": "DependencyNeverSatisfied", "dependency": "afterok:40(failed)"}
    with pytest.raises(CannotApply, match=r"job 41 never ran: it waits for afterok:40\(failed\), which failed"):
        rebuilt({}, "sbatch step.sh A", **waits)
    # but where the fix names what it waits for now
    fix = Fix(FixKind.RETRY, "step", (Change("dependency", "afterok:40", "afterok:50"),))
    known = original(STEP, submit_line="sbatch step.sh A", **waits)
    argv = sbatch_argv(Submission("41", (), "/data", "t", fix), known, "/private/t.sh")
    assert "--dependency=afterok:50" in argv


def test_a_script_that_uses_arguments_that_nobody_knows_is_not_run_without_them() -> None:
    known = original('#!/bin/sh\nalign "$1" > "$2"\n', job="41")
    with pytest.raises(CannotApply, match="arguments of the script of job 41 are not known"):
        sbatch_argv(Submission("41", (), "/data", "t", NOTHING), known, "/private/t.sh")
