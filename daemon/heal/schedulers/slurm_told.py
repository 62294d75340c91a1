"""What SLURM's two sides told, made into one answer about the jobs that were asked for."""

from __future__ import annotations

import os
import pwd
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from heal.jobs import JobFacts
from heal.schedulers.slurm_components import as_one
from heal.schedulers.slurm_facts import from_accounting, from_controller, is_attempts, raw_id
from heal.schedulers.slurm_fusion import fuse
from heal.schedulers.slurm_logs import tells_logs
from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_sought import Sought, is_known
from heal.schedulers.slurm_values import split_id


@dataclass(frozen=True, slots=True)
class Told:
    """What one side told: facts by job id as people write it, and why it told nothing.

    ``raw`` are the ids inside SLURM that are sought, each with its job's. ``lasting``: that side does not exist here.
    ``logs_open``: it leaves open where one of them wrote.
    """

    jobs: Mapping[str, JobFacts] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""
    lasting: bool = False
    logs_open: bool = False


def user_of(uid: str) -> str:
    """Tell the name of a uid; the uid itself where nobody on this host has it."""
    try:
        return pwd.getpwuid(int(uid)).pw_name
    except (KeyError, ValueError):
        return uid


@lru_cache(maxsize=1000)
def _uid_of(user: str) -> int | None:
    try:
        return int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
    except KeyError:
        return None


def by_accounting(rows: Iterable[Row], sought: Sought | None = None) -> Told:
    """What the rows of sacct tell of what is sought, or of all; no row is held."""
    raw: dict[str, str] = {}
    open_ones: set[str] = set()
    chosen = _looked_through(_chosen(rows, sought, raw), open_ones)
    return Told(from_accounting(as_one(chosen), user_of), raw, logs_open=bool(open_ones))


def by_controller(rows: Iterable[Row], sought: Sought | None = None) -> Told:
    """What the records of scontrol tell, in the same way; of one that holds several jobs all come."""
    raw: dict[str, str] = {}
    return Told(from_controller(_chosen(rows, sought, raw)), raw)


def lately(rows: Iterable[Row], known: Mapping[str, str]) -> Told:
    """What either side's rows tell of jobs that are not ``known`` (see the seam)."""
    news = (row for row in rows if not is_known(known, raw_id(row)[1], row.get("Submit") or row.get("SubmitTime", "")))
    return by_accounting(news)


def _chosen(rows: Iterable[Row], sought: Sought | None, raw: dict[str, str]) -> Iterator[Row]:
    for row in rows:
        inner, job = raw_id(row)
        if inner and (sought is None or inner in sought.ids):
            raw[inner] = job
        if sought is None or "JobID" not in row or sought.takes_row(row):
            yield row


def _looked_through(rows: Iterable[Row], open_ones: set[str]) -> Iterator[Row]:
    for row in rows:
        if not open_ones and "." not in row["JobID"] and not tells_logs(row):
            open_ones.add(row["JobID"])
        yield row


def fused(accounting: Told, controller: Told, others: Collection[str] = ()) -> dict[str, JobFacts]:
    """Fuse what both sides tell, by job id as people write it. ``others``: arrays that the controller knows besides."""
    accounted, controlled = accounting.jobs, controller.jobs
    arrays = {split_id(job)[0] for job in controlled if "_" in job}.union(others)
    ids = dict.fromkeys([*(job for job in accounted if not _superseded(job, controlled, arrays)), *controlled])
    both = {job: fuse(accounted.get(job), controlled.get(job)) for job in ids}
    if not accounting.refusal:
        both = {job: facts if job in accounted else _not_yet(facts) for job, facts in both.items()}
    return {job: noted(facts, accounting, controller) for job, facts in both.items()}


def _not_yet(controlled: JobFacts) -> JobFacts:
    # accounting that answers hears of each job, a little after the controller
    if not controlled.state.over:
        return controlled
    return replace(controlled, final=False, source=f"{controlled.source} (sacct does not have it yet)")


def _superseded(job: str, controlled: Mapping[str, JobFacts], arrays: Collection[str]) -> bool:
    # accounting that lags writes an array without its indices for a moment, and elements of an array whose id
    # the controller gives to a single job are those of an older one
    base, element = split_id(job)
    return job not in controlled and (base in controlled if element else base in arrays)


def noted(facts: JobFacts, *sides: Told) -> JobFacts:
    """Say in ``source`` who did not answer, and why."""
    silent = "; ".join(side.refusal for side in sides if side.refusal)
    return replace(facts, source=f"{facts.source} (without the other: {silent})") if silent else facts


def of_jobs(
    wanted: Mapping[str, datetime | None],
    accounting: Told,
    controller: Told,
    sought: Sought | None = None,
    me: int | None = None,
) -> tuple[dict[str, JobFacts], tuple[str, ...]]:
    """Choose the facts about the jobs wanted (id to submission time, if known), and the ids nobody knows.

    An array's own id stands for all its elements, each under its own id, without those that are not ``sought``. An id
    inside SLURM of an array element is a key as it was given; its ``JobFacts.job`` is ``<array>_<index>``. ``me`` is
    the uid whose jobs heal follows, its own.
    """
    uid = os.geteuid() if me is None else me
    sought = sought or Sought.of(wanted)
    found = fused(accounting, controller, sought.known)
    raw = {**accounting.raw, **controller.raw}
    elements: dict[str, list[str]] = {}
    for job in found:
        elements.setdefault(split_id(job)[0], []).append(job)
    chosen: dict[str, JobFacts] = {}
    missing = []
    for job, submitted in wanted.items():
        keys = {job: job} if job in found else {key: key for key in elements.get(job, ()) if sought.takes(key)}
        if not keys and raw.get(job) in found:
            keys = {job: raw[job]}
        known = {key: found[name] for key, name in keys.items() if _is_his(found[name], submitted, uid)}
        chosen |= known
        # of an array it may be that all that is known need not be told
        missing += [] if known or job in sought.known else [job]
    return chosen, tuple(missing)


def _is_his(found: JobFacts, submitted: datetime | None, uid: int) -> bool:
    """False for what has the id of a job that heal followed and is another's; a person may ask about anybody's job."""
    if not is_attempts(found, submitted):
        return False
    # root submits for others
    return submitted is None or uid == 0 or not found.user or _uid_of(found.user) in (uid, None)
