"""What others of a process that ended well were seen to hold: in this run, in earlier ones, and by accounting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from heal.errors import AskedEnough, SchedulerUnreachable
from heal.evidence.inputs import Inputs
from heal.jobs import JobFacts, JobState, base_of
from heal.knowledge.job_names import Whose, whose
from heal.knowledge.sizing import size_class
from heal.loop.casebook import Casebook
from heal.loop.parts import Parts
from heal.loop.questions import Questions
from heal.records import Attempt
from heal.steps.propose import Others

# so few elements of an array are asked for one by one, and tell enough of what their like needs
_MOST_SIBLINGS = 20
# the inputs of so many are looked up, for so long
_MOST_LOOKED_AT, _LOOKED_FOR_S = 60, 1.0
# with fewer that ended well in this run, earlier runs are looked at, as far back as this
_ENOUGH_SIBLINGS, _REMEMBERED = 3, timedelta(days=90)
# with fewer that heal heard of, accounting is asked, as far back as `heal resources` looks
_ACCOUNTED = timedelta(days=30)
# what it said of a process is kept for so long; one that does not answer is left alone for as long
_KEPT = timedelta(hours=1)
# of so many failures their own peaks tell, and one of them tries the new size before the others
_CROWD = 20


class Peers:
    """Asks heal's store, and accounting where that knows too few: by one request for a process, once an hour."""

    def __init__(self, parts: Parts, book: Casebook, questions: Questions) -> None:
        self._parts = parts
        self._book = book
        self._questions = questions
        self._told: dict[Whose, tuple[datetime, Mapping[str, float]]] = {}
        self._silent_until: datetime | None = None

    def others(self, failed: Sequence[Attempt], jobs: Mapping[str, JobFacts]) -> Others:
        """What others of the process of these failed tasks held, in MB, as far as it is known."""
        last = failed[-1]
        known = self._well(last)
        alike = _of_its_size(last, known[:_MOST_LOOKED_AT])
        well = alike or known[:_MOST_SIBLINGS]
        told = self._questions.facts(well)
        found = [told[one.job] for one in well if one.job in told]
        beside = tuple(job.peak_mb for job in found if job.peak_mb and job.state is JobState.COMPLETED)
        if len(beside) >= _ENOUGH_SIBLINGS or len(failed) >= _CROWD:
            return Others(beside, of_its_size=bool(alike))
        return Others(beside, self._earlier(last, jobs.get(last.job), {one.job for one in known}), bool(alike))

    def _well(self, failed: Attempt) -> list[Attempt]:
        """The last tasks of its process that ended well, in this run; where they are few, in earlier ones too."""
        store = self._parts.store
        beside = store.beside(failed.lineage)
        well = _single([one for one in beside if one.ok and one.native_id and one.process == failed.process], beside)
        if len(well) < _ENOUGH_SIBLINGS:
            since = self._parts.clock() - _REMEMBERED
            before = store.well_before(self._book.run(failed.run_id), failed.process, since=since, limit=_MOST_SIBLINGS)
            well += _single(before, before)
        return well

    def _earlier(self, failed: Attempt, job: JobFacts | None, counted: set[str]) -> tuple[float, ...]:
        """What accounting says of the newest other jobs of the process."""
        if job is None or failed.native_id is None:
            return ()
        held = [peak for one, peak in self._by_accounting(job).items() if one not in counted and one != job.job]
        return tuple(held[-_MOST_SIBLINGS:])

    def _by_accounting(self, job: JobFacts) -> Mapping[str, float]:
        """What it says, or said within the last hour; nothing where it is silent: a raise needs no history."""
        now, key = self._parts.clock(), whose(job.name, job.comment, job.workdir or "")
        self._told = {one: said for one, said in self._told.items() if now < said[0]}
        if key in self._told:
            return self._told[key][1]
        if self._parts.slurm is None or (self._silent_until and now < self._silent_until):
            return {}
        try:
            found = self._parts.slurm.peaks(job, now - _ACCOUNTED)
        except AskedEnough:
            return {}
        except SchedulerUnreachable:
            self._silent_until = now + _KEPT
            return {}
        self._told[key] = (now + _KEPT, found)
        return found


def _single(found: Sequence[Attempt], among: Sequence[Attempt]) -> list[Attempt]:
    """Those that are one job, or one element of an array: an array as a whole is told by its elements."""
    arrays = {base_of(one.job) for one in among if "_" in one.job}
    return [one for one in found if one.job not in arrays]


def _of_its_size(failed: Attempt, well: Sequence[Attempt]) -> list[Attempt]:
    """Of these tasks those whose inputs are about as large as the failed one's; none where they are few."""
    inputs = Inputs(_LOOKED_FOR_S)
    own = inputs.size_mb(failed)
    if own is None:
        return []
    sizes = ((one, inputs.size_mb(one)) for one in well)
    alike = [one for one, size in sizes if size is not None and size_class(size) == size_class(own)]
    return alike[:_MOST_SIBLINGS] if len(alike) >= _ENOUGH_SIBLINGS else []
