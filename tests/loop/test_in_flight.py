"""An engine that holds a failed task back and asks: it is answered while its run goes on, or let go at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.loop.test_turn import World

from heal.evidence.scan import Scanner
from heal.home.spool import LISTENING
from heal.journal import Applied, Observed, State
from heal.knowledge.patterns import Library
from heal.records import Outcome, Verdict
from heal.store import Store

MEMORY = 'start\nTraceback (most recent call last):\n  File "a.py", line 3\nMemoryError\n'
NONE = {"v": 1, "answer": "none"}


def more(memory_mb: int) -> dict[str, Any]:
    return {"v": 1, "answer": "retry", "resources": {"memory_mb": memory_mb}}


class Asking(World):
    """A run that goes on, whose engine asks about each task that fails."""

    def asks(
        self,
        task: str,
        *,
        attempt: int = 1,
        text: str = MEMORY,
        asked: float = 400.0,
        question: str = "",
        job: str = "",
        waits_s: float = 600,
    ) -> str:
        """A try fails, and the engine waits some minutes for an answer: the question."""
        self.asked = asked
        name = question or f"question-{task.replace(':', '-')}-{attempt}"
        self.log(task.partition(":")[0], text)
        until = (self.now + timedelta(seconds=waits_s)).isoformat()
        self.say("task_failed", "r1", task, attempt, job=job, exit=1, asks=name, asks_until=until)
        return name

    def answer(self, question: str) -> dict[str, Any] | None:
        path = self.folder / ".heal" / "answers" / f"{question}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def forget_last(self, incident: str) -> None:
        """Undo the newest entry about an incident, as if heal had died before it was written."""
        with sqlite3.connect(self.folder / "heal.db") as database:
            [(newest,)] = database.execute("SELECT max(seq) FROM journal WHERE incident_id = ?", (incident,))
            database.execute("DELETE FROM journal WHERE incident_id = ? AND seq = ?", (incident, newest))

    def outcomes(self) -> list[Outcome]:
        bodies = [body for _one, bodies in reversed(self.store.newest(100)) for body in bodies]
        return [body.outcome for body in bodies if isinstance(body, Observed)]


@pytest.fixture
def world(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[Asking]:
    with Store.open(tmp_path / "heal.db") as store:
        made = Asking(tmp_path, store, *reader)
        made.starts("r1")
        yield made


def test_who_listens_shows_it(world: Asking) -> None:
    world.pass_time()
    assert (world.spool.folder / LISTENING).read_text() == "600\n"


def test_a_project_that_wants_no_waiting_is_let_go_at_once(world: Asking) -> None:
    # Given a heal that lets engines wait, and one project that does not
    own = world.settings
    projects = own.model_copy(update={"in_flight": own.in_flight.model_copy(update={"wait_seconds": 0})})
    world.parts = replace(world.parts, settings_for=lambda folder: projects if folder else own)
    world.reborn()
    # When a task fails there that heal could help
    question = world.asks("align:S1")
    world.pass_time()
    # Then its engine goes on at once, and is started again when it has ended
    assert (world.answer(question), world.states()) == (NONE, [State.DIAGNOSED])
    world.ends("r1", ok=False)
    world.pass_time()
    assert len(world.engine.launches) == 1


def test_a_task_is_tried_again_while_its_run_goes_on(world: Asking) -> None:
    question = world.asks("align:S1")
    world.pass_time()
    assert world.answer(question) == more(800)
    assert world.states() == [State.OBSERVING]
    world.asked = 800
    world.say("task_finished", "r1", "align:S1", 2)
    world.pass_time()
    assert (world.states(), world.outcomes()) == ([State.HEALED], [Outcome.HEALED])
    world.ends("r1", ok=True)
    world.pass_time()
    assert world.engine.launches == {}
    # and no answer that nobody has read outlives the run
    assert world.answer(question) is None


def test_more_that_fail_the_same_way_get_the_same_and_count_as_one_remedy(world: Asking) -> None:
    first = world.asks("align:S1")
    world.pass_time()
    others = [world.asks(f"align:S{n}") for n in (2, 3)]
    world.pass_time()
    assert [world.answer(one) for one in (first, *others)] == [more(800)] * 3
    assert world.store.remedies() == 1
    for n in (1, 2, 3):
        assert world.states() == [State.OBSERVING]
        world.say("task_finished", "r1", f"align:S{n}", 2)
        world.pass_time()
    assert world.states() == [State.HEALED]


def test_what_was_not_enough_is_raised_again(world: Asking) -> None:
    world.asks("align:S1")
    world.pass_time()
    again = world.asks("align:S1", attempt=2, asked=800)
    world.pass_time()
    assert world.answer(again) == more(1600)
    world.say("task_finished", "r1", "align:S1", 3)
    world.pass_time()
    assert (world.states(), world.outcomes()) == ([State.HEALED], [Outcome.SAME_FAILURE, Outcome.HEALED])


@pytest.mark.parametrize(
    "text",
    ["Traceback (most recent call last):\nNameError: name 'x' is not defined\n", "nothing that anybody knows\n"],
)
def test_what_heal_cannot_change_by_itself_is_let_go_at_once(world: Asking, text: str) -> None:
    question = world.asks("align:S1", text=text)
    world.pass_time()
    assert world.answer(question) == NONE


def test_what_a_person_is_asked_about_is_let_go_at_once(world: Asking) -> None:
    world.settings = world.settings.model_copy(
        update={"policy": world.settings.policy.model_copy(update={"resources": Verdict.ASK})}
    )
    question = world.asks("align:S1")
    world.pass_time()
    assert (world.answer(question), world.states()) == (NONE, [State.WAITING])


def test_a_question_that_was_never_answered_leaves_the_remedy_to_the_end_of_the_run(world: Asking) -> None:
    # Given a heal that was away for longer than the engine waits
    world.asks("align:S1")
    world.now += timedelta(minutes=11)
    world.pass_time()
    assert world.engine.launches == {}
    # When the run has ended
    world.ends("r1", ok=False)
    world.pass_time()
    # Then it is started again as ever
    assert [run for run, _orders in world.engine.launches.values()] == ["r1"]


def test_a_run_that_ends_before_the_task_came_home_is_started_again(world: Asking) -> None:
    world.asks("align:S1")
    world.pass_time()
    # Given another task that ends the run, which stops the one that was tried again
    world.say("task_submitted", "r1", "align:S1", 2)
    world.say("task_failed", "r1", "align:S1", 2, aborted=True, state="ABORTED")
    world.ends("r1", ok=False)
    world.pass_time()
    world.pass_time()
    # Then the run is started again with what the task was given
    [(run, orders)] = world.engine.launches.values()
    assert (run, [change.new for change in orders[0].fix.changes]) == ("r1", [800])
    assert world.states() == [State.OBSERVING]


def test_a_heal_that_died_before_it_could_write_the_answer_down_answers_again(world: Asking) -> None:
    question = world.asks("align:S1")
    world.pass_time()
    [(incident, bodies)] = world.store.newest(1)
    assert isinstance(bodies[-1], Applied)
    # Given a second loop on a store where only the beginning was written
    answer = world.folder / ".heal" / "answers" / f"{question}.json"
    answer.unlink()
    world.forget_last(incident.id)
    world.reborn()
    world.pass_time(15)
    assert world.answer(question) == more(800)
    assert world.states() == [State.OBSERVING]


def test_a_question_with_a_bad_name_is_not_answered_and_harms_nobody(world: Asking) -> None:
    world.log("align", MEMORY)
    until = (world.now + timedelta(minutes=10)).isoformat()
    for n, name in enumerate(("../../../x-marks-the-spot", ".hidden-name", 7)):
        world.say("task_failed", "r1", f"align:S{n}", exit=1, asks=name, asks_until=until)
    world.pass_time()
    assert not (world.folder / ".heal").exists()
    world.ends("r1", ok=False)
    world.pass_time()
    assert len(world.engine.launches) == 1


def test_a_failure_that_the_pipeline_ignores_is_told_and_left_alone(world: Asking) -> None:
    world.log("align", MEMORY)
    world.say("task_failed", "r1", "align:S1", exit=1, ignored=True, will_retry=False)
    world.pass_time()
    world.ends("r1", ok=True)
    world.pass_time()
    assert (world.states(), world.engine.launches) == ([State.DISMISSED], {})


def test_two_tasks_with_one_key_are_both_answered(world: Asking) -> None:
    # Given a task that is held back, and another one that goes by the same name
    first = world.asks("align:S1")
    second = world.asks("align:S1", question="question-of-another")
    world.pass_time()
    assert [world.answer(one) for one in (first, second)] == [more(800)] * 2


def test_another_task_with_the_key_of_one_that_was_answered_before_is_answered_as_well(world: Asking) -> None:
    world.asks("align:S1")
    world.pass_time()
    second = world.asks("align:S1", question="question-of-another")
    world.pass_time()
    assert world.answer(second) == more(800)
    # And one that fails when all is well again
    world.say("task_finished", "r1", "align:S1", 2)
    world.pass_time()
    third = world.asks("align:S1", question="question-of-a-third")
    world.pass_time()
    assert (world.answer(third), set(world.outcomes())) == (more(800), {Outcome.HEALED})


def test_jobs_with_one_key_came_home_when_each_did(world: Asking) -> None:
    # Given two jobs of a scheduler with one key
    for job in ("11", "12"):
        world.asks("align:S1", question=f"question-of-{job}", job=job)
    world.pass_time()
    assert [world.answer(f"question-of-{job}") for job in ("11", "12")] == [more(800)] * 2
    # When one of them comes home
    world.say("task_finished", "r1", "align:S1", 2, job="21")
    world.pass_time()
    assert world.states() == [State.OBSERVING]
    world.say("task_finished", "r1", "align:S1", 2, job="22")
    world.pass_time()
    assert world.states() == [State.HEALED]


def test_what_came_home_is_what_the_next_task_begins_with(world: Asking) -> None:
    # Given a task that came home at its second raise
    world.asks("align:S1")
    world.pass_time()
    world.asks("align:S1", attempt=2, asked=800)
    world.pass_time()
    world.say("task_finished", "r1", "align:S1", 3)
    world.pass_time()
    # When another one fails as the first did
    question = world.asks("align:S2")
    world.pass_time()
    assert world.answer(question) == more(1600)


def test_what_came_home_before_is_no_further_remedy(world: Asking) -> None:
    budget = world.settings.budget.model_copy(update={"per_run": 2})
    world.settings = world.settings.model_copy(update={"budget": budget})
    for n in range(5):
        question = world.asks(f"align:S{n}")
        world.pass_time()
        assert world.answer(question) == more(800)
        world.say("task_finished", "r1", f"align:S{n}", 2)
        world.pass_time()
    assert (world.store.remedies(lineage="r1"), world.states()) == (1, [State.HEALED] * 5)


def test_a_task_that_asks_for_more_than_the_remedy_gives_gets_a_share_of_its_own(world: Asking) -> None:
    first = world.asks("align:S1")
    world.pass_time()
    larger = world.asks("align:S2", asked=900)
    world.pass_time()
    assert (world.answer(first), world.answer(larger)) == (more(800), more(1800))
    for n in (1, 2):
        assert world.states() == [State.OBSERVING]
        world.say("task_finished", "r1", f"align:S{n}", 2)
        world.pass_time()
    assert world.states() == [State.HEALED]


def test_what_nothing_more_can_be_given_to_is_let_go_at_once(world: Asking) -> None:
    world.asks("align:S1")
    world.pass_time()
    # 4000 MB is all that this machine has
    question = world.asks("align:S2", asked=4000)
    world.pass_time()
    assert world.answer(question) == NONE


def test_a_launch_gives_no_task_less_than_it_asked(world: Asking) -> None:
    world.settings = world.settings.model_copy(
        update={"policy": world.settings.policy.model_copy(update={"resources": Verdict.ASK})}
    )
    # Given a task whose process asks for more elsewhere
    world.asked = 1500
    world.say("task_finished", "r1", "align:S9")
    world.asks("align:S1")
    world.pass_time()
    world.ends("r1", ok=False)
    # When a person says yes to twice what it asked
    [(incident, _bodies)] = world.store.newest(1)
    world.spool.drop("approval", {"incident": incident.id, "answer": "accept", "by": "ada"})
    world.pass_time()
    # Then the others keep what they have
    [(_run, [order])] = world.engine.launches.values()
    assert order.fix.changes[0].new == 1500


def test_a_launch_is_sized_for_all_that_failed(world: Asking) -> None:
    # Given a task that fails, and one that asks for more and fails the same way before the run ends
    world.log("align", MEMORY)
    world.say("task_failed", "r1", "align:S1", exit=1)
    world.pass_time()
    world.asked = 900
    world.say("task_failed", "r1", "align:S2", exit=1)
    world.pass_time()
    world.ends("r1", ok=False)
    world.pass_time()
    [(_run, [order])] = world.engine.launches.values()
    assert order.fix.changes[0].new == 1800


def test_an_answer_that_cannot_be_written_holds_nobody(world: Asking) -> None:
    # Given a folder that takes no answer
    (world.folder / ".heal").write_text("in the way", encoding="utf-8")
    question = world.asks("align:S1")
    world.pass_time()
    # Then nobody is told that somebody listens
    listening = world.spool.folder / LISTENING
    listening.unlink()
    world.pass_time()
    assert not listening.exists()
    # When it can be written after all
    (world.folder / ".heal").unlink()
    world.pass_time()
    assert world.answer(question) == more(800)
    world.pass_time()
    assert listening.exists()


def test_who_could_not_be_answered_has_gone_on_and_is_started_again_at_the_end(world: Asking) -> None:
    (world.folder / ".heal").write_text("in the way", encoding="utf-8")
    world.asks("align:S1")
    for _turn in range(15):
        world.pass_time()
    # Then others are listened to again
    assert world.engine.launches == {}
    assert (world.spool.folder / LISTENING).exists()
    world.ends("r1", ok=False)
    # what could not be done is tried again after ten minutes, by chance a little later
    world.pass_time(800)
    assert len(world.engine.launches) == 1


def test_a_retry_that_would_come_too_late_is_no_answer(world: Asking) -> None:
    # Given a failure that heal tries again after half a minute
    question = world.asks("align:S1", text="curl: (6) Could not resolve host: ftp.ebi.ac.uk\n", waits_s=20)
    world.pass_time()
    # Then who waits for twenty seconds is let go at once
    assert world.answer(question) == NONE


def test_answers_that_a_killed_heal_left_are_taken_away(world: Asking) -> None:
    question = world.asks("align:S1")
    world.pass_time()
    assert world.answer(question) == more(800)
    # Given the next heal
    world.reborn()
    world.pass_time()
    # When the run has ended
    world.ends("r1", ok=True)
    world.pass_time()
    assert world.answer(question) is None


def test_what_an_earlier_heal_answered_is_not_answered_again(world: Asking) -> None:
    question = world.asks("align:S1")
    world.pass_time()
    # Given an engine that has taken its answer
    (world.folder / ".heal" / "answers" / f"{question}.json").unlink()
    world.reborn()
    world.asks("align:S2")
    world.pass_time()
    world.say("task_finished", "r1", "align:S1", 2)
    world.say("task_finished", "r1", "align:S2", 2)
    world.pass_time()
    assert (world.answer(question), world.states()) == (None, [State.HEALED])
