"""SLURM's hooks: one event in the owner's folder, whatever is in the way, and never a delay for the controller."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from heal.home.slurm_site import Site

ME = pwd.getpwuid(os.geteuid()).pw_name
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="what others may do is tried as others, which needs root")

# what slurmctld 22.05 gave for real jobs
EPILOG = {
    "SLURM_JOB_ID": "7",
    "SLURM_JOBID": "7",
    "SLURM_JOB_USER": ME,
    "SLURM_JOB_UID": "1000",
    "SLURM_JOB_NAME": "plink",
    "SLURM_JOB_COMMENT": "of mine heal:t0k3n",
    "SLURM_JOB_WORK_DIR": "/data",
    "SLURM_JOB_STDOUT": "/data/out_%A_%a",
    "SLURM_JOB_EXIT_CODE": "768",
    "SLURM_JOB_EXIT_CODE2": "3:0",
    "SLURM_JOB_RESTART_COUNT": "1",
    "SLURM_JOB_PARTITION": "short",
    "SLURM_CLUSTER_NAME": "lab",
    "SLURM_SCRIPT_CONTEXT": "epilog_slurmctld",
}
JOBCOMP = {
    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
    "JOBID": "7",
    "ARRAYJOBID": "0",
    "ARRAYTASKID": "4294967294",
    "USERNAME": ME,
    "JOBNAME": "plink",
    "JOBSTATE": "FAILED",
    "EXITCODE": "137:0",
    "SUBMIT": "1795915977",
    "WORK_DIR": "/data",
    "PARTITION": "short",
    "CLUSTER": "lab",
}


@dataclass(frozen=True)
class Hooks:
    """The hooks as a site has them, writing to a spool of the test's own."""

    site: Site

    @property
    def folder(self) -> Path:
        return self.site.spool / ME

    def call(self, hook: str, env: Mapping[str, str], user: str | None = None) -> int:
        """Start a hook as slurmctld does: with this environment and no other."""
        argv = [str(self.site.scripts / f"slurm_{hook}.sh")]
        return subprocess.run(argv, env=dict(env), check=False, timeout=30, cwd="/", user=user).returncode

    def epilog(self, **changed: str) -> None:
        assert self.call("epilog", {**EPILOG, **changed}) == 0

    def jobcomp(self, **changed: str) -> None:
        assert self.call("jobcomp", {**JOBCOMP, **changed}) == 0

    def said(self) -> list[dict[str, Any]]:
        """The events, oldest first, without their time."""
        paths = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        events = [json.loads(path.read_bytes()) for path in paths]
        for event in events:
            assert event.pop("time")
        return events

    def dropped(self) -> int:
        path = self.site.spool / ".dropped" / ME
        return int(path.read_text()) if path.exists() else 0

    def room_for(self, files: int) -> None:
        script = self.site.scripts / "slurm_ended.sh"
        script.write_text(script.read_text().replace("\nmost=10000\n", f"\nmost={files}\n"))


@pytest.fixture
def hooks(tmp_path: Path) -> Hooks:
    site = Site(tmp_path / "etc" / "heal", tmp_path / "spool of a site", ME)
    site.install()
    site.admit(ME)
    return Hooks(site)


def test_the_epilog_tells_what_it_knows(hooks: Hooks):
    hooks.epilog()
    assert hooks.said() == [
        {
            "v": 1,
            "kind": "job_ended",
            "source": "slurm-hook",
            "task": {"name": "plink", "key": "7", "native_id": "7", "workdir": "/data"},
            "facts": {
                "exit": 3,
                "restarts": 1,
                "user": ME,
                "cluster": "lab",
                "partition": "short",
                "comment": "of mine heal:t0k3n",
                "stdout": "/data/out_%A_%a",
                "by": "epilog",
            },
        }
    ]


def test_jobcomp_tells_the_state_and_the_time_of_submission(hooks: Hooks):
    hooks.jobcomp(JOBSTATE="OUT_OF_MEMORY", EXITCODE="0:125")
    [event] = hooks.said()
    assert event["facts"] == {
        "state": "OUT_OF_MEMORY",
        "exit": 0,
        "signal": 125,
        "submitted": 1795915977,
        "user": ME,
        "cluster": "lab",
        "partition": "short",
        "by": "jobcomp",
    }


def test_an_element_is_named_as_people_name_it(hooks: Hooks):
    hooks.epilog(SLURM_ARRAY_JOB_ID="2", SLURM_ARRAY_TASK_ID="0")
    hooks.jobcomp(ARRAYJOBID="2", ARRAYTASKID="4")
    # an array that was cancelled while all of it waited is told of as one job
    hooks.jobcomp(JOBID="4", ARRAYJOBID="4", JOBSTATE="CANCELLED")
    assert [event["task"]["native_id"] for event in hooks.said()] == ["2_0", "2_4", "4"]


@pytest.mark.parametrize("state", ["PENDING", "REQUEUED", "REQUEUE_HOLD", ""])
def test_a_job_that_was_put_back_has_not_ended(hooks: Hooks, state: str):
    hooks.jobcomp(JOBSTATE=state)
    assert hooks.said() == []


def test_any_bytes_make_a_line_that_can_be_read(hooks: Hooks):
    # Given a name of every byte that a name can hold, a comment of four scripts, and what looks like them but is not
    every = bytes(range(1, 256))
    comment = 'ü € 😀 \t"\\'
    broken = b"\xc0\xaf\xed\xa0\x80\xf5\x80\x80\x80 a\xe2\x82"
    env = {**{name.encode(): text.encode() for name, text in EPILOG.items()}, b"SLURM_JOB_NAME": every}
    env |= {b"SLURM_JOB_COMMENT": comment.encode(), b"SLURM_JOB_WORK_DIR": broken}
    assert subprocess.run([hooks.site.scripts / "slurm_epilog.sh"], env=env, check=False, timeout=30).returncode == 0
    # Then all that is text is kept, and what is none is marked
    [event] = hooks.said()
    assert event["task"]["name"] == every[:127].decode() + "\ufffd" * 128
    assert event["facts"]["comment"] == comment
    assert event["task"]["workdir"] == "\ufffd" * 9 + " a" + "\ufffd" * 2


def test_what_is_too_long_is_left_out_and_the_event_stays_small(hooks: Hooks):
    long = '"' * 100_000
    hooks.epilog(SLURM_JOB_NAME=long, SLURM_JOB_COMMENT=long, SLURM_JOB_WORK_DIR=long)
    [event] = hooks.said()
    assert event["task"] == {"name": "7", "key": "7", "native_id": "7"}
    assert "comment" not in event["facts"]
    [file] = hooks.folder.iterdir()
    assert file.stat().st_size < 500


# as many characters as each may have; each that is escaped takes two bytes in the file
LONGEST = {"SLURM_JOB_NAME": 512, "SLURM_JOB_COMMENT": 512}
LONGEST |= dict.fromkeys(("SLURM_JOB_WORK_DIR", "SLURM_JOB_STDOUT", "SLURM_JOB_STDERR"), 4096)


def test_fields_that_are_too_long_together_are_dropped_and_counted(hooks: Hooks):
    # Given an event that would be the longest that fits, by letters that need no escape, and one of quotes
    hooks.epilog(**{name: "x" * most for name, most in LONGEST.items()})
    hooks.epilog(**{name: '"' * most for name, most in LONGEST.items()})
    # Then the first is written whole, and the other is dropped and counted, with nothing left behind
    [event] = hooks.said()
    found = {**event["task"], **event["facts"]}
    assert [len(found[name]) for name in ("name", "comment", "workdir", "stdout", "stderr")] == list(LONGEST.values())
    [file] = hooks.folder.iterdir()
    assert file.stat().st_size <= 16_384
    assert (hooks.dropped(), list((hooks.site.spool / ".new").iterdir())) == (1, [])


@pytest.mark.parametrize("hook", ["epilog", "jobcomp"])
def test_without_any_environment_nothing_happens(hooks: Hooks, hook: str):
    assert hooks.call(hook, {}) == 0
    assert hooks.said() == []


@pytest.mark.parametrize("name", ["..", ".new", "../spool of a site", "a/b", "-rf", "a b", "$(touch x)", "nobody else"])
def test_a_name_that_is_no_users_leads_nowhere(hooks: Hooks, name: str):
    before = sorted(hooks.site.spool.rglob("*"))
    hooks.epilog(SLURM_JOB_USER=name)
    assert sorted(hooks.site.spool.rglob("*")) == before


def test_a_user_who_did_not_ask_gets_nothing(hooks: Hooks):
    hooks.epilog(SLURM_JOB_USER="somebody")
    assert sorted(path.name for path in hooks.site.spool.iterdir()) == sorted([".dropped", ".new", ".next", ME])


def test_a_link_in_place_of_a_folder_is_not_followed(hooks: Hooks, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    hooks.folder.rmdir()
    hooks.folder.symlink_to(tmp_path / "elsewhere")
    hooks.epilog()
    assert list((tmp_path / "elsewhere").iterdir()) == []


@root_only
def test_a_folder_that_is_not_the_controllers_own_is_left_alone(hooks: Hooks):
    os.chown(hooks.folder, 65534, 65534)
    hooks.epilog()
    assert hooks.said() == []


# --- full, flooded, hostile ----------------------------------------------------------------------


def test_a_full_spool_drops_and_counts_and_goes_on_when_there_is_room(hooks: Hooks):
    hooks.room_for(3)
    for job in range(5):
        hooks.epilog(SLURM_JOB_ID=str(job))
    assert [event["task"]["key"] for event in hooks.said()] == ["0", "1", "2"]
    assert hooks.dropped() == 2
    for path in hooks.folder.iterdir():
        path.unlink()
    hooks.epilog(SLURM_JOB_ID="9")
    assert [event["task"]["key"] for event in hooks.said()] == ["9"]
    assert list((hooks.site.spool / ".new").iterdir()) == []


def test_names_that_a_user_has_taken_are_neither_followed_nor_opened(hooks: Hooks, tmp_path: Path):
    # Given a user who has put a pipe, links and a folder where the hook would write
    hooks.room_for(4)
    (tmp_path / "folder").mkdir()
    precious = tmp_path / "precious"
    precious.write_text("precious")
    os.mkfifo(hooks.folder / "0.json")
    (hooks.folder / "1.json").symlink_to(tmp_path / "folder")
    (hooks.folder / "2.json").hardlink_to(precious)
    (hooks.folder / "3.json").mkdir()
    # When jobs end
    started = time.monotonic()
    for _ in range(3):
        hooks.epilog()
    # Then nothing waited, nothing was written anywhere, and the events were dropped and counted
    assert time.monotonic() - started < 5
    assert (list((tmp_path / "folder").iterdir()), list((hooks.folder / "3.json").iterdir())) == ([], [])
    assert (precious.read_text(), hooks.dropped()) == ("precious", 3)


def test_a_link_that_leads_nowhere_is_a_name_that_is_taken(hooks: Hooks, tmp_path: Path):
    hooks.room_for(1)
    (hooks.folder / "0.json").symlink_to(tmp_path / "made by the hook")
    hooks.epilog()
    assert not (tmp_path / "made by the hook").exists()


def test_many_at_once_lose_nothing_while_there_is_room(hooks: Hooks):
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda job: hooks.epilog(SLURM_JOB_ID=str(job)), range(200)))
    assert sorted(int(event["task"]["key"]) for event in hooks.said()) == list(range(200))
    assert hooks.dropped() == 0


def test_many_at_once_never_make_a_full_spool_fuller(hooks: Hooks):
    hooks.room_for(20)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda job: hooks.epilog(SLURM_JOB_ID=str(job)), range(100)))
    assert len(hooks.said()) <= 20
    # who is dropped at the same moment may be counted once
    assert 1 <= hooks.dropped() <= 100 - len(hooks.said())


def test_a_spool_that_hangs_is_given_up(hooks: Hooks):
    # Given a file of the hook's own that makes it wait for ever, as a dead file system does
    os.mkfifo(hooks.site.spool / ".next" / ME)
    started = time.monotonic()
    hooks.epilog()
    # Then it is ended after two seconds, with the exit code of a hook that did well
    assert 1 < time.monotonic() - started < 10


@pytest.mark.parametrize("gone", ["", ".new", ".next", ".dropped"])
def test_a_spool_that_is_not_there_costs_nothing(hooks: Hooks, gone: str):
    for path in sorted((hooks.site.spool / gone).rglob("*"), reverse=True):
        path.rmdir()
    (hooks.site.spool / gone).rmdir()
    hooks.epilog()
    assert len(list(hooks.site.spool.rglob("*.json"))) == (0 if gone in ("", ".new") else 1)


@root_only
@pytest.mark.parametrize("part", [".new", ME])
def test_a_spool_that_cannot_be_written_costs_nothing(hooks: Hooks, reachable: Callable[[Path], None], part: str):
    # Given a controller that is not root, and may not write where it should
    reachable(hooks.site.spool)
    site = Site(hooks.site.scripts, hooks.site.spool, "nobody")
    site.install()
    site.admit(ME)
    (site.spool / part).chmod(0o500)
    assert hooks.call("epilog", EPILOG, user="nobody") == 0
    assert (hooks.said(), hooks.dropped()) == ([], 1)


@pytest.fixture
def reachable() -> Callable[[Path], None]:
    """Let others come as far as a test's own folder, as far as that can be (pytest's are private)."""

    def open_up(path: Path) -> None:
        for folder in (path, *path.parents[:-1]):
            if folder.stat().st_uid == os.geteuid() and folder != Path("/tmp"):
                folder.chmod(folder.stat().st_mode | 0o011)

    return open_up


@root_only
def test_a_controller_that_is_not_root_writes_what_only_that_user_may_read(
    hooks: Hooks, reachable: Callable[[Path], None]
):
    # Given a slurmctld that runs as a user of its own, and a user's folder made for it
    reachable(hooks.site.spool)
    site = Site(hooks.site.scripts, hooks.site.spool, "nobody")
    site.install()
    site.admit("daemon")
    assert hooks.call("epilog", {**EPILOG, "SLURM_JOB_USER": "daemon"}, user="nobody") == 0
    [path] = (site.spool / "daemon").iterdir()
    reading = ["cat", str(path)]

    def as_user(argv: list[str], user: str) -> int:
        return subprocess.run(argv, check=False, user=user, capture_output=True).returncode

    # Then that user reads and removes it, and another may do neither
    assert as_user(reading, "bin") != 0
    assert as_user(["rm", str(path)], "bin") != 0
    assert as_user(reading, "daemon") == 0
    assert as_user(["rm", str(path)], "daemon") == 0
    # and the user cannot touch what is the hooks' own
    assert as_user(["touch", str(site.spool / ".new" / "x")], "daemon") != 0
    assert as_user(["touch", str(site.spool / "x")], "daemon") != 0
