"""Makes events of Snakemake's log records. Reads nothing and writes nothing; what it keeps, it drops as jobs end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from logging import LogRecord
from typing import Any

from snakemake_logger_plugin_heal import arrays, groups, texts
from snakemake_logger_plugin_heal.jobs import Failure, Job, job_of, unseen_job

Draft = tuple[str, "dict[str, Any] | None", "dict[str, Any]"]

# how long a failure waits for Snakemake to say that it tries again by itself
GRACE_S = 2.0
# words are kept of so many threads, the last of each
_MOST_THREADS = 64
# where Snakemake itself speaks, and sometimes a job
_MAIN = "MainThread"


class Recorder:
    """Records in, drafts of events out: ``(kind, task, facts)`` each, in order.

    ``clock`` is monotonic seconds, ``cwd`` the folder that relative paths are relative to at the time. ``end_of`` gives
    the end of a log (of a group that failed), and never raises.
    A failed task is held back until it is known whether Snakemake tries it again, at most ``GRACE_S`` seconds:
    call ``due`` while ``holding``.
    """

    def __init__(
        self, *, clock: Callable[[], float], cwd: Callable[[], str], end_of: Callable[[str], str] = groups.end_of
    ) -> None:
        self._clock = clock
        self._cwd = cwd
        self._end_of = end_of
        self._jobs: dict[str, Job] = {}
        self._attempts: dict[str, int] = {}
        self._external: dict[str, _Group] = {}
        # the members of groups, by each name that Snakemake may have for the group
        self._members: dict[str, list[str]] = {}
        self._announced: list[str] = []
        self._said: dict[str | None, str] = {}
        self._held: list[tuple[float, Failure]] = []
        self._slurm = False
        self._interrupted = False
        self._any_failed = False
        # failed, asked about, and neither tried again nor given up as far as is known
        self._asked: set[str] = set()
        self._failures: set[str] = set()
        self._engine_error = ""
        self._by_event: dict[str, Callable[[LogRecord], list[Draft]]] = {
            "group_info": self._group_info,
            "job_info": self._job_info,
            "job_finished": self._job_finished,
            "job_error": self._job_error,
            "group_error": self._group_error,
            "error": self._error,
            "job_started": self._goes_on,
            "progress": self._goes_on,
        }

    @property
    def holding(self) -> bool:
        """Tell whether failures are held back: ``due`` must be called."""
        return bool(self._held)

    def feed(self, record: LogRecord) -> list[Draft]:
        """Give the events that follow from a record."""
        event = getattr(record, "event", None)
        if event is None:
            return self._words(str(record.msg))
        step = self._by_event.get(str(getattr(event, "value", event)))
        return step(record) if step else []

    def due(self) -> list[Draft]:
        """Give the failures that have waited long enough: whether they are tried again is not known."""
        now = self._clock()
        ready = [failure for deadline, failure in self._held if deadline <= now]
        self._held = [(deadline, failure) for deadline, failure in self._held if deadline > now]
        self._any_failed = self._any_failed or bool(ready)
        return [failure.draft(will_retry=None) for failure in ready]

    def ask(self, names: Mapping[str, str], until: str) -> list[Draft]:
        """Give the failures of these jobs as questions (``asks``, by job); nothing while not all of them are known.

        Those that only failed because another one of their group did are told, and not asked about.
        """
        mine = [failure for _, failure in self._held if failure.jobid in names]
        if self._interrupted or {failure.jobid for failure in mine} != names.keys():
            return []
        self._held = [(deadline, failure) for deadline, failure in self._held if failure.jobid not in names]
        self._asked |= names.keys()
        return [failure.question(names[failure.jobid], until) for failure in mine]

    def interrupt(self) -> None:
        """Take down that a person ended the run: what fails from here on is no failure of its own."""
        self._interrupted = True

    def end(self, crash: str | None, log_paths: Iterable[str]) -> list[Draft]:
        """Give what is left to say at the end. ``crash`` is the text of an exception that ended Snakemake itself."""
        drafts = self._release(lambda _failure: True, will_retry=False)
        error = crash or self._engine_error
        if error and not self._any_failed and not self._asked and not self._interrupted:
            drafts.append(_engine_failure(error, log_paths))
        facts: dict[str, Any] = {"ok": not error and not self._interrupted, "exit": 1 if error else 0}
        if self._interrupted:
            facts = {"ok": False, "exit": 1, "interrupted": True}
        drafts.append(("run_finished", None, facts))
        self._jobs.clear()
        return drafts

    # --- what Snakemake says in words ----------------------------------------------------------

    def _words(self, text: str) -> list[Draft]:
        if text.startswith("SLURM run ID"):
            self._slurm = True
        elif found := texts.submission(text):
            return self._submitted({found[0]: found[1]}, found[2])
        elif elements := texts.array_submission(text):
            return self._submitted(elements, None)
        elif again := texts.restarted(text):
            jobs = self._members.get(again, [again])
            self._attempts |= {jobid: self._attempts.get(jobid, 1) + 1 for jobid in jobs}
            self._asked -= set(jobs)
            return self._release(lambda failure: failure.jobid in jobs, will_retry=True)
        elif texts.interrupted(text):
            self.interrupt()
        return []

    def _submitted(self, ids: dict[str, str], log: str | None) -> list[Draft]:
        drafts: list[Draft] = []
        for named, native_id in ids.items():
            for jobid in self._members.get(named, [named]):
                job = self._jobs.get(jobid)
                if job is not None:
                    job = self._jobs[jobid] = job.known_as(native_id, [log] if log else [])
                    drafts.append(("task_submitted", job.task(self._cwd()), job.facts()))
        return drafts

    # --- what happens to jobs ------------------------------------------------------------------

    def _group_info(self, _record: LogRecord) -> list[Draft]:
        # its members are announced next, one after the other
        self._announced = []
        return []

    def _job_info(self, record: LogRecord) -> list[Draft]:
        jobid = str(record.__dict__["jobid"])
        drafts = self._release(lambda failure: failure.jobid == jobid, will_retry=True)
        job = self._jobs[jobid] = job_of(record, self._attempts.get(jobid, 1))
        if job.in_group:
            self._announced.append(jobid)
            self._members[groups.group_job(job.rule, job.wildcards)] = self._announced
        # a job that goes to SLURM is told of when its id is known
        if self._slurm and not job.local:
            return drafts
        return [*drafts, ("task_submitted", job.task(self._cwd()), job.facts())]

    def _job_finished(self, record: LogRecord) -> list[Draft]:
        self._engine_error = ""
        jobid = str(record.__dict__["job_id"])
        job = self._jobs.pop(jobid, None)
        self._attempts.pop(jobid, None)
        self._external.pop(jobid, None)
        self._failures.discard(jobid)
        if job is None:
            return []
        if job.in_group:
            self._members.pop(groups.group_job(job.rule, job.wildcards), None)
        return [("task_finished", job.task(self._cwd()), job.ended())]

    def _group_error(self, record: LogRecord) -> list[Draft]:
        # one job_error for each member follows, and does not know the scheduler's id
        external = record.__dict__.get("external_jobid")
        logs = [str(path) for path in record.__dict__.get("aux_logs") or ()]
        fates = groups.fates("".join(map(self._end_of, logs)))
        group = _Group(str(external) if external else None, tuple(logs), fates)
        self._external |= {str(one.get("jobid")): group for one in record.__dict__.get("job_error_info") or ()}
        return []

    def _job_error(self, record: LogRecord) -> list[Draft]:
        said = record.__dict__
        jobid = str(said["jobid"])
        if jobid in self._failures and jobid not in self._jobs:
            # older Snakemakes say all errors once more in the end
            return []
        job = self._jobs.pop(jobid, None) or unseen_job(record, self._attempts.get(jobid, 1))
        group = self._external.pop(jobid, _Group())
        native_id = (said.get("aux") or {}).get("external_jobid") or group.native_id
        logs = [*map(str, said.get("log") or ()), *group.logs]
        job = job.known_as(str(native_id) if native_id else job.native_id, logs)
        words = [self._own_words(record.threadName), str(said.get("rule_msg") or "")]
        if arrays.is_element(job.native_id):
            job, more = self._element(job)
            words.append(more)
        aborted = groups.blameless(group.fates, job.member)
        message = "\n".join(word for word in words if word)
        return self._failed(jobid, job, message, said.get("shellcmd"), aborted=aborted)

    def _own_words(self, thread: str | None) -> str:
        """What a job's command ended with: said just before its failure, from the same thread.

        That is the main thread where the job had ended before Snakemake came to wait for it (a future that is done
        calls back at once). What was said there is no error of Snakemake itself then.
        """
        words = self._said.pop(thread, "")
        if thread == _MAIN and words:
            self._engine_error = ""
        return words

    def _element(self, job: Job) -> tuple[Job, str]:
        """An element of an array, with the log that it has, and what is to be said of it."""
        *own, named = job.logs or ("",)
        read = {path: text for path in arrays.logs_of(named) if named and (text := self._end_of(path))}
        job = replace(job, logs=(*own, *read)) if read else job
        other = next((file for text in read.values() if (file := arrays.blamed_for(text, job.outputs))), None)
        return job, arrays.sentence(job.native_id or "", other) if other else ""

    def _failed(
        self, jobid: str, job: Job, message: str, shell: str | None = None, *, aborted: bool = False
    ) -> list[Draft]:
        failure = Failure(
            jobid=jobid,
            job=job,
            cwd=self._cwd(),
            message=texts.clipped(message),
            shell=texts.clipped(shell or job.shell or ""),
            exit_code=texts.exit_code(message),
            interrupted=self._interrupted,
            aborted=aborted,
        )
        if self._interrupted:
            self._any_failed = True
            return [failure.draft(will_retry=False)]
        self._failures.add(jobid)
        self._held.append((self._clock() + GRACE_S, failure))
        return []

    def _release(self, chosen: Callable[[Failure], bool], *, will_retry: bool) -> list[Draft]:
        released = [failure for _, failure in self._held if chosen(failure)]
        self._held = [(deadline, failure) for deadline, failure in self._held if not chosen(failure)]
        self._any_failed = self._any_failed or (bool(released) and not will_retry)
        return [failure.draft(will_retry=will_retry) for failure in released]

    # --- what happens to Snakemake itself ------------------------------------------------------

    def _goes_on(self, _record: LogRecord) -> list[Draft]:
        # the error that ends a run is the last thing it says
        self._engine_error = ""
        self._said.pop(_MAIN, None)
        return []

    def _error(self, record: LogRecord) -> list[Draft]:
        text = str(record.msg)
        jobid = self._blamed(text) if record.threadName == _MAIN else None
        if jobid is not None:
            return self._failed(jobid, self._jobs.pop(jobid), text)
        self._said.pop(record.threadName, None)
        self._said[record.threadName] = text
        if len(self._said) > _MOST_THREADS:
            # of a thread that said no more after its error
            del self._said[next(iter(self._said))]
        if record.threadName == _MAIN:
            self._engine_error = text
        return []

    def _blamed(self, text: str) -> str | None:
        """The job that Snakemake found wanting after it had ended (missing output): no job_error comes for it."""
        jobid, rule = texts.blamed(text)
        if jobid in self._jobs:
            return jobid
        of_rule = [known for known, job in self._jobs.items() if job.rule == rule]
        return of_rule[0] if rule is not None and len(of_rule) == 1 else None


@dataclass(frozen=True, slots=True)
class _Group:
    """What is known of a group that failed."""

    native_id: str | None = None
    logs: tuple[str, ...] = ()
    fates: Mapping[groups.Member, groups.Fate] = field(default_factory=dict)


def _engine_failure(error: str, log_paths: Iterable[str]) -> Draft:
    task = {"name": "snakemake", "key": "", "attempt": 1, "log_paths": list(log_paths)}
    return "task_failed", task, {"process": "snakemake", "message": texts.clipped(error), "will_retry": False}
