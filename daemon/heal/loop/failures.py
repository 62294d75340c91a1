"""From failed attempts to incidents: each is explained, and filed with those that failed the same way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from heal.cases import Case
from heal.evidence.tails import silent
from heal.jobs import JobFacts
from heal.journal import Diagnosed, standing
from heal.loop.casebook import Casebook
from heal.loop.crowds import Crowds
from heal.loop.inquiry import Inquiry, worth_asking
from heal.loop.last_words import LastWords
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.records import Attempt, Diagnosis, Incident, Run
from heal.steps.diagnose import fingerprint
from heal.steps.gather import only_its_log_tells, settled
from heal.store import Scope

# what SLURM would say is worth that long a wait; and where heal itself has asked enough, until it may ask again
_UNHEARD = timedelta(seconds=90)
_CROWDED = timedelta(minutes=30)


class Failures:
    """Explains what failed, of many that are alike only a few with care."""

    def __init__(
        self, parts: Parts, book: Casebook, questions: Questions, scope: Callable[[], Scope], *, words: LastWords
    ) -> None:
        self._parts = parts
        self._book = book
        self._questions = questions
        self._scope = scope
        self._words = words
        self._inquiry = Inquiry(parts)
        self._crowds = Crowds()

    def again(self, incident: Incident) -> None:
        """Explain an incident anew, by the newest of its failures."""
        attempt = self._book.ill(incident)[-1]
        run = self._book.run(attempt.run_id)
        read = self._inquiry.read(run, attempt, self._questions.facts([attempt]).get(attempt.job))
        self._write_diagnosis(incident, run, attempt, read)

    def explain(self) -> None:
        """Give each failed attempt its incident: an open one with the same fingerprint, or a new one."""
        failures = [
            attempt for attempt in self._parts.store.unexplained(self._scope()) if not self._retried_by_engine(attempt)
        ]
        # of a task that no scheduler ran there is nobody to spare
        if not failures or (any(one.native_id for one in failures) and not self._questions.may_ask()):
            return
        jobs, now = self._questions.facts(failures), self._parts.clock()
        runs = {run_id: self._book.run(run_id) for run_id in {attempt.run_id for attempt in failures}}
        known = [(attempt, jobs.get(attempt.job)) for attempt in failures]
        due = [one for one in known if settled(*one) or self._waited(one[0], runs[one[0].run_id], now)]
        self._crowds.gather(due)
        alike: dict[str, list[Attempt]] = {}
        for attempt, job in due:
            if self._may_still_speak(attempt, job, runs[attempt.run_id], now):
                continue
            run = runs[attempt.run_id]
            logs = self._inquiry.logs(run, attempt, job)
            incident = self._crowds.incident_of(attempt, job, logs)
            # a settled one takes nobody in: whoever fails that way again is a new incident
            if incident is None or (incident not in alike and self._is_settled(incident)):
                incident, diagnosis = self._explain_one(attempt, run, job)
                self._crowds.explained(attempt, job, logs, diagnosis, incident)
            else:
                alike.setdefault(incident, []).append(attempt)
        for incident, attempts in alike.items():
            self._parts.store.file(attempts, incident)

    def _is_settled(self, incident: str) -> bool:
        return standing(self._parts.store.last(incident)).closed

    def _retried_by_engine(self, attempt: Attempt) -> bool:
        """The engine said it tries this one again by itself: not heal's turn before all that it said is read."""
        unread = self._words.left_to_engine(attempt) or self._parts.spool_waiting()
        return bool(attempt.facts.get("will_retry")) and unread

    def _waited(self, attempt: Attempt, run: Run, now: datetime) -> bool:
        """Accounting had its time; what is known by now has to do."""
        if self._parts.slurm is None or attempt.ended is None:
            return True
        wait = timedelta(seconds=self._parts.settings_for(run.cwd).slurm.accounting_wait_s)
        if attempt.job in self._questions.unheard:
            wait = max(wait, _CROWDED if self._questions.crowded else _UNHEARD)
        return now - attempt.ended > wait

    def _may_still_speak(self, attempt: Attempt, job: JobFacts | None, run: Run, now: datetime) -> bool:
        """True while the log of a job that just ended may come: what another host wrote is seen here seconds later."""
        if not only_its_log_tells(attempt, job) or attempt.ended is None:
            return False
        # SLURM prints the time of this host
        ended = datetime.fromisoformat(job.ended).astimezone() if job and job.ended else attempt.ended
        settings = self._parts.settings_for(run.cwd)
        # an engine that is held back for an answer is to have one in time
        longest = settings.in_flight.wait_seconds / 2 if "asks" in attempt.facts else settings.slurm.log_wait_s
        wait = timedelta(seconds=min(settings.slurm.log_wait_s, longest))
        if now - min(ended, attempt.ended) >= wait:
            return False
        return silent(job.log_paths if job and job.log_paths else attempt.log_paths)

    def _explain_one(self, attempt: Attempt, run: Run, job: JobFacts | None) -> tuple[str, Diagnosis]:
        """The incident it belongs to, and why."""
        read = self._inquiry.read(run, attempt, job)
        identity = fingerprint(*read)
        if (told := self._of_its_next_try(attempt)) is not None and told.fingerprint == identity:
            # heard of only now that its run is over: what the next try's incident came to holds for it too
            self._parts.store.file([attempt], told.id)
            return told.id, read[1]
        incident, opened = self._parts.store.join(attempt, identity, self._parts.clock())
        if opened:
            # one look for the incident, however many tasks of it fail
            self._write_diagnosis(incident, run, attempt, read)
        return incident.id, read[1]

    def _of_its_next_try(self, attempt: Attempt) -> Incident | None:
        """The incident of a later try that the engine itself made of this one, in the same run."""
        if not attempt.facts.get("will_retry"):
            return None
        store = self._parts.store
        tries = [one for one in store.attempts(attempt.lineage, attempt.key) if one.run_id == attempt.run_id]
        told = store.explained([one.id for one in tries if one.number > attempt.number])
        return store.incident(told[max(told)]) if told else None

    def _write_diagnosis(self, incident: Incident, run: Run, attempt: Attempt, read: tuple[Case, Diagnosis]) -> None:
        beside = self._parts.store.beside(attempt.lineage)
        jobs = self._questions.facts(worth_asking(attempt, beside))
        case, diagnosis = self._inquiry.looked(run, attempt, read, beside, jobs)
        took = case.job.elapsed_s if case.job else None
        self._book.write(incident, Diagnosed(diagnosis, case.evidence, case.findings, took))
