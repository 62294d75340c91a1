"""Whose turn it is: of an incident's jobs, those whose last try is its own, and that nobody else has put back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import chain

from heal.jobs import JobFacts, JobState, base_of
from heal.journal import Applying, Approved, Body, Decided, Diagnosed, Dismissed, Observed, Proposed, Proven
from heal.knowledge.reused import ran_again
from heal.loop.casebook import Casebook
from heal.loop.originals import Originals
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.records import Attempt, Incident, Label, Outcome, Verdict
from heal.steps import watch
from heal.store import Scope

# who puts a job back does so after a look at it; while nobody says anything, what SLURM said of its end a moment ago
# still holds
_FRESH = timedelta(minutes=1)
# a change that got so many jobs further, each of which failed otherwise, is not tried on yet another one
_MOST_TRIALS = 3
_GOING_ON = (JobState.PENDING, JobState.RUNNING)


class Due:
    """Tells which jobs may be submitted again: never one that runs, waits, or has failed otherwise since."""

    def __init__(self, parts: Parts, book: Casebook, questions: Questions) -> None:
        self._parts = parts
        self._book = book
        self._questions = questions
        self._originals = Originals(parts, questions)

    def of(self, incident: Incident) -> tuple[Attempt, ...]:
        """The last tries of its tasks, oldest first. Raises ``SchedulerUnreachable`` where that cannot be told now.

        A job that was requeued since, by the site or by a person, is followed as the next try of its task; so is one
        that was told to wait in vain and does not any more. One that still does is not among them.
        """
        mine = self._last_tries(incident)
        originals = self._originals.look(incident, mine)
        put_back = [*self._put_back(incident, mine), *originals.on]
        if put_back:
            now = self._parts.clock()
            self._parts.store.take_many([watch.put_back(attempt, job, now) for attempt, job in put_back])
            mine = self._last_tries(incident)
        return tuple(one for one in mine if one.id not in originals.kept)

    def instead(self, incident: Incident) -> Body | None:
        """What to write of an incident of which nothing is due; None while its tasks still run.

        Raises ``SchedulerUnreachable`` where that cannot be told now.
        """
        if why := self._originals.look(incident, self._last_tries(incident)).why:
            return Decided(Verdict.ASK, why)
        last = self._book.last(incident)
        token = last.body.token if last and isinstance(last.body, Proven) else None
        still = {attempt.key for attempt in self._book.still_ill(incident)}
        if not still:
            home = Dismissed(incident.engine, "it came home at a later attempt of its own")
            return Observed(token, Outcome.HEALED) if token else home
        own = Scope(only=frozenset({incident.lineage}))
        if self._parts.store.unexplained(own) or any(one.key in still for one in self._parts.store.watched(own)):
            return None
        why = "its jobs were tried again since, and failed otherwise"
        return Observed(token, Outcome.OTHER_FAILURE, why) if token else Dismissed(incident.engine, why)

    def gathered(self, incident: Incident) -> bool:
        """While others of an array still run, or are not explained yet, more of it may go the same way: together."""
        ill = self._book.ill(incident)
        arrays = {base_of(attempt.job) for attempt in ill if "_" in attempt.job}
        own = Scope(only=frozenset({incident.lineage}))
        # accounting hears of the elements of an array one after the other
        open_ones = chain(self._parts.store.watched(own), self._parts.store.unexplained(own))
        if not any(base_of(one.job) in arrays for one in open_ones):
            return True
        newest = max((attempt.ended for attempt in ill if attempt.ended), default=None)
        wait = self._parts.settings_for(self._book.run(incident.run_id).cwd).arrays.gather_seconds
        return newest is None or (self._parts.clock() - newest).total_seconds() >= wait

    def goes_on(self, incident: Incident, others: Collection[str]) -> Decided | None:
        """What to write where a change got a job further, which then failed otherwise, and more wait for the change.

        ``others``: the incidents of what failed. It is tried on another one, some times; where somebody cancelled the
        job, nothing more of it is started. Raises ``SchedulerUnreachable`` where what is left cannot be told now.
        """
        bodies = [entry.body for entry in self._parts.store.journal(incident.id)]
        proposed = max((at for at, body in enumerate(bodies) if isinstance(body, Proposed)), default=0)
        trials = sum(isinstance(body, Applying) for body in bodies[proposed:])
        if trials >= _MOST_TRIALS or any(map(self._was_cancelled, others)) or not self.of(incident):
            return None
        return Decided(
            Verdict.AUTO, "it got one further, which then failed otherwise: the others are still to be tried"
        )

    def _was_cancelled(self, incident: str) -> bool:
        journal = self._parts.store.journal(incident)
        return any(isinstance(one.body, Diagnosed) and one.body.diagnosis.label is Label.CANCELLED for one in journal)

    def _last_tries(self, incident: Incident) -> tuple[Attempt, ...]:
        again = self._parts.store.tried_again(incident.id)
        last = {attempt.key: attempt for attempt in self._book.members(incident)}
        return tuple(sorted((one for one in last.values() if one.id not in again), key=lambda one: one.id))

    def _put_back(self, incident: Incident, attempts: Sequence[Attempt]) -> list[tuple[Attempt, JobFacts]]:
        """Those of them that were put back since: they are in the queue again, or have ended once more.

        A person may have run one again and then said yes: after a yes it is looked at however fresh its end is.
        """
        now, last = self._parts.clock(), self._parts.store.last(incident.id)
        said = last.at if last and isinstance(last.body, Approved) else None
        ended = [(one, one.ended) for one in attempts if one.native_id and one.ended and "advice" not in one.facts]
        old = [(one, at) for one, at in ended if said or now - at > _FRESH]
        if not old:
            return []
        known = self._questions.since([one for one, _at in old], said or max(at for _one, at in old) + _FRESH)
        found = [(one, job) for one, _at in old if (job := known.get(one.job))]
        return [(one, job) for one, job in found if job.state in _GOING_ON or ran_again(one, job)]
