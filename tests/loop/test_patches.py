"""Where rules end: models are asked once, and a patch goes the way of every other fix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes.consultant import FakeConsultant, draft, patched
from tests.loop.test_turn import World

from heal.evidence.scan import Scanner
from heal.journal import Applying, Approved, Consulted, Decided, Dismissed, Observed, Proposed, Reverted, State
from heal.knowledge.patterns import Library
from heal.loop import Loop
from heal.model_settings import Model, Patches
from heal.patch import Trial
from heal.records import Change, Fix, FixKind, Verdict
from heal.settings import Policy
from heal.store import Scope, Store
from heal.store.codec import pack

LOG = "Traceback (most recent call last):\n  File \"align.py\", line 3, in <module>\nNameError: name 'smaple' is not defined\n"
PATCH = Fix(FixKind.PATCH, "align", (Change("patch", None, draft().patch_id), Change("files", None, "align.py")))
LOCAL = Model(base_url="http://127.0.0.1:1/v1", model="m")


@pytest.fixture
def world(tmp_path: Path, reader: tuple[Library, Scanner]) -> Iterator[World]:
    with Store.open(tmp_path / "heal.db") as store:
        made = World(tmp_path, store, *reader)
        made.settings = made.settings.model_copy(update={"model": {"local": LOCAL}})
        yield made


def consults(world: World, consultant: FakeConsultant) -> FakeConsultant:
    world.parts = replace(world.parts, consultant=consultant)
    world.reborn()
    return consultant


def fails(world: World, run: str = "r1", task: str = "align:a", parent: str | None = None) -> None:
    """A whole run in which a bug ends a task."""
    world.starts(run, parent)
    world.log("align", LOG)
    world.say("task_failed", run, task, exit=1)
    world.pass_time()
    world.ends(run, ok=False)
    world.pass_time()


def bodies(world: World, kind: type) -> list[object]:
    (incident, _bodies), *_ = world.store.newest(1)
    return [entry.body for entry in world.store.journal(incident.id) if isinstance(entry.body, kind)]


def says(world: World, *, accept: bool) -> None:
    (incident,) = world.loop.waiting()
    world.loop.answer(incident, accept=accept, by="me", why="" if accept else "not the cause")


def auto(world: World, *globs: str) -> None:
    world.settings = world.settings.model_copy(
        update={"policy": Policy(patch=Verdict.AUTO), "patches": Patches(auto=globs)}
    )


def test_a_bug_is_shown_to_a_model_and_its_patch_to_a_person(world: World):
    # Given a model that knows
    consultant = consults(world, FakeConsultant(patched(), thinks=3))
    # When a task fails by a bug
    fails(world)
    # Then heal is at work on it, and asks once however often it looks
    assert world.loop.busy()
    for _ in range(5):
        world.pass_time()
    assert [matter.incident.process for matter in consultant.asked] == ["align"]
    # And the patch waits for a person
    assert world.states() == [State.WAITING]
    assert bodies(world, Proposed) == [Proposed(PATCH)]
    assert bodies(world, Decided) == [Decided(Verdict.ASK, "policy.patch = ask")]
    assert (world.engine.calls, consultant.calls) == (0, 0)


def test_a_yes_puts_the_patch_into_the_files_and_runs_again_what_failed(world: World):
    # Given a patch that waits
    consultant = consults(world, FakeConsultant(patched()))
    fails(world)
    # When a person says yes
    says(world, accept=True)
    world.pass_time()
    # Then it is landed under the remedy's token, then the engine is started
    (applying,) = bodies(world, Applying)
    assert isinstance(applying, Applying)
    ((key, landed),) = consultant.landed.items()
    assert (key.partition("-")[0], landed) == (applying.token, draft())
    assert [order.fix for order in world.engine.launches[applying.token][1]] == [PATCH]
    # And what comes home is healed by it
    world.starts("r2", parent=applying.token)
    world.say("task_finished", "r2", "align:a")
    world.ends("r2", ok=True)
    world.pass_time()
    assert world.states() == [State.HEALED]


def test_a_no_takes_the_patch_back(world: World):
    consultant = consults(world, FakeConsultant(patched()))
    fails(world)
    says(world, accept=False)
    world.pass_time()
    assert (world.states(), consultant.withdrawn) == ([State.DISMISSED], [(draft().branch, "not the cause")])
    assert (world.engine.calls, consultant.calls) == (0, 0)


def test_a_patch_that_no_longer_fits_changes_nothing_and_starts_nothing(world: World):
    # Given a patch that the files have left behind
    consultant = consults(world, FakeConsultant(patched()))
    consultant.conflicts = "align.py was changed since"
    fails(world)
    # When a person says yes
    says(world, accept=True)
    world.pass_time()
    # Then that is told, and nothing was started
    (observed,) = bodies(world, Observed)
    assert isinstance(observed, Observed)
    assert observed.detail == "the patch is not in your files: align.py was changed since"
    assert (world.states(), world.engine.calls) == ([State.WAITING], 0)
    # And once they fit again, another yes lands it
    consultant.conflicts = ""
    says(world, accept=True)
    world.pass_time()
    assert (world.states(), len(consultant.landed), world.engine.calls) == ([State.OBSERVING], 1, 1)


def test_a_patch_that_the_files_hold_already_leaves_only_the_run_to_be_started(world: World):
    # Given a patch that came into the files by another incident, or by hand
    consultant = consults(world, FakeConsultant(patched()))
    consultant.there = True
    fails(world)
    # When a person says yes
    says(world, accept=True)
    world.pass_time()
    # Then what failed runs again
    assert (world.states(), world.engine.calls) == ([State.OBSERVING], 1)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (patched(replayed=False), "the failed task was not run again with it"),
        (patched(sure=False), "the second look was not sure of it"),
        (patched(minds="it changes a number"), "it changes a number"),
        (
            replace(patched(), trials=(Trial("engine", None, "1 job less"), Trial("replay", True))),
            "engine: 1 job less",
        ),
    ],
)
def test_a_doubt_makes_a_patch_that_policy_lets_act_wait(world: World, answer: Consulted, why: str):
    consults(world, FakeConsultant(answer))
    auto(world, "*.py")
    fails(world)
    assert (world.states(), bodies(world, Decided)) == ([State.WAITING], [Decided(Verdict.ASK, why)])


def test_a_file_that_is_not_named_waits_too(world: World):
    consults(world, FakeConsultant(patched()))
    auto(world, "scripts/*")
    fails(world)
    assert bodies(world, Decided) == [Decided(Verdict.ASK, "patches.auto does not name align.py")]


def test_a_glob_of_auto_is_read_from_the_root_as_those_of_allow_are(world: World):
    # Given a patch of a file in a folder
    deep = patched()
    assert deep.draft is not None
    deep = replace(deep, draft=replace(deep.draft, files=("scripts/deep/align.py",)))
    consults(world, FakeConsultant(deep))
    # When the globs name the files of the root, then it waits
    auto(world, "*.py", "scripts/*.py")
    fails(world)
    assert bodies(world, Decided) == [Decided(Verdict.ASK, "patches.auto does not name scripts/deep/align.py")]


def test_a_proven_patch_acts_by_itself_where_policy_and_globs_say_so(world: World):
    consultant = consults(world, FakeConsultant(patched()))
    auto(world, "*.py")
    fails(world)
    world.pass_time()
    assert (world.states(), len(consultant.landed), world.engine.calls) == ([State.OBSERVING], 1, 1)
    assert bodies(world, Approved) == []


def test_no_model_that_knows_leaves_the_advice_with_what_they_said(world: World):
    consultant = consults(world, FakeConsultant(Consulted("no model sees what to change")))
    fails(world)
    (proposed,) = bodies(world, Proposed)
    assert isinstance(proposed, Proposed)
    assert proposed.fix.kind is FixKind.ADVICE
    assert proposed.fix.why.endswith("; no model sees what to change")
    # and nobody is asked again, however long it waits
    world.pass_time(3600)
    world.pass_time()
    assert (world.states(), len(consultant.asked)) == ([State.WAITING], 1)


def test_silent_models_are_asked_again_after_a_while(world: World):
    # Given models that do not answer
    consultant = consults(world, FakeConsultant(Consulted("no model answered", later=True), patched()))
    fails(world)
    assert world.states() == [State.WAITING]
    # When less than a quarter of an hour has passed nothing happens
    world.pass_time(600)
    assert len(consultant.asked) == 1
    # Then they are asked again
    world.pass_time(600)
    world.pass_time()
    assert (world.states(), len(consultant.asked), bodies(world, Proposed)[-1]) == ([State.WAITING], 2, Proposed(PATCH))


def test_a_patch_that_does_not_help_is_told_to_the_next_question_and_never_offered_again(world: World):
    # Given a patch that was taken and failed the same way
    consultant = consults(world, FakeConsultant(patched(), patched(), patched("two")))
    fails(world)
    says(world, accept=True)
    world.pass_time()
    token = next(iter(world.engine.launches))
    fails(world, "r2", parent=token)
    world.pass_time()
    # Then the next question knows it, and the same patch is refused
    assert consultant.asked[1].before == (draft(),)
    assert world.states() == [State.GIVEN_UP]
    assert len(consultant.asked) == 2


def test_a_killed_heal_asks_again_and_lands_once(world: World):
    # Given a heal that died while models thought
    consultant = consults(world, FakeConsultant(patched(), thinks=50))
    fails(world)
    # When the next one comes
    again = consults(world, FakeConsultant(patched()))
    world.pass_time()
    assert (len(consultant.asked), len(again.asked), world.states()) == (1, 1, [State.WAITING])
    # And dies between landing and launch
    world.engine.refuses = ""
    says(world, accept=True)
    world.pass_time()
    world.loop = Loop(world.parts, Scope)
    world.pass_time()
    assert (len(again.landed), len(world.engine.launches)) == (1, 1)


def test_a_patch_that_nobody_answers_is_withdrawn(world: World):
    consultant = consults(world, FakeConsultant(patched()))
    fails(world)
    world.pass_time(15 * 24 * 3600)
    assert bodies(world, Dismissed) == [Dismissed("heal", "nobody answered for 14 days")]
    assert consultant.withdrawn == [(draft().branch, "nobody answered for 14 days")]


@pytest.mark.parametrize("change", [{"model": {}}, {"policy": Policy(patch=Verdict.REFUSE)}])
def test_without_models_or_where_policy_refuses_patches_nobody_is_asked(world: World, change: dict[str, object]):
    consultant = consults(world, FakeConsultant(patched()))
    world.settings = world.settings.model_copy(update=change)
    fails(world)
    assert (world.states(), consultant.asked) == ([State.WAITING], [])


def test_what_rules_heal_is_no_question_for_a_model(world: World):
    consultant = consults(world, FakeConsultant(patched()))
    world.fails_for_memory("r1", "align:a")
    world.pass_time()
    assert (world.states(), consultant.asked) == ([State.OBSERVING], [])


def test_a_patch_that_a_person_edited_is_the_one_that_lands(world: World):
    # Given a patch that waits
    consultant = consults(world, FakeConsultant(patched()))
    fails(world)
    (incident,) = world.loop.waiting()
    # When a person edits it, and says so through the spool as another heal would
    edited = Consulted("edited by me", draft("edited"))
    world.spool.drop("approval", {"incident": incident.id, "answer": "amend", "by": "me", "consulted": pack(edited)})
    world.pass_time()
    # Then what they made of it lands
    assert list(consultant.landed.values()) == [draft("edited")]
    assert world.states() == [State.OBSERVING]


def test_what_a_person_took_back_is_dismissed(world: World):
    consults(world, FakeConsultant(patched()))
    fails(world)
    (incident,) = world.loop.waiting()
    world.spool.drop("approval", {"incident": incident.id, "answer": "revert", "by": "me", "why": "commit abc"})
    world.pass_time()
    assert bodies(world, Reverted) == [Reverted("me", "commit abc")]
    assert world.states() == [State.DISMISSED]


def test_the_same_failure_of_the_next_run_is_not_asked_about_again(world: World):
    # Given a patch that waits, and a person who starts the pipeline again without an answer
    consultant = consults(world, FakeConsultant(patched(), patched("two")))
    fails(world)
    world.running.clear()
    fails(world, "r9", "align:a")
    # Then the patch there is waits for both, and models were asked once
    assert [matter.incident.run_id for matter in consultant.asked] == ["r1"]
    assert world.states() == [State.WAITING, State.WAITING]
    (answer,) = bodies(world, Consulted)
    assert isinstance(answer, Consulted)
    assert (answer.draft, answer.why.partition(": ")[0][:15]) == (draft(), "as for incident")


def test_a_hundred_incidents_are_asked_about_once_each(world: World):
    # Given a hundred tasks of a hundred processes that fail at once, and two hundred of one of them
    consultant = consults(world, FakeConsultant(*[patched(f"p{n}") for n in range(100)]))
    world.starts("r1")
    for n in range(100):
        world.log(f"align{n}", LOG.replace("smaple", f"smaple{n}"))
        world.say("task_failed", "r1", f"align{n}:a", exit=1)
    for n in range(200):
        world.say("task_failed", "r1", f"align0:b{n}", exit=1)
    world.pass_time()
    world.ends("r1", ok=False)
    for _ in range(3):
        world.pass_time()
    assert sorted(matter.incident.process for matter in consultant.asked) == sorted(f"align{n}" for n in range(100))
    assert world.states() == [State.WAITING] * 100


def test_a_patch_that_waits_is_not_taken_for_the_next_run_once_the_files_changed(world: World):
    # Given a patch that waits, and files that were edited since
    consultant = consults(world, FakeConsultant(patched(), patched("two")))
    fails(world)
    consultant.edited = True
    world.running.clear()
    fails(world, "r9", "align:a")
    # Then models are asked anew: what was tried was another state
    assert [matter.incident.run_id for matter in consultant.asked] == ["r1", "r9"]


def test_after_a_person_changed_something_models_are_asked_again(world: World):
    # Given advice, for models knew no patch
    consultant = consults(world, FakeConsultant(Consulted("no model sees what to change"), patched()))
    fails(world)
    says(world, accept=True)
    world.pass_time()
    token = next(iter(world.engine.launches))
    # When it fails the same way after a person said that it is changed
    fails(world, "r2", parent=token)
    world.pass_time()
    # Then they are asked about what is there now
    assert (len(consultant.asked), world.states()) == (2, [State.WAITING])
