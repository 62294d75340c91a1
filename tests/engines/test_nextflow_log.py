"""Recorded logs of real runs in, events out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from heal.engines.nextflow_log import GRACE_S, Draft, Recorder
from heal.engines.nextflow_records import LINE_BYTES, Assembler, Record, moment
from heal.engines.nextflow_workdir import WorkDir

LOGS = Path(__file__).parent / "nextflow_logs"
TERMINATED = {"state": "FAILED", "error_action": "TERMINATE", "will_retry": False}
LOST = ("run_finished", {"ok": False, "exit": 1})
WON = ("run_finished", {"ok": True, "exit": 0})


class Reading:
    """One log, read as far as it goes. ``folders``: what the work folders hold, by path or short hash."""

    def __init__(self, folders: dict[str, WorkDir] | None = None) -> None:
        self.now = 0.0
        self.folders = folders or {}
        self.recorder = Recorder(clock=lambda: self.now, look=self.look)
        self.assembler = Assembler()
        self.drafts: list[Draft] = []
        self.offset = 0

    def look(self, name: str) -> WorkDir:
        return self.folders.get(name) or WorkDir(name if name.startswith("/") else "")

    def feed(self, text: str, *, flush: bool = True) -> None:
        for line in text.splitlines():
            for record in self.assembler.feed(self.offset, line):
                self.drafts += self.recorder.feed(record)
            self.offset += len(line.encode()) + 1
        for record in self.assembler.flush() if flush else ():
            self.drafts += self.recorder.feed(record)

    def ends(self) -> list[tuple[Any, ...]]:
        how = ("state", "exit", "error_action", "will_retry", "ignored", "aborted", "ok", "interrupted")
        return [
            (
                one.kind,
                *((one.task["key"], one.task["attempt"]) if one.task else ()),
                {name: one.facts[name] for name in how if name in one.facts},
            )
            for one in self.drafts
            if one.kind != "task_submitted"
        ]


def read(name: str, folders: dict[str, WorkDir] | None = None) -> Reading:
    reading = Reading(folders)
    reading.feed((LOGS / f"{name}.log").read_text(encoding="utf-8"))
    return reading


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("exit1-25.04.4", [("task_failed", "A (x)", 1, {**TERMINATED, "exit": 1}), LOST]),
        (
            "finish-25.04.4",
            [
                ("task_failed", "A", 1, {**TERMINATED, "error_action": "FINISH", "exit": 5}),
                ("task_finished", "B", 1, {}),
                LOST,
            ],
        ),
        (
            "term-25.04.4",
            [
                ("task_failed", "A", 1, {**TERMINATED, "exit": 7}),
                ("task_failed", "B", 1, {"state": "ABORTED", "aborted": True, "will_retry": False}),
                LOST,
            ],
        ),
        ("missing-25.04.4", [("task_failed", "A", 1, {**TERMINATED, "exit": 0}), LOST]),
        ("undef-25.04.4", [("task_failed", "", 1, {"will_retry": False}), LOST]),
        ("compile-25.04.4", [("task_failed", "", 1, {"will_retry": False}), LOST]),
        ("op-25.04.4", [("task_failed", "", 1, {"will_retry": False}), LOST]),
        ("badconf-25.04.4", [("task_failed", "", 1, {"will_retry": False}), LOST]),
        # refused by sbatch: it was never submitted, and its exit code is sbatch's
        ("rej-25.04.4", [("task_failed", "REJ", 1, {**TERMINATED, "exit": 1}), LOST]),
        (
            "mixed-23.10.1",
            [
                (
                    "task_failed",
                    "DEMO:ALIGN (S1)",
                    1,
                    {"state": "FAILED", "error_action": "RETRY", "will_retry": True, "exit": 137},
                ),
                # an exit code that Nextflow does not know is left out
                ("task_failed", "DEMO:ALIGN (S1)", 2, TERMINATED),
                LOST,
            ],
        ),
        ("profile-25.04.4", [("task_failed", "", 1, {"will_retry": False}), LOST]),
        ("process-25.04.4", [("task_failed", "", 1, {"will_retry": False}), LOST]),
        (
            "array-24.10.0",
            [
                (
                    "task_failed",
                    "A (two)",
                    1,
                    {"state": "FAILED", "error_action": "IGNORE", "will_retry": False, "ignored": True, "exit": 4},
                ),
                ("task_finished", "A (one)", 1, {}),
                # workflow.failOnIgnore
                LOST,
            ],
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_how_tasks_and_runs_end(name: str, ends: list[tuple[Any, ...]]):
    assert read(name).ends() == ends


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("exit1-25.04.4", "Command error:\n  out\n  boom"),
        ("missing-25.04.4", "Missing output file(s) `never.txt` expected by process `A`"),
        ("undef-25.04.4", "No such variable: nosuch -- Check script 'main.nf' at line: 1"),
        # only what Nextflow threw tells where that is
        ("process-25.04.4", "B() -- Did you mean 'A' instead? -- Check script 'main.nf' at line: 3"),
        ("compile-25.04.4", "- cause: Unexpected input: '{' @ line 1, column 11."),
        ("op-25.04.4", "No signature of method: java.lang.Integer.nosuch() is applicable"),
        ("badconf-25.04.4", "Unable to parse config file: '/data/badconf/nextflow.config'"),
        ("profile-25.04.4", "Unknown configuration profile: 'nosuch'"),
        ("rej-25.04.4", "sbatch: error: invalid partition specified: nosuch"),
    ],
)
def test_the_reason_is_nextflows_own_report(name: str, words: str):
    [failed] = [one for one in read(name).drafts if one.kind == "task_failed"]
    assert words in failed.facts["message"]
    # without the places in Nextflow's own code
    assert "\tat " not in failed.facts["message"]


def test_what_is_told_of_a_task():
    # Given what lies in the folders of two tasks without a tag, which read different files
    folders = {
        f"{short}": WorkDir(f"/data/ok/work/{short}", "wc -l < t", (f"/data/{name}",), (), {})
        for short, name in (("4b/eefea7", "S2.txt"), ("8a/c1c1ed", "S1.txt"))
    }
    reading = read("ok-25.04.4", folders)
    tasks = [one.task for one in reading.drafts if one.kind == "task_submitted" and one.task]
    keys = [task["key"] for task in tasks]
    assert keys[:3] == ["ALIGN (S1)", "ALIGN (S2)", "NONE"]
    assert keys[3] != keys[4]
    assert [key.partition(":")[0] for key in keys[3:]] == ["COUNT", "COUNT"]
    assert tasks[3] == {
        "name": "COUNT (1)",
        "key": keys[3],
        "attempt": 1,
        "native_id": None,
        "workdir": "/data/ok/work/4b/eefea7",
        "log_paths": [f"/data/ok/work/4b/eefea7/.command.{kind}" for kind in ("err", "out", "log")],
    }
    assert reading.ends()[-1] == WON
    facts = [one.facts for one in reading.drafts if one.kind == "task_submitted"]
    assert facts[0] == {"process": "ALIGN", "asked": {}, "executor": "local", "hash": "73/5caf01", "tag": "S1"}


def test_what_is_told_of_a_run():
    about = read("mixed-23.10.1").recorder.about
    assert about.id == "2a80f07f-65d2-4457-a44c-a3b507a6ba22.angry_bartik"
    assert (about.pid, about.host) == (11968, "login1")
    assert about.facts("/data/mixed") == {
        "nextflow": "23.10.1",
        "work_dir": "/data/mixed/work",
        "script": "/data/mixed/main.nf",
        "project_dir": "/data/mixed",
        "profile": "slurm",
        "config_files": ["/data/mixed/nextflow.config"],
        "resume": True,
    }
    assert read("array-24.10.0").recorder.about.facts("/data/array")["resume"] is False


def test_where_a_fetched_pipeline_comes_from():
    text = (LOGS / "mixed-23.10.1.log").read_text(encoding="utf-8")
    reading = Reading()
    reading.feed(
        text.replace(
            "`main.nf` [angry_bartik] DSL2 - revision: ad8b075cdd",
            "`https://github.com/nf-core/demo` [angry_bartik] DSL2 - revision: 0a1b2c3d4e [1.0.0]",
        )
    )
    facts = reading.recorder.about.facts("/data/mixed")
    assert (facts["repository"], facts["revision"]) == ("https://github.com/nf-core/demo", "0a1b2c3d4e [1.0.0]")
    assert not facts.keys() & {"script", "project_dir"}


def test_jobs_of_slurm_have_its_ids_elements_of_an_array_too():
    ids = [(one.kind, one.task["name"], one.task["native_id"]) for one in read("array-24.10.0").drafts if one.task]
    assert ids == [
        ("task_submitted", "A (two)", "367_0"),
        ("task_submitted", "A (one)", "367_1"),
        ("task_failed", "A (two)", "367_0"),
        ("task_finished", "A (one)", "367_1"),
    ]
    mixed = [one for one in read("mixed-23.10.1").drafts if one.kind == "task_submitted" and one.task]
    assert [one.task["native_id"] for one in mixed if one.task] == ["369", "370"]


def test_two_tasks_of_one_name_are_told_apart_by_what_they_are_made_from():
    line = "Mar-01 09:00:0{n}.000 [Task submitter] INFO  nextflow.Session - [aa/00000{n}] Submitted process > A (S1)\n"
    folders = {f"aa/00000{n}": WorkDir(f"/w/aa/00000{n}", f"echo {n}") for n in (1, 2)}
    reading = Reading(folders)
    reading.feed("".join(line.format(n=n) for n in (1, 2)))
    keys = [one.task["key"] for one in reading.drafts if one.task]
    assert keys == ["A (S1)", f"A (S1):{folders['aa/000002'].made_from()}"]


def test_the_same_log_gives_the_same_events_however_it_is_cut():
    text = (LOGS / "term-25.04.4.log").read_text(encoding="utf-8")
    whole = read("term-25.04.4").drafts
    for size in (1, 7, 40):
        reading, lines = Reading(), text.splitlines(keepends=True)
        for start in range(0, len(lines), size):
            reading.feed("".join(lines[start : start + size]), flush=False)
        reading.feed("")
        assert reading.drafts == whole
    assert len({(one.offset, one.n) for one in whole}) == len(whole)


# --- what comes late, or not at all --------------------------------------------------------------


def _until(words: str, name: str = "missing-25.04.4") -> tuple[str, str]:
    text = (LOGS / f"{name}.log").read_text(encoding="utf-8")
    place = text.rindex("\n", 0, text.index(words)) + 1
    return text[:place], text[place:]


def test_an_end_waits_for_a_complaint():
    before, after = _until("Process `A` is unable to find")
    reading = Reading()
    reading.feed(before)
    assert (reading.ends(), reading.recorder.holding) == ([], True)
    # When Nextflow looks for the outputs for long
    reading.now = GRACE_S - 1
    assert reading.recorder.due() == []
    reading.feed(after)
    assert reading.ends()[0] == ("task_failed", "A", 1, {**TERMINATED, "exit": 0})


def test_a_complaint_that_comes_later_than_that_is_not_lost():
    before, after = _until("Process `A` is unable to find")
    reading = Reading()
    reading.feed(before)
    reading.now = GRACE_S
    reading.drafts += reading.recorder.due()
    reading.feed(after)
    assert reading.ends() == [
        ("task_finished", "A", 1, {}),
        ("task_failed", "", 1, {"will_retry": False}),
        LOST,
    ]
    assert "Missing output file(s) `never.txt`" in reading.drafts[-2].facts["message"]


def test_an_exit_code_that_nextflow_could_not_read_is_none():
    # Given a task whose file for it stayed empty
    text = (LOGS / "exit1-25.04.4.log").read_text(encoding="utf-8")
    for known, empty in (("exit: 1;", "exit: -1;"), ("status (1)", "status (-1)"), ("status:\n  1", "status:\n  -1")):
        assert known in text
        text = text.replace(known, empty)
    reading = Reading()
    reading.feed(text)
    assert reading.ends() == [("task_failed", "A (x)", 1, TERMINATED), LOST]


def test_a_nextflow_that_is_gone():
    # Given one that was killed while it looked for the outputs of a task
    before, _after = _until("Process `A` is unable to find")
    reading = Reading()
    reading.feed(before)
    reading.drafts += reading.recorder.gone()
    assert reading.ends() == [("run_finished", {"ok": None, "exit": None})]
    # And one that was killed when it had seen a task fail
    before, _after = _until("Handling unexpected", "exit1-25.04.4")
    reading = Reading()
    reading.feed(before)
    reading.drafts += reading.recorder.gone()
    assert reading.ends() == [
        ("task_failed", "A (x)", 1, {"state": "FAILED", "will_retry": False, "exit": 1}),
        ("run_finished", {"ok": None, "exit": None}),
    ]


def test_a_message_without_an_end_is_bounded():
    assembler = Assembler()
    assert list(assembler.feed(0, "Mar-01 09:00:00.000 [main] ERROR a.B - begins")) == []
    for n in range(20):
        assert list(assembler.feed(n, "x" * LINE_BYTES)) == []
    [record] = assembler.flush()
    assert len(record.text) < 6 * LINE_BYTES
    assert list(assembler.flush()) == []


def test_lines_before_the_first_record_are_nobodys():
    assembler = Assembler()
    assert [*assembler.feed(0, "rest of something"), *assembler.flush()] == []
    list(assembler.feed(5, "11月-29 05:33:03.036 [main] DEBUG nextflow.cli.Launcher - $> nextflow run"))
    assert [*assembler.flush()] == [
        Record(5, "11月-29 05:33:03.036", "main", "DEBUG", "Launcher", "$> nextflow run"),
    ]


def test_when_a_record_was_written():
    now = datetime(2026, 1, 1, 0, 30, tzinfo=UTC).astimezone()
    local = datetime(2025, 12, 31, 23, 59, 58).astimezone()
    assert moment("Dec-31 23:59:58.000", now) == local
    assert moment("11月-29 05:33:03.036", now) is None
    assert moment("Feb-30 05:33:03.036", now) is None
