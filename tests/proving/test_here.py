"""A replay on this machine: bounded, and ended with all that it started."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from heal.errors import NotReplayable
from heal.patch import Draft, Trial
from heal.proving.asking import Said, asked, never
from heal.proving.here import TOKEN, Here, end_all, told
from heal.proving.replay import Act, Failed, Ran, Replay, Stop, judged, token_of
from heal.records import Attempt, Run

RUN = Run("r", "r", "snakemake", "/data", ("snakemake",), datetime(2026, 1, 2, tzinfo=UTC))
FAILED = Failed("7f3a", RUN, Attempt(1, "r", "r", "snakemake", "align", "align", "align"))


def act(folder: Path, command: str, **more: object) -> Act:
    (folder / "cwd").mkdir(exist_ok=True)
    return Act(folder, ("bash", "-c", command), folder / "cwd", {"PATH": os.environ["PATH"]}, **more)


def ran(folder: Path, command: str, seconds: float = 20, *, stop: Stop = never, most_mb: int = 20_000) -> Ran:
    here = Here(most_mb=most_mb)
    # the whole path: other workers have folders of this name
    return replace(here.run(act(folder, command), FAILED, str(folder), seconds, stop=stop), seconds=0.0)


def test_exit_code_and_words_are_kept(tmp_path: Path):
    assert ran(tmp_path, "echo out; echo err >&2; read -r x; exit 3") == Ran(3)
    assert (tmp_path / "replay.log").read_text(encoding="utf-8") == "out\nerr\n"


def test_a_task_of_its_own_124_is_no_time_out(tmp_path: Path):
    assert ran(tmp_path, "exit 124") == Ran(124)
    assert ran(tmp_path, "kill -9 $$") == Ran(137)


def test_what_does_not_end_in_time_is_ended(tmp_path: Path):
    assert ran(tmp_path, "sleep 600", seconds=2) == Ran(None, "it did not end within 2 s")


def test_what_it_leaves_running_is_ended_in_whatever_session(tmp_path: Path):
    assert ran(tmp_path, "setsid sleep 4321 & nohup sleep 4321 & echo $! > pid") == Ran(0)
    pid = int((tmp_path / "cwd/pid").read_text(encoding="ascii"))
    assert not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    assert [path for path in Path("/proc").glob("[0-9]*/cmdline") if is_sleep(path)] == []


@pytest.mark.parametrize(
    ("ends", "long", "expected"),
    [("exit 3", "4322", Ran(3)), ("sleep 600", "4323", Ran(None, "heal was told to end"))],
)
def test_nothing_hides_from_that_in_an_environment_of_its_own(
    tmp_path: Path, until: Callable[..., bool], ends: str, long: str, expected: Ran
):
    # Given what has neither session, nor parent, nor token of the replay
    command = (
        f"(env -i setsid bash -c 'env -i setsid sleep {long} & sleep {long}' & ); touch {tmp_path}/up; sleep 1; {ends}"
    )
    assert ran(tmp_path, command, stop=lambda: ends != "exit 3" and (tmp_path / "up").exists()) == expected
    assert until(lambda: not any(is_sleep(path, long.encode()) for path in Path("/proc").glob("[0-9]*/cmdline")))


def test_nothing_is_left_of_what_is_asked(tmp_path: Path):
    env = {"PATH": os.environ["PATH"]}
    begun = "env -i setsid sleep 4323 &"
    assert asked(("bash", "-c", f"{begun} echo said; exit 4"), tmp_path, env, 30, wholly=True) == Said(4, "said\n")
    assert asked(("bash", "-c", f"{begun} sleep 4323"), tmp_path, env, 1, wholly=True) == Said(
        None, "it did not end within 1 s"
    )
    assert [path for path in Path("/proc").glob("[0-9]*/cmdline") if is_sleep(path, b"4323")] == []
    nobody = asked(("no-such-program",), tmp_path, env, 30, wholly=True)
    assert nobody == Said(127, "no-such-program cannot be started: No such file or directory\n")


def is_sleep(path: Path, seconds: bytes = b"4321") -> bool:
    try:
        return b"sleep\x00" + seconds in path.read_bytes()
    except OSError:
        return False


def test_a_file_that_grows_without_end_is_cut_off(tmp_path: Path):
    found = ran(tmp_path, "yes > large", most_mb=5)
    assert (found.code, (tmp_path / "cwd/large").stat().st_size) == (153, 5 << 20)


def test_many_files_together_are_bounded_too(tmp_path: Path):
    command = "for n in {1..400}; do head -c 2000000 /dev/zero > $n; sleep 0.05; done"
    assert ran(tmp_path, command, most_mb=20) == Ran(None, "it wrote more than 20 MB")


def test_heal_that_is_told_to_end_ends_it(tmp_path: Path):
    assert ran(tmp_path, "sleep 600", stop=lambda: True) == Ran(None, "heal was told to end")


def test_one_that_nobody_waits_for_is_found_by_its_token(tmp_path: Path, until: Callable[..., bool]):
    # Given what a heal that was killed left running
    env = {"PATH": os.environ["PATH"], TOKEN: f"tok-{tmp_path.name}"}
    left = subprocess.Popen(["sleep", "600"], env=env, start_new_session=True)
    Here().settle(tmp_path, f"tok-{tmp_path.name}x")
    assert left.poll() is None
    Here().settle(tmp_path, f"tok-{tmp_path.name}")
    assert until(lambda: left.poll() == -signal.SIGKILL)
    assert end_all(f"tok-{tmp_path.name}") == 0


@pytest.mark.parametrize(
    ("found", "why", "expected"),
    [
        (None, "", Ran(None, "it was killed before it ended", 9.0)),
        (None, "it wrote more than 5 MB", Ran(None, "it wrote more than 5 MB", 9.0)),
        ((0, 3.0), "", Ran(0, "", 3.0)),
        ((124, 60.0), "", Ran(None, "it did not end within 60 s", 60.0)),
        ((124, 3.0), "", Ran(124, "", 3.0)),
    ],
)
def test_how_an_end_is_told(found: tuple[int, float] | None, why: str, expected: Ran):
    assert told(found, why, 60, 9.0) == expected


# --- what is made of it ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code", "passed", "words"),
    [
        ("boom", 1, False, "boom"),
        ("sh: x: Read-only file system", 1, None, "it writes where a replay lets nothing be written"),
        ("srun: error: Munge encode failed", 1, None, "which would run outside of the replay"),
        ("docker: Cannot connect to the Docker daemon at unix:///run/docker.sock.", 125, None, "it needs Docker"),
        ("File size limit exceeded (core dumped)", 153, None, "it writes more than a replay may"),
        ("well", 0, True, "made out.txt (1 bytes)"),
    ],
)
def test_a_failure_that_a_replay_itself_brings_is_not_held_against_the_change(
    tmp_path: Path, said: str, code: int, passed, words
):
    (tmp_path / "replay.log").write_text(f"{said}\n", encoding="utf-8")
    (tmp_path / "out.txt").write_text("1", encoding="utf-8")
    found = judged(act(tmp_path, "", outputs=(tmp_path / "out.txt",)), Ran(code, "", 2.0), FAILED)
    assert (found[0], words in found[1]) == (passed, True), found[1]


class Stages:
    """Makes an act that runs a command, or says why not."""

    def __init__(self, command: str, refuses: str = "") -> None:
        self.command, self.refuses = command, refuses

    def act(self, draft: Draft, failed: Failed, folder: Path, *, stop: Stop) -> Act:
        if self.refuses:
            raise NotReplayable(self.refuses)
        return act(folder, self.command, outputs=(folder / "cwd/out.txt",))


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return Draft(tmp_path, tmp_path / ".git", "b", "0", "c" * 40, "p", tmp_path, (), "s", "w")


def tried(draft: Draft, stages: Stages, failed: Failed = FAILED, stop: Stop = never) -> Trial:
    return replace(Replay({"snakemake": stages}, {"local": Here()}, minutes=1).tried(draft, failed, stop), seconds=0.0)


def test_nothing_is_left_of_a_replay(draft: Draft):
    trial = tried(draft, Stages("echo 1 > out.txt"))
    assert (trial.passed, trial.said.partition("\n")[2]) == (True, "made out.txt (2 bytes)")
    assert sorted(path.name for path in (draft.repository / ".heal/replay").iterdir()) == [".gitignore", "7f3a.lock"]


def test_two_replays_of_an_incident_do_not_run_at_once(draft: Draft):
    # Given one that tries a second one while it runs
    inner = []

    class Nested(Stages):
        def act(self, draft: Draft, failed: Failed, folder: Path, *, stop: Stop) -> Act:
            inner.append(tried(draft, Stages("echo 1 > out.txt"), failed, lambda: True))
            inner.append(tried(draft, Stages("echo 1 > out.txt"), replace(failed, incident="1c09")))
            return super().act(draft, failed, folder, stop=stop)

    assert tried(draft, Nested("echo 1 > out.txt")).passed is True
    assert inner[0] == Trial("replay", None, "another replay for incident 7f3a is going on")
    assert inner[1].passed is True


def test_candidates_that_are_tried_at_once_are_replayed_one_after_the_other(draft: Draft):
    # Given two changes for one incident, in two threads, whose tasks would see each other
    busy = draft.repository / "busy"
    command = f"mkdir {busy} && echo 1 > out.txt; sleep 0.3; rmdir {busy}"
    drafts = [replace(draft, commit=letter * 40) for letter in "ab"]
    with ThreadPoolExecutor() as pool:
        trials = list(pool.map(lambda one: tried(one, Stages(command)), drafts))
    assert [trial.passed for trial in trials] == [True, True]


def test_what_cannot_be_replayed_says_why(draft: Draft):
    assert tried(draft, Stages("", "its input is gone")) == Trial("replay", None, "its input is gone")
    other = replace(FAILED, run=replace(RUN, engine="make"))
    assert tried(draft, Stages(""), other).said == "tasks of make cannot be replayed here on this machine"
    job = replace(FAILED, attempt=replace(FAILED.attempt, native_id="81723"))
    assert tried(draft, Stages(""), job).said == "tasks of snakemake cannot be replayed here as a job of its scheduler"


def test_a_token_is_that_of_the_incident_the_change_and_the_repository(draft: Draft):
    token = token_of(draft, FAILED)
    assert re.fullmatch("replay-7f3a-cccccccccccc-[0-9a-f]{8}", token)
    assert token_of(replace(draft, repository=draft.repository.with_name("copy")), FAILED) != token
