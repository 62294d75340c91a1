# ruff: noqa: DTZ001  times as the clock on the wall said them
"""From all that was kept of a failure to the few lines that matter."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heal.cases import Citation, Evidence, Passage
from heal.evidence.distil import Mark, distil
from heal.evidence.distillate import Distillate, Gap, Moment, Section, Shown
from heal.evidence.scan import Scanner
from heal.evidence.templates import Ordinary
from heal.evidence.tokens import tokens
from heal.knowledge.patterns import Library

SCANNER = Scanner(Library())


def log(text: str, source: str = "log") -> Evidence:
    return Evidence(source, (Passage(1, text),), lines=text.count("\n") + 1)


def big(tmp_path: Path, text: str) -> Evidence:
    path = tmp_path / "log"
    path.write_text(text)
    return SCANNER.read(path, source="log", seconds=600)


def calm(count: int) -> str:
    return "".join(f"step {n}: residual {1 / (n + 1):.9f}\n" for n in range(count))


def test_what_is_short_is_shown_whole() -> None:
    found = distil([log("start\ntool: cannot open x.bam\nexit status 1")])

    shown = (Shown(1, "start"), Shown(2, "tool: cannot open x.bam"), Shown(3, "exit status 1"))
    text = "== log (3 lines)\n1: start\n2: tool: cannot open x.bam\n3: exit status 1"
    assert found == Distillate((Section("log", 3, (), shown),), (), text, tokens(text))


def test_what_is_left_out_is_counted_with_what_it_is_like() -> None:
    found = distil([log(f"{calm(300)}tool: cannot open x.bam")], tokens=120)

    (only,) = found.sections
    assert [part for part in only.parts if isinstance(part, Gap)] == [
        Gap(lines=297, alike=297, like="step <*>: residual <*>")
    ]
    assert "… 297 lines left out, 297 of them like: step <*>: residual <*>" in found.text
    assert only.parts[-1] == Shown(301, "tool: cannot open x.bam")


def test_the_first_error_comes_before_what_follows_from_it() -> None:
    # Given a cause and a cascade that is longer than there is room for
    cause = "loader: cannot read index of batch B"
    cascade = "".join(f"stage {name} failed: no result of the stage before\n" for name in "abcdefghijklmnopqrst")

    found = distil([log(f"start\n{cause}\n{cascade}exit status 1")], tokens=80)

    assert cause in found.text


def test_a_marked_line_is_shown_and_told_from_the_rest() -> None:
    mark = Mark(Citation("log", 150, "step 149: residual 0.006666667"), 1.0)
    fact = Mark(Citation("sacct", 0, "job 7 ended OUT_OF_MEMORY"), 0.5)

    found = distil([log(calm(300))], [mark, fact], tokens=150)

    assert "> 150: step 149: residual 0.006666667" in found.text.splitlines()
    assert found.text.splitlines()[-2:] == ["== sacct", "> job 7 ended OUT_OF_MEMORY"]


def test_all_facts_of_one_source_are_shown_and_what_names_none_is_left_out() -> None:
    marks = [Mark(Citation("scheduler", 0, text), 1.0) for text in ("exit code 137", "", "OUT_OF_MEMORY")]

    assert distil([], marks).text == "== scheduler\n> exit code 137; OUT_OF_MEMORY"


def test_a_marked_line_that_was_not_kept_is_shown_all_the_same() -> None:
    found = distil([Evidence("log", (Passage(1, "start"),), lines=900)], [Mark(Citation("log", 500, "boom"), 1.0)])

    shown = (Shown(1, "start"), Gap(498), Shown(500, "boom", marked=True), Gap(400))
    assert found.sections == (Section("log", 900, (), shown),)


def test_what_successful_runs_say_as_well_weighs_less() -> None:
    # Given two complaints and room for one
    noise, cause = "plot: cannot open display :0", "stats: cannot open table x.tsv"
    text = log(f"{calm(100)}{noise}\n{calm(100)}{cause}\n{calm(100)}")

    unlearned, learned = (distil([text], (), ordinary, 90).text for ordinary in (Ordinary(), Ordinary.of([noise])))

    assert (noise in unlearned, cause in learned, noise in learned) == (True, True, False)


def test_what_scheduler_engine_and_task_said_is_put_in_the_order_of_time() -> None:
    found = distil(
        [
            log("2026-11-20 11:58:30 ERROR task failed", "engine.log"),
            log("[Fri Nov 20 11:58:25 2026]\ntool: cannot open x.bam", "task.log"),
            log("Nov 20 11:58:27 n1 slurmstepd: error: job killed", "slurm.out"),
        ]
    )

    assert found.moments == (
        Moment(datetime(2026, 11, 20, 11, 58, 25), "task.log", 2, "tool: cannot open x.bam"),
        Moment(datetime(2026, 11, 20, 11, 58, 27), "slurm.out", 1, "Nov 20 11:58:27 n1 slurmstepd: error: job killed"),
        Moment(datetime(2026, 11, 20, 11, 58, 30), "engine.log", 1, "2026-11-20 11:58:30 ERROR task failed"),
    )
    assert "11-20 11:58:25 task.log:2 tool: cannot open x.bam" in found.text.splitlines()


def test_scripts_and_settings_come_last_and_get_a_small_share() -> None:
    script = "\n".join(f"error_{n} = cannot(open={n})" for n in range(400))
    found = distil([log(script, "run.py"), log(f"{calm(300)}tool: broke", "task.log")])

    assert [one.source for one in found.sections] == ["task.log", "run.py"]
    assert tokens(found.text.partition("== run.py")[2]) < 500


def test_a_deep_java_trace_keeps_every_cause_and_the_own_frames() -> None:
    # Given 200 frames and four causes
    def frames(count: int, own: str) -> str:
        library = "".join(f"\tat java.base/java.util.concurrent.Pool.run{n}(Pool.java:{n})\n" for n in range(count))
        return f"\tat lab.caller.{own}\n{library}"

    causes = [
        'Exception in thread "main" java.lang.RuntimeException: run failed',
        "Caused by: java.util.concurrent.ExecutionException: task 3",
        "Caused by: java.io.UncheckedIOException: cannot load",
        "Caused by: java.nio.file.NoSuchFileException: ref.fa",
    ]
    text = "".join(f"{cause}\n{frames(49, f'Main.step{n}(Main.java:{n})')}" for n, cause in enumerate(causes))
    # When there is room for little else
    found = distil([log(text)], tokens=400)
    # Then they are there, and the frames between are counted
    lines = [line.partition(": ")[2] for line in found.text.splitlines()]
    assert [cause for cause in causes if cause not in lines] == []
    assert [n for n in range(4) if f"\tat lab.caller.Main.step{n}(Main.java:{n})" not in lines] == []
    assert found.text.count("… 49 frames of java.util.concurrent") >= 3


def test_fifty_workers_that_write_at_once_do_not_hide_the_one_that_failed_first(tmp_path: Path) -> None:
    def said(n: int) -> str:
        return f"[worker {n % 50}] INFO chunk {n} of 90000 done in 0.{n % 9} s\n"

    cause = "[worker 17] merge: sorted order violated at chr7:55181378"
    after = "".join(f"[worker {n}] ERROR aborted: another worker failed\n" for n in range(50) if n != 17)
    text = "".join(map(said, range(40_000))) + cause + "\n" + "".join(map(said, range(200))) + after

    assert cause in distil([big(tmp_path, text)]).text


def test_the_cause_between_two_storms_is_kept(tmp_path: Path) -> None:
    storm = "".join(f"WARN sample S{n}: {n * 7} reads miss a mate, error rate 0.{n}\n" for n in range(100_000))
    cause = "loader: cannot read index of batch B"

    found = distil([big(tmp_path, f"{storm}{cause}\n{storm}exit status 1\n")])

    assert cause in found.text
    assert found.tokens <= 4_000


def test_what_a_shell_shows_of_its_commands_does_not_hide_what_a_program_says() -> None:
    noise = "".join(f"+ for name in S{n}\n+ test -e error_{n}\n" for n in range(600))
    found = distil([log(f"{noise}+ tool --in S3.bam\ntool: truncated header\n{noise}+ exit 1")], tokens=300)

    assert "\n1201: + tool --in S3.bam\n1202: tool: truncated header\n" in found.text


@pytest.mark.parametrize("room", [0, 10, 60, 1_000])
@settings(max_examples=30, deadline=None)
@given(
    pieces=st.lists(
        st.text(max_size=60) | st.sampled_from(["error: x", '  File "a.py", line 3, in f', "\tat a.b(C.java:1)"])
    )
)
def test_no_text_breaks_it_and_none_is_over_its_room(room: int, pieces: list[str]) -> None:
    text = "\n".join(pieces)
    found = distil([log(text, "a"), log(text, "b.log")], tokens=room)

    assert found.tokens == tokens(found.text)
    assert found.tokens <= room or not found.sections
