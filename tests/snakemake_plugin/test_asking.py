"""What can be told of questions without a Snakemake: answers as they are read, and who waits how long for them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.snakemake_plugin.conftest import job_error, job_info, record
from tests.snakemake_plugin.test_recorder import recorder

from heal import whole_file
from heal.home.spool import Spool
from snakemake_logger_plugin_heal.asking import Desk, Grant, Question, Terms, grant, terms

Until = Callable[..., bool]


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ('{"v":1,"answer":"retry","resources":{"memory_mb":630,"time_min":10}}', {"memory_mb": 630, "time_min": 10}),
        ('{"v":1,"answer":"retry","resources":{"memory_mb":629.2}}', {"memory_mb": 630}),
        ('{"v":1,"answer":"retry","resources":{}}', {}),
        ('{"v":1,"answer":"retry"}', {}),
        ('{"v":1,"answer":"none"}', None),
        ('{"v":1,"answer":"perhaps"}', None),
        ('{"v":1,"answer":"retry","resources":{"gpus":1}}', None),
        ('{"v":1,"answer":"retry","resources":{"memory_mb":0}}', None),
        ('{"v":1,"answer":"retry","resources":{"memory_mb":true}}', None),
        ('{"v":1,"answer":"retry","resources":{"memory_mb":"630"}}', None),
        ('{"v":1,"answer":"retry","resources":{"memory_mb":Infinity}}', None),
        ('{"v":1,"answer":"retry","resources":["memory_mb"]}', None),
        ('{"v":1,"answer":"retry","resources":{"memory_mb":1e300}}', None),
        ('{"v":1,"answer":"retry","resources":{"time_min":1e13}}', None),
        ('{"v":9,"answer":"retry"}', None),
        ('{"v":true,"answer":"retry"}', None),
        ('{"answer":"retry"}', None),
        ("[" * 60_000, None),
        ('{"v":1,"answer":"re', None),
        ("[]", None),
        ("", None),
        ("\xff", None),
    ],
)
def test_an_answer_gives_what_it_says_or_nothing(text: str, given: Grant | None) -> None:
    assert grant(text.encode("latin-1")) == given


@pytest.mark.parametrize("said", ["", "0", "-5", "soon", "nan", "inf"])
def test_nobody_is_asked_unless_seconds_are_set(said: str) -> None:
    assert terms({"HEAL_IN_FLIGHT": said}, "/spool", "/work") is None


def test_answers_come_where_the_run_was_started() -> None:
    assert terms({"HEAL_IN_FLIGHT": "90.5"}, "/spool", "/work") == Terms(90.5, "/spool", "/work/.heal/answers")


def test_somebody_listens_whose_mark_is_less_than_half_a_minute_old(tmp_path: Path) -> None:
    agreed = Terms(9, str(tmp_path), str(tmp_path))
    assert not agreed.heard()
    mark = tmp_path / ".listening"
    mark.touch()
    assert agreed.heard()
    os.utime(mark, (time.time() - 31, time.time() - 31))
    assert not agreed.heard()
    # nor where its clock, or ours, is wrong
    os.utime(mark, (time.time() + 3600, time.time() + 3600))
    assert not agreed.heard()


@pytest.mark.parametrize(
    ("said", "seconds"), [("600\n", 600), ("", 0), ("0\n", 0), ("\xff", 0), ("nan", 0), ("9" * 400, 0)]
)
def test_who_was_told_nothing_waits_as_long_as_the_listener_says(tmp_path: Path, said: str, seconds: float) -> None:
    agreed = terms({}, str(tmp_path), str(tmp_path))
    assert agreed is not None
    assert (agreed.heard(), agreed.patience()) == (False, 0)
    (tmp_path / ".listening").write_text(said, encoding="latin-1")
    assert (agreed.heard(), agreed.patience()) == (seconds > 0, seconds)


def test_what_heal_writes_is_what_the_plugin_reads(tmp_path: Path) -> None:
    agreed = terms({}, str(tmp_path), str(tmp_path))
    assert agreed is not None
    Spool(tmp_path).attend(90.5)
    assert (agreed.heard(), agreed.patience()) == (True, 90.5)
    # and a heal that lets nobody wait
    Spool(tmp_path).attend()
    assert not agreed.heard()


class Room:
    """A desk, what is asked at it, and what becomes of the questions."""

    def __init__(self, folder: Path, seconds: float = 60) -> None:
        (folder / ".listening").touch()
        self.folder = folder
        self.asked: dict[str, str] = {}
        self.came: list[Mapping[str, Grant] | None] = []
        self.known: Callable[[], bool] = lambda: True
        self.desk = Desk(Terms(seconds, str(folder), str(folder)), self._ask)

    def _ask(self, names: Mapping[str, str], _until: str) -> list[str]:
        self.asked |= names if self.known() else {}
        return list(names.values()) if self.known() else []

    def put(self, *jobids: str, in_vain: Callable[[], bool] = lambda: False) -> None:
        self.desk.put(Question(jobids, self.came.append, in_vain))

    def say(self, jobid: str, answer: str) -> None:
        # whole, as heal does it: a desk that looks at the wrong moment must not find half of it
        whole_file.put(self.folder / f"{self.asked[jobid]}.json", answer)


RETRY = '{"v":1,"answer":"retry","resources":{"memory_mb":630}}'


def test_the_members_of_a_group_are_given_what_each_needs(tmp_path: Path, until: Until) -> None:
    room = Room(tmp_path)
    room.put("1", "2")
    assert until(lambda: len(room.asked) == 2)
    room.say("1", RETRY)
    room.say("2", '{"v":1,"answer":"retry"}')
    assert until(lambda: room.came)
    assert room.came == [{"1": {"memory_mb": 630}, "2": {}}]
    assert [path.name for path in tmp_path.iterdir()] == [".listening"]


def test_a_group_with_one_that_cannot_be_healed_is_given_nothing(tmp_path: Path, until: Until) -> None:
    room = Room(tmp_path)
    room.put("1", "2")
    assert until(lambda: len(room.asked) == 2)
    room.say("2", '{"v":1,"answer":"none"}')
    assert until(lambda: room.came)
    # and what was meant for the other one is not left lying when the run is over
    room.say("1", RETRY)
    room.desk.close()
    assert (room.came, [path.name for path in tmp_path.iterdir()]) == ([None], [".listening"])


def long(path: Path) -> None:
    path.write_text(RETRY + " " * 64 * 1024)


def linked(path: Path) -> None:
    path.with_suffix(".real").write_text(RETRY)
    path.symlink_to(path.with_suffix(".real"))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, linked, long])
def test_what_is_no_plain_file_of_a_sensible_size_is_no_answer(
    tmp_path: Path, until: Until, make: Callable[[Path], None]
) -> None:
    room = Room(tmp_path)
    room.put("1")
    assert until(lambda: room.asked)
    make(tmp_path / f"{room.asked['1']}.json")
    assert until(lambda: room.came, 5)
    assert room.came == [None]


def test_a_question_in_vain_is_not_waited_for(tmp_path: Path, until: Until) -> None:
    room = Room(tmp_path)
    over = threading.Event()
    room.put("1", in_vain=over.is_set)
    assert until(lambda: room.asked)
    over.set()
    assert until(lambda: room.came, 5)
    assert room.came == [None]


def test_nobody_waits_when_the_run_is_over(tmp_path: Path, until: Until) -> None:
    room = Room(tmp_path)
    room.put("1")
    assert until(lambda: room.asked)
    room.desk.close()
    assert until(lambda: room.came, 5)
    assert room.came == [None]


def test_what_raises_while_it_is_asked_goes_on_as_without_heal(tmp_path: Path, until: Until) -> None:
    room = Room(tmp_path)
    room.known = lambda: 1 / 0 > 0
    room.put("1")
    assert until(lambda: room.came)
    assert room.came == [None]


def broken(_granted: object) -> None:
    raise RuntimeError("an accident")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_accident_with_one_question_leaves_none_waiting(tmp_path: Path, until: Until) -> None:
    room = Room(tmp_path)
    room.desk.put(Question(["1"], broken, lambda: False))
    room.put("2")
    assert until(lambda: len(room.asked) == 2)
    room.say("1", RETRY)
    assert until(lambda: room.came)
    assert room.came == [None]
    # and the next one is taken as ever
    room.put("3")
    assert until(lambda: "3" in room.asked)
    room.say("3", RETRY)
    assert until(lambda: len(room.came) == 2)
    assert room.came == [None, {"3": {"memory_mb": 630}}]


def test_the_desk_opens_again_for_a_later_question(tmp_path: Path, until: Until) -> None:
    room = Room(tmp_path)
    for jobid in ("1", "2"):
        room.put(jobid)
        assert until(lambda jobid=jobid: jobid in room.asked)
        room.say(jobid, RETRY)
        assert until(lambda jobid=jobid: len(room.came) == int(jobid))
    assert until(lambda: not any(thread.name == "heal-asks" for thread in threading.enumerate()))
    assert room.came == [{"1": {"memory_mb": 630}}, {"2": {"memory_mb": 630}}]


def test_a_failure_is_asked_about_once_all_of_it_is_known() -> None:
    made = recorder()
    made.feed(job_info(1, "align"))
    made.feed(job_info(2, "sort"))
    made.feed(job_error(1, "align", thread="pool_0"))
    names = {"1": "a" * 32, "2": "b" * 32}
    assert made.ask(names, "2026-01-02T03:04:05+00:00") == []
    made.feed(job_error(2, "sort", thread="pool_0"))
    asked = made.ask(names, "2026-01-02T03:04:05+00:00")
    assert [(kind, task["key"], facts["asks"], facts["asks_until"]) for kind, task, facts in asked if task] == [
        ("task_failed", "align", "a" * 32, "2026-01-02T03:04:05+00:00"),
        ("task_failed", "sort", "b" * 32, "2026-01-02T03:04:05+00:00"),
    ]
    # it is told once, and the run's own last words are no failure beside it
    assert not made.holding
    assert [kind for kind, _, _ in made.end("WorkflowError: At least one job did not complete", [])] == ["run_finished"]


def test_a_job_that_was_asked_about_and_came_home_hides_no_later_failure_of_the_engine() -> None:
    made = recorder()
    made.feed(job_info(1, "align"))
    made.feed(job_error(1, "align", thread="pool_0"))
    made.ask({"1": "a" * 32}, "2026-01-02T03:04:05+00:00")
    made.feed(record(msg="Trying to restart job 1."))
    made.feed(job_info(1, "align"))
    made.feed(record("job_finished", job_id=1))
    told = made.end("OSError: disk full", [])
    assert [kind for kind, _, _ in told] == ["task_failed", "run_finished"]


def test_who_was_interrupted_is_not_asked_about() -> None:
    made = recorder()
    made.feed(job_info(1, "align"))
    made.feed(job_error(1, "align", thread="pool_0"))
    made.feed(record(msg="Terminating processes on user request, this might take some time."))
    assert made.ask({"1": "a" * 32}, "2026-01-02T03:04:05+00:00") == []
