"""Which check holds for a task, what is asked, and what becomes of an end that a check refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from heal.errors import BadSettings
from heal.records import Event, Run, RunRef, TaskRef
from heal.sections import Check
from heal.settings import load
from heal.steps.check import Answer, Question, chosen, command_line, judged, question

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RUN = Run("r1", "r1", "snakemake", "/data", ("snakemake",), NOW, env_file="/home/ada/env.json")
TASK = TaskRef("align (sample=S 7)", "align:sample=S 7", 1, "81723", "/data")
FACTS = {"process": "align", "output": ["out/S 7.bam", "out/x.txt"], "input": ["in.fq"], "state": "COMPLETED"}
BAM = Check(outputs="bam")


def event(source: str = "snakemake", **facts: object) -> Event:
    return Event("e1", "task_finished", NOW, source, RunRef("r1", "snakemake", "/data"), TASK, FACTS | facts)


def test_the_very_name_comes_first_then_the_first_glob():
    checks = {"*": Check(outputs="exist"), "ali*": BAM, "align": Check(command="true")}
    assert chosen(["align"], checks) == ("align", checks["align"])
    assert chosen(["alias"], checks) == ("*", checks["*"])
    assert chosen(["sort"], {"align": BAM}) is None


def test_of_two_names_a_very_name_comes_before_a_glob_and_that_of_the_task_before_that_of_its_job():
    checks = {"*.sh": Check(outputs="exist"), "align": BAM, "job.sh": Check(command="true"), "s*": BAM}
    names = [["job.sh", "align"], ["other.sh", "align"], ["other.sh", "sort"], ["other", "sort"]]
    assert [found[0] for one in names if (found := chosen(one, checks))] == ["job.sh", "align", "*.sh", "s*"]


def test_what_is_asked_about_a_task():
    check = Check(command="samtools quickcheck -v {outputs}", outputs="bam", seconds=5)
    assert question(event(), TASK, RUN, {"align": check}) == Question(
        check="align",
        cwd="/data",
        seconds=5,
        kind="bam",
        files=("out/S 7.bam", "out/x.txt"),
        declared=True,
        command="samtools quickcheck -v 'out/S 7.bam' out/x.txt",
        env_file="/home/ada/env.json",
    )


def test_files_of_the_users_take_the_place_of_declared_ones():
    asked = question(event(), TASK, RUN, {"*": Check(command="check {outputs}", files=("*.bed", "a.txt"))})
    assert asked is not None
    # a glob is for the shell
    assert (asked.files, asked.declared, asked.command) == (("*.bed", "a.txt"), False, "check *.bed a.txt")


def test_nothing_is_asked_without_a_check_nor_of_an_array_as_a_whole():
    assert question(event(), TASK, RUN, {"sort": BAM}) is None
    array = Event("e2", "task_finished", NOW, "poll", RunRef("r1"), TASK, {"process": "align"})
    assert question(array, TASK, RUN, {"*": BAM}) is None


def test_every_value_is_quoted_and_other_braces_are_the_users():
    command = "awk '{print $1}' {inputs} # {task} {process} {job} {workdir}"
    said = command_line(Check(command=command), event(), TASK, "/da ta")
    assert said == "awk '{print $1}' in.fq # 'align (sample=S 7)' align 81723 '/da ta'"
    evil = event(output=["$(rm -rf ~)", "-x; true"])
    assert command_line(Check(command="c {outputs}"), evil, TASK, "/") == "c '$(rm -rf ~)' '-x; true'"


def test_a_refused_result_is_a_failure_with_the_checks_own_words():
    asked = Question("align", "/data", 5)
    found = judged(event(exit=0), TASK, asked, Answer(False, "S7.bam was missing EOF block\nand more"))
    assert (found.kind, found.id, found.task) == ("task_failed", "e1", TASK)
    assert found.facts == FACTS | {
        "exit": 0,
        "check": "align",
        "message": (
            "heal: [check.align] refuses the result of align (sample=S 7): S7.bam was missing EOF block\n"
            "S7.bam was missing EOF block\nand more"
        ),
    }


def test_a_check_that_says_nothing_refuses_nothing():
    asked = Question("align", "/data", 5)
    unknown = judged(event(), TASK, asked, Answer(None, "it did not end within 5 s"))
    assert (unknown.kind, unknown.facts["warning"]) == (
        "task_finished", "check.align says nothing: it did not end within 5 s"
    )  # fmt: skip
    gone = judged(event(), TASK, asked, Answer(None, "a.bed is not there any more", usual=True))
    assert (gone.kind, gone.facts["unchecked"], "warning" in gone.facts) == (
        "task_finished", "check.align says nothing: a.bed is not there any more", False
    )  # fmt: skip
    good = judged(event(), TASK, asked, Answer(True))
    assert (good.kind, good.facts["checked"]) == ("task_finished", "align")


# --- heal.toml ---------------------------------------------------------------------------------


def test_checks_are_read_in_their_order(tmp_path: Path):
    (tmp_path / "heal.toml").write_text(
        '[check.align]\ncommand = "samtools quickcheck {outputs}"\nseconds = 5\n[check."*"]\noutputs = "not_empty"\n'
    )
    assert load(tmp_path, {"HOME": "/h"}).check == {
        "align": Check(command="samtools quickcheck {outputs}", seconds=5),
        "*": Check(outputs="not_empty"),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[check.a]\ncomand = "x"\n', ":2: unknown key 'check.a.comand'; did you mean 'check.NAME.command'?"),
        ('[check.a]\noutputs = "full"\n', ":2: 'check.a.outputs' is 'full': Input should be 'exist'"),
        ("[check.a]\nseconds = 5\n", "it names no check: give it a command, or outputs"),
        ('[check.a]\ncommand = "x {output}"\n', "unknown placeholder {output}; did you mean {outputs}?"),
        ('[check.a]\ncommand = "x"\nseconds = 0\n', ":3: 'check.a.seconds' is 0: Input should be greater than 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_check_is_named(tmp_path: Path, text: str, said: str):
    (tmp_path / "heal.toml").write_text(text)
    with pytest.raises(BadSettings) as found:
        load(tmp_path, {"HOME": "/h"})
    assert said in str(found.value)
