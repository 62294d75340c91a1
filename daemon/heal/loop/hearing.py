"""What hooks say of jobs: it makes the scheduler's answer worth having now, and stands for it where none comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

from heal.errors import BadEvent, SchedulerUnreachable
from heal.home.site import SiteSpool, Slip
from heal.home.spool import Spool
from heal.jobs import JobFacts, base_of
from heal.loop.arrays import element_of
from heal.loop.last_words import LastWords
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.loop.results import checked, take
from heal.loop.strangers import Strangers
from heal.records import Attempt, Event
from heal.steps import heard, watch
from heal.steps.heard import Word
from heal.steps.intake import parse
from heal.store import Scope

# the controller hears of the end first, and takes a moment to clean up before it says so itself
_SETTLES = timedelta(seconds=2)
# what hooks say makes heal ask no more often than this, however many jobs end
_HURRY_EVERY = timedelta(seconds=15)
# questions of its own, for each of two reasons
_QUESTION_EVERY = timedelta(minutes=1)
# who submitted the job is about to tell of it; found before that, it would be followed twice
_ANNOUNCED_WITHIN = timedelta(seconds=10)
_GIVEN_UP_AFTER = timedelta(days=2)
_EVER = datetime(1970, 1, 2, tzinfo=UTC)


class Hearing:
    """Reads the site's spool, and what wrapped jobs say in the user's own; the files wait until they are of no use.

    Several heals of one user may read the same spool: each takes what its own jobs need, and what nobody needs.
    """

    def __init__(
        self,
        parts: Parts,
        scope: Callable[[], Scope],
        questions: Questions,
        strangers: Strangers,
        *,
        words: LastWords,
    ) -> None:
        self._parts = parts
        self._last_words = words
        self._scope = scope
        self._questions = questions
        self._strangers = strangers
        self._words: dict[Slip, Word] = {}
        self._seen: dict[Slip, datetime] = {}
        self._own: dict[str, datetime] = {}
        self._begun: dict[Path, tuple[Spool, Event]] = {}
        self._open: dict[Slip, Attempt] = {}
        self._next_hurry: datetime | None = None
        self._next_question: dict[str, datetime] = {}
        self.pending = False

    def keeps(self, event: Event, spool: Spool, path: Path) -> bool:
        """Hear an event of the user's own spool; True where its file is to stay until this says that it is done.

        Raises BadEvent for one that is about a job of another cluster.
        """
        if event.kind in (heard.STARTED, heard.ENDED):
            heard.own_cluster(event, self._parts.cluster)
        if event.kind == heard.STARTED:
            self._begun[path] = (spool, event)
            return True
        if event.kind == heard.ENDED and event.task and event.task.native_id:
            self._own[event.task.native_id] = self._parts.clock()
        return False

    # --- before the scheduler is asked -----------------------------------------------------------

    def listen(self) -> None:
        """Take in what hooks said, and let the scheduler be asked soon where it is about a job that heal follows."""
        now = self._parts.clock()
        self._read(now)
        self._adopt(now)
        self._sort(now)
        self._catch_up(now)
        told = [self._seen[slip] for slip in self._open] + self._watched_own(now)
        if any(now - since >= _SETTLES for since in told) and (self._next_hurry is None or now >= self._next_hurry):
            self._next_hurry = now + _HURRY_EVERY
            self._questions.hurry()

    def _read(self, now: datetime) -> None:
        site = self._parts.site
        slips = site.slips() if site else []
        there = set(slips)
        self._words = {slip: word for slip, word in self._words.items() if slip in there}
        self._seen = {slip: since for slip, since in self._seen.items() if slip in there}
        for slip in slips:
            if site is not None and slip not in self._words and (said := _word(site, slip, self._parts.cluster)):
                self._words[slip] = said
                self._seen[slip] = now

    def _sort(self, now: datetime) -> None:
        """Which words are about jobs that are followed here; the rest goes, at once or when nobody can want it."""
        store = self._parts.store
        ids = sorted({job for said in self._words.values() for job in (said.job, said.base)})
        followed = _by_job(store.watched_jobs(ids) if ids else ())
        mine = self._scope()
        over = store.ended_jobs(ids) if ids else frozenset()
        projects = [PurePath(path) for path in store.projects()] if ids and self._parts.discovers else []
        self._open, self.pending = {}, False
        for slip, said in list(self._words.items()):
            named = (*followed.get(said.job, ()), *followed.get(said.base, ()))
            attempt = next((one for one in named if heard.is_of(said, one)), None)
            if attempt is not None and (attempt.native_id == said.job or said.job not in over):
                if mine.takes(attempt.lineage):
                    self._open[slip] = attempt
                elif now - said.at > heard.STALE_AFTER:
                    self._done(slip)
            elif attempt is not None or said.job in over or now - said.at > heard.STRANGE_AFTER:
                self._done(slip)
            elif _within(said.facts.workdir, projects):
                self.pending = True
                if now - self._seen[slip] > _ANNOUNCED_WITHIN:
                    self._strangers.hurry()

    def _watched_own(self, now: datetime) -> list[datetime]:
        """When jobs that are followed said in the user's own spool that they ended."""
        self._own = {job: since for job, since in self._own.items() if now - since < heard.STRANGE_AFTER}
        ids = [one for job in self._own for one in (job, base_of(job))]
        followed = {one.native_id for one in self._parts.store.watched_jobs(ids, self._scope())} if ids else set()
        return [since for job, since in self._own.items() if {job, base_of(job)} & followed]

    def _adopt(self, now: datetime) -> None:
        """Follow jobs whose owner wrapped them, where nobody else does."""
        strangers: dict[str, Path] = {}
        for path, (_spool, event) in list(self._begun.items()):
            job = (event.task.native_id if event.task else None) or ""
            announced = event.facts.get("run") or event.facts.get("token") or not self._parts.discovers
            known = announced or self._parts.store.last_submitted((job, base_of(job)))
            if known or now - event.time > _GIVEN_UP_AFTER or not job[:1].isdigit():
                self._heard_out(path)
            elif now - event.time > _ANNOUNCED_WITHIN:
                strangers[job] = path
        found = self._asked("begun", [_stand_in(job) for job in strangers], now) if strangers else None
        for job, path in strangers.items() if found is not None else ():
            facts = (found or {}).get(job)
            # an engine's job belongs to the engine, and one with heal's mark is followed already
            new = watch.unannounced([facts], {"/": _EVER}) if facts else []
            self._parts.store.take_many(watch.discovered(new, now))
            self._heard_out(path)

    def _heard_out(self, path: Path) -> None:
        spool, event = self._begun.pop(path)
        self._parts.store.take(event)
        spool.done(path)

    # --- words that are older than what the controller remembers ---------------------------------

    def _catch_up(self, now: datetime) -> None:
        """Of jobs that ended while no heal ran: ask about them first, before what nobody knows counts as forgotten."""
        old = {slip: one for slip, one in self._open.items() if now - self._words[slip].at > watch.FORGOTTEN_AFTER}
        asked = {said.job: element_of(old[slip], said.job) for slip, said in self._words.items() if slip in old}
        found = self._asked("ended", list(asked.values()), now) if old else None
        for slip, attempt in old.items() if found is not None else ():
            said = self._words[slip]
            facts = (found or {}).get(said.job)
            if facts is None and said.facts.state.over:
                self._believe(slip, attempt, now)
            elif facts is None or not facts.state.over:
                # it says nothing of how it ended, or of an earlier try: the rest is the poll's
                self._done(slip)

    def _asked(self, why: str, attempts: Sequence[Attempt], now: datetime) -> Mapping[str, JobFacts] | None:
        """What the scheduler knows of these; None where it cannot be asked now, or does not answer."""
        if self._parts.slurm is None or now < self._next_question.get(why, now):
            return None
        self._next_question[why] = now + _QUESTION_EVERY
        try:
            return self._parts.slurm.facts(attempts)
        except SchedulerUnreachable:
            return None

    # --- after it was asked ----------------------------------------------------------------------

    def settle(self) -> None:
        """What has ended by now is done with; where the scheduler is silent, a word that is enough stands for it."""
        now = self._parts.clock()
        over = self._over([self._words[slip].job for slip in self._open])
        for slip, attempt in list(self._open.items()):
            said = self._words[slip]
            if (attempt.id, said.job) in over:
                self._done(slip)
            elif self._questions.silent and heard.enough(said, now):
                self._believe(slip, attempt, now)

    def _over(self, jobs: Iterable[str]) -> set[tuple[int, str]]:
        """Attempt and job of the words whose end is in the store."""
        ids = sorted(set(jobs))
        ended = self._parts.store.ended_jobs(ids) if ids else frozenset()
        followed = (
            {one.id for one in self._parts.store.watched_jobs(sorted({*ids, *map(base_of, ids)}))} if ids else set()
        )
        return {
            (attempt.id, self._words[slip].job)
            for slip, attempt in self._open.items()
            if attempt.id not in followed
            or (self._words[slip].job != attempt.native_id and self._words[slip].job in ended)
        }

    def _believe(self, slip: Slip, attempt: Attempt, now: datetime) -> None:
        """Take the hook's word for the end, as the very event that the scheduler's answer would have been."""
        if self._last_words.left_to_engine(attempt):
            self._done(slip)
            return
        said = self._words[slip]
        events = watch.endings([attempt], {said.job: said.facts}, now)
        own = [one for one in events if one.task and one.task.native_id == said.job]
        taken = checked(self._parts, own)
        take(self._parts, taken)
        if len(taken) == len(own):
            self._done(slip)

    def _done(self, slip: Slip) -> None:
        if self._parts.site is not None:
            self._parts.site.done(slip)
        for kept in (self._words, self._seen, self._open):
            kept.pop(slip, None)


def _word(site: SiteSpool, slip: Slip, cluster: str) -> Word | None:
    text = site.text(slip)
    try:
        event = parse(slip.path.stem, text)
        heard.own_cluster(event, cluster)
        return _own(heard.word(event), site.user)
    except BadEvent as error:
        site.bad(slip, text, str(error))
        return None


def _own(said: Word, user: str) -> Word:
    if said.facts.user not in ("", user):
        raise BadEvent(f"it is about a job of {said.facts.user}")
    return said


def _by_job(attempts: Iterable[Attempt]) -> dict[str, list[Attempt]]:
    found: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        found.setdefault(attempt.job, []).append(attempt)
    return found


def _within(folder: str | None, projects: Sequence[PurePath]) -> bool:
    return folder is not None and any(PurePath(folder).is_relative_to(project) for project in projects)


def _stand_in(job: str) -> Attempt:
    return Attempt(0, "", "", "slurm", job, job, job, native_id=job)
