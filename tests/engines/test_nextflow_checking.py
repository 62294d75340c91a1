"""What of Nextflow's complaints is new, and the words by which it is asked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from heal.engines.nextflow_argv import read
from heal.engines.nextflow_findings import Checked, Finding, Heard, compared, difference, error_text, parser_said
from heal.engines.nextflow_preview import PREVIEW, STUBS, flat_config, only_stubs, parameters, quiet_config, trial
from heal.shipped import shipped

ERROR = Finding("parser", "`B` is not defined", "main.nf", 3, 5)
STOP = Finding("preview", "No such variable: x -- at line: 3")


def test_what_moved_within_its_file_is_not_new():
    lower = Finding("parser", ERROR.message, "main.nf", 8, 1)
    assert difference([ERROR], [lower]) == ()
    assert difference([STOP], [Finding("preview", "No such variable: x -- at line: 7")]) == ()


def test_what_is_new_is_told_where_it_stands_now():
    other = Finding("parser", ERROR.message, "b.nf", 1, 1)
    again = Finding("parser", ERROR.message, "main.nf", 9, 1)
    assert difference([ERROR], [ERROR, again, other]) == (again, other)


@pytest.mark.parametrize(
    ("before", "after", "first_only", "expected"),
    [
        (Heard(), Heard(), True, ((), "")),
        (Heard(), Heard((ERROR,)), False, ((ERROR,), "")),
        (Heard((ERROR,)), Heard((ERROR,)), False, ((), "")),
        # what ends at its first error has not seen the change
        (Heard((STOP,)), Heard((STOP,)), True, ((), f"it ends without the change as well: {STOP.message}")),
        (Heard(), Heard(trouble="gone"), True, ((), "gone")),
        (Heard(), Heard((ERROR,), "b.nf: deep"), False, ((ERROR,), "b.nf: deep")),
        # nobody knows whether it is new
        (Heard(trouble="late"), Heard((STOP,)), True, ((), "what it says without the change is not known: late")),
    ],
)
def test_before_and_after(before: Heard, after: Heard, first_only: bool, expected: object):
    assert compared(before, after, first_only=first_only) == expected


@pytest.mark.parametrize(
    ("checked", "good"),
    [(Checked(), True), (Checked((ERROR,), {"preview": "late"}), False), (Checked((), {"preview": "late"}), None)],
)
def test_unknown_is_never_good(checked: Checked, good: bool | None):
    assert checked.good is good


def line(**said: object) -> str:
    return json.dumps({"file": "a.nf", "line": 1, "column": 2, "severity": "error", "message": "bad"} | said)


def test_errors_of_the_parser_count_and_warnings_do_not():
    text = "\n".join(["some launcher's word", line(), line(severity="warning"), '{"checked": 2}'])
    assert parser_said(text, "/p") == Heard((Finding("parser", "bad", "a.nf", 1, 2),))


def test_a_message_that_names_a_file_is_the_same_in_every_copy_of_the_pipeline():
    said = "\n".join([line(message="Module could not be parsed: '/tmp/copy/b.nf'"), '{"checked": 1}'])
    expected = Finding("parser", "Module could not be parsed: 'b.nf'", "a.nf", 1, 2)
    assert parser_said(said, "/tmp/copy") == Heard((expected,))


def test_a_file_that_the_parser_gave_up_on_is_told():
    text = "\n".join([line(severity="unread", message="StackOverflowError"), '{"checked": 2}'])
    assert parser_said(text, "/p") == Heard(trouble="a.nf: StackOverflowError")


@pytest.mark.parametrize("text", [line(), "", "Unknown command: lint", '{"checked": 2}\nKilled' + "\n" + line()])
def test_a_parser_that_did_not_come_to_its_end_is_no_yes(text: str):
    assert parser_said(text, "/p").trouble


def test_the_json_of_nextflow_lint_is_read_too():
    error = {"filename": "/p/main.nf", "startLine": 3, "startColumn": 5, "message": "`B` is not defined"}
    text = json.dumps({"date": "x", "summary": {"errors": 1}, "errors": [error]}, indent=2)
    assert parser_said(text, "/p") == Heard((ERROR,))


def test_an_error_is_told_without_places_that_are_only_ours():
    text = "N E X T F L O W\n\x1b[31mERROR ~ Cannot read /tmp/own/copy/main.nf\n\n -- Check '.nextflow.log' file for details\n"
    assert error_text(text, ["/tmp/own", "/tmp/own/copy"]) == "Cannot read main.nf"


def placed(path: str) -> str:
    return f"/here/{path}"


LAUNCH = read([
    *("nextflow", "-log", "l", "-bg", "-c", "first.config", "run", "main.nf", "-r", "dev", "-name", "n", "-resume"),
    *("-profile", "slurm", "-c", "x.config", "-params-file", "p.yml", "-w", "s3://w", "-with-report", "r.html"),
    *("--reads", "a.fq", "--outdir", "out", "--email", "me@x", "-with-docker", "-entry", "main"),
])  # fmt: skip


def test_the_configuration_is_asked_for_with_the_files_and_profile_of_the_launch():
    assert flat_config(LAUNCH, "/c/main.nf", placed) == (
        *("nextflow", "-c", "/here/first.config", "-c", "/here/x.config", "config", "-flat"),
        *("-profile", "slurm", "/c/main.nf"),
    )


def test_a_preview_is_the_launch_without_what_it_would_leave_behind():
    assert trial(LAUNCH, "/c/main.nf", placed, "/own", PREVIEW) == (
        *("nextflow", "-c", "/here/first.config", "run", "/c/main.nf", "-profile", "slurm", "-c", "/here/x.config"),
        *("--reads", "a.fq", "-with-docker", "-entry", "main", "-c", "/own/quiet.config"),
        *("-params-file", "/own/params.json", "-w", "/own/tasks", "-preview"),
    )


def test_stubs_run_here_and_in_no_container():
    words = trial(LAUNCH, "/c/main.nf", placed, "/own", STUBS)
    assert ("-with-docker" in words, words[-1]) == (False, "-stub-run")


STUB = 'process A {\n    script:\n    "a"\n\n    stub:\n    "touch a"\n}\n'


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((STUB, STUB.replace("A", "B")), True),
        ((STUB, "workflow { A() }\n"), True),
        (("workflow { }\n",), False),
        ((STUB, "process B { script: 'b' }\n"), False),
        ((STUB + "process B {\n    script:\n    'b'\n    // stub:\n}\n",), False),
    ],
)
def test_a_pipeline_is_tried_by_its_stubs_where_each_process_has_one(
    tmp_path: Path, texts: tuple[str, ...], expected: bool
):
    (tmp_path / "modules").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / "modules" / f"{number}.nf").write_text(text)
    assert only_stubs(tmp_path) is expected


def test_a_launch_that_reads_one_configuration_only_reads_one_more():
    words = trial(read(["nextflow", "-C", "only.config", "run", "x.nf"]), "/c/x.nf", placed, "/own", PREVIEW)
    assert words[:6] == ("nextflow", "-C", "/here/only.config", "-C", "/own/quiet.config", "run")
    assert "-c" not in words


def test_results_go_elsewhere_only_where_the_pipeline_has_such_a_parameter():
    given = {"depth": 3, "email": "me@x", "reads": "b.fq", "outdir": "out"}
    # what the command line says outranks the file
    assert parameters(LAUNCH, given, "", "/own") == {"depth": 3, "outdir": "/own/results"}
    bare = read(["nextflow", "run", "main.nf"])
    assert parameters(bare, {}, "params.outdir = 'x'\n", "/own") == {"outdir": "/own/results"}
    assert parameters(bare, {}, "params.other = 'x'\n", "/own") == {}


def test_nobody_is_sent_anything():
    flat = "params.email = 'me@x'\nparams.hook_url = null\nparams.reads = 'a'\n"
    made = quiet_config(flat).splitlines()
    assert [text for text in made if text.startswith("params")] == ["params.email = null"]
    assert "report.enabled = false" in made


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("-version", "-version"),
        # as launchers before 24.10 ask where Nextflow's jars are
        ("-Dx=1 -jar boot.jar", "-Dx=1 -jar boot.jar"),
        ("-Dx=1 -jar one.jar lint -o json /p", "-Dx=1 -cp one.jar:own.jar heal.nextflow.Check /p/a"),
        ("-cp lib/* nextflow.cli.Launcher lint -o json", "-cp lib/*:own.jar heal.nextflow.Check /p/a"),
        ("-classpath a:b -Xmx1g nextflow.cli.Launcher x", "-classpath a:b:own.jar -Xmx1g heal.nextflow.Check /p/a"),
    ],
)
def test_the_java_of_a_launcher_becomes_the_check(tmp_path: Path, given: str, expected: str):
    java = tmp_path / "java"
    java.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    java.chmod(0o755)
    own = {"HEAL_CHECK_JAVA": str(java), "HEAL_CHECK_JAR": "own.jar", "HEAL_CHECK_FOLDER": "/p/a"}
    script = ["sh", str(shipped("hooks") / "nextflow_check.sh"), *given.split()]
    answer = subprocess.run(script, env={**os.environ, **own}, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == expected.split()
