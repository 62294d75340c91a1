"""heal accept and heal reject: whoever looks after the run hears the answer, once, and nobody else is needed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest
from tests.cli.place import ASK, GREEDY, SNAKEMAKE, Begun, Place

from heal.home import places
from heal.home.lock import holder


@pytest.fixture
def waiting(place: Place) -> str:
    """The id of an incident that waits for a yes; nothing but its events is there."""
    place.file("heal.toml", ASK)
    place.fails("align")
    assert place.tells("tick").returncode == 0
    [incident] = place.incidents()
    assert incident["state"] == "waiting"
    return str(incident["id"])


@pytest.fixture
def failed(place: Place) -> str:
    """The id of an incident that waits for a yes, of a pipeline that can be run again."""
    place.file("heal.toml", ASK)
    place.file("Snakefile", GREEDY)
    assert place.run(*SNAKEMAKE, "--logger=heal").returncode == 1
    assert place.tells("tick").returncode == 0
    [incident] = place.incidents()
    assert incident["state"] == "waiting"
    return str(incident["id"])


def dismissal(place: Place, incident: str) -> tuple[str, str]:
    last = place.show(incident)["journal"][-1]
    return last["kind"], last["why"]


def test_a_rejected_incident_is_dismissed_with_the_reason(place: Place, waiting: str):
    # When a person says no, by the beginning of the id
    ended = place.tells("reject", waiting[:3], "--why", "not worth it")
    # Then the incident is dismissed, and nothing was started
    assert (ended.returncode, place.states()) == (0, ["dismissed"])
    assert dismissal(place, waiting) == ("dismissed", "not worth it")
    assert place.times_run() == {}
    # And a second answer changes nothing
    again = place.tells("reject", waiting, "--why", "really not")
    said = f"incident {waiting}: nothing to answer, it is dismissed\n"
    assert (again.returncode, again.stdout.decode()) == (0, said)
    assert place.tells("accept", waiting).stdout.decode() == said
    assert dismissal(place, waiting) == ("dismissed", "not worth it")


def test_a_no_needs_a_reason(place: Place, waiting: str):
    assert place.tells("reject", waiting).returncode == 2
    assert place.states() == ["waiting"]


def test_with_a_daemon_the_answer_is_sent_there(place: Place, waiting: str, until: Callable[..., bool]):
    place.tells("daemon", "start")
    sent = place.tells("reject", waiting, "--why", "not worth it")
    assert (sent.returncode, sent.stderr) == (0, b"")
    assert sent.stdout.decode().startswith(f"incident {waiting}: your answer is on its way to the daemon (pid ")
    assert until(lambda: place.states() == ["dismissed"], seconds=20)
    assert dismissal(place, waiting) == ("dismissed", "not worth it")


def test_an_incident_that_nobody_knows_is_named(place: Place, waiting: str):
    for argv in (("accept", "zzzz"), ("reject", "zzzz", "--why", "x"), ("show", "zzzz")):
        ended = place.tells(*argv)
        assert (ended.returncode, ended.stdout, ended.stderr.count(b"\n")) == (2, b"", 1)
        assert b"zzzz" in ended.stderr
    assert place.states() == ["waiting"]


def test_the_beginning_of_several_ids_is_none_of_them(place: Place):
    # Given more incidents than there are digits to begin with
    place.file("heal.toml", ASK)
    place.fails(*(f"step{n}" for n in range(17)))
    place.tells("tick")
    ids = [incident["id"] for incident in place.incidents()]
    assert len(ids) == 17
    first = next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1)
    # When one digit is to name one of them
    ended = place.tells("accept", first)
    # Then nothing is done
    assert (ended.returncode, ended.stdout, ended.stderr.count(b"\n")) == (2, b"", 1)
    assert set(place.states()) == {"waiting"}


@pytest.mark.snakemake
def test_an_accepted_incident_is_healed_in_the_foreground(place: Place, failed: str):
    # When a person says yes and nobody else heals
    ended = place.tells("accept", failed)
    # Then the command itself does what was proposed, and says so
    assert (ended.returncode, place.states()) == (0, ["healed"])
    assert f"came home · incident {failed} healed" in ended.stderr.decode()
    assert place.times_run() == {"greedy": 2, "report": 1}
    # And a second yes changes nothing
    again = place.tells("accept", failed)
    assert (again.returncode, again.stdout.decode()) == (
        0,
        f"incident {failed}: it is healed, nothing is to be done\n",
    )
    assert place.times_run() == {"greedy": 2, "report": 1}


@pytest.mark.snakemake
def test_with_a_daemon_an_accepted_incident_is_healed_there(place: Place, failed: str, until: Callable[..., bool]):
    # Given a daemon
    place.tells("daemon", "start")
    # When a person says yes twice
    for _ in range(2):
        assert place.tells("accept", failed).returncode == 0
    # Then it is healed there, once
    assert until(lambda: place.states() == ["healed"], seconds=60, every=1)
    assert place.times_run() == {"greedy": 2, "report": 1}


@pytest.fixture
def held_up(place: Place, failed: str) -> Iterator[tuple[str, str, Begun]]:
    """A heal accept that has begun and waits for its pipeline, its incident's id, and the id of another run's."""
    place.fails("align")
    assert place.tells("tick").returncode == 0
    [other] = [one["id"] for one in place.incidents() if one["id"] != failed]
    # what its pipeline waits for is gone
    text = (place.work / "Snakefile").read_text()
    place.file("Snakefile", text.replace("{config[waits_for]}", "go"))
    with place.begins("accept", failed, stderr=subprocess.DEVNULL) as begun:
        yield failed, other, begun
        # no pipeline outlives a test that fails
        place.file("go", "")


@pytest.mark.snakemake
def test_what_an_interrupted_yes_began_the_next_one_ends(
    place: Place, held_up: tuple[str, str, Begun], until: Callable[..., bool]
):
    # Given a heal accept that is at work
    failed, _other, begun = held_up
    assert until(lambda: place.times_run().get("greedy") == 2, seconds=60)
    # Then a second one leaves it to that
    again = place.tells("accept", failed)
    assert (again.returncode, again.stdout.decode()) == (0, f"incident {failed}: already on its way, it is observing\n")
    # When it is killed, and nobody is at work
    begun.kill()
    begun.wait()
    # Then the next one goes on with it, to its end
    with place.begins("accept", failed, stderr=subprocess.DEVNULL) as ends:
        assert until(lambda: holder(places.lock(place.home)) is not None, seconds=60)
        place.file("go", "")
        assert ends.wait(90) == 0
    assert place.times_run() == {"greedy": 2, "report": 1}
    assert place.show(failed)["state"] == "healed"


@pytest.mark.snakemake
def test_a_no_does_not_wait_for_the_work_of_another_run(
    place: Place, held_up: tuple[str, str, Begun], until: Callable[..., bool]
):
    # Given a heal accept that is at work
    failed, other, begun = held_up
    assert until(lambda: place.times_run().get("greedy") == 2, seconds=60)
    # When a person says no to an incident of another run, Then that is heard meanwhile
    ended = place.tells("reject", other, "--why", "not worth it")
    said = f"incident {other}: it is dismissed; heard by heal accept, pid {begun.pid}\n"
    assert (ended.returncode, ended.stdout.decode(), begun.poll()) == (0, said, None)
    assert dismissal(place, other) == ("dismissed", "not worth it")
    # And what is at work goes on
    place.file("go", "")
    assert (begun.wait(90), place.show(failed)["state"]) == (0, "healed")
