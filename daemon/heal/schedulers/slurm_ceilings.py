"""Limits that the jobs of an account or a QOS share, where one job alone asks for more: it would wait for ever.

Formats are those of ``scontrol show assoc_mgr`` (src/scontrol/info_assoc_mgr.c) and ``scontrol show job``. What the
site does not show is not known, and a job that waits for such a limit is then waited for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from heal.errors import SchedulerUnreachable
from heal.jobs import JobFacts, JobState
from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_sought import Sought
from heal.schedulers.slurm_sources import Sources
from heal.schedulers.slurm_values import memory_mb, split_id

# AssocGrpCpuLimit, QOSGrpMemLimit, …: one of the limits is reached; which others the job would meet is not said
_GROUP = re.compile(r"^\(?(?:Assoc|QOS)Grp")
_ASSOCIATION = re.compile(r"^ClusterName=\S* Account=(\S+) UserName=(\S*) .*? GrpTRES=(\S*)")
_QOS = re.compile(r"^QOS=([^(\s]+)\(.*? GrpTRES=(\S*)")
_CAP = re.compile(r"^([^=]+)=(\d+)\(")
_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Cap:
    """What all jobs of a group may have at a time, by resource (memory in MB). ``user``: of this one alone."""

    whose: str
    most: Mapping[str, float]
    user: str = ""


def assoc_mgr(accounts: Iterable[str], qos: Iterable[str]) -> list[str]:
    """Ask the controller for the limits of some accounts and QOS."""
    named = [f"accounts={','.join(sorted(accounts))}", f"qos={','.join(sorted(qos))}"]
    return ["scontrol", "--oneliner", "show", "assoc_mgr", *named, "flags=assoc,qos"]


def parse_caps(text: str) -> tuple[Cap, ...]:
    """Read the caps of accounts, of users in them and of QOS; ``N`` is no limit."""
    found = []
    for line in text.splitlines():
        if association := _ASSOCIATION.match(line):
            account, user, tres = association.groups()
            found.append(Cap(f"account {account}", _most(tres), user))
        elif named := _QOS.match(line):
            found.append(Cap(f"QOS {named[1]}", _most(named[2])))
    return tuple(cap for cap in found if cap.most)


def _most(tres: str) -> dict[str, float]:
    caps = (_CAP.match(part) for part in tres.split(","))
    return {cap[1]: float(cap[2]) for cap in caps if cap}


def request_of(record: Row) -> dict[str, float]:
    """What a record of ``scontrol show job`` asks for, by resource: TRES up to 23.02, ReqTRES since."""
    wanted = {}
    for part in (record.get("ReqTRES") or record.get("TRES", "")).split(","):
        name, _, text = part.partition("=")
        amount = memory_mb(text)
        if amount:
            wanted[name] = amount[0]
    return wanted


def ceiling_of(record: Row, caps: Sequence[Cap]) -> str:
    """Which cap lies below what the job asks for all alone, in words; empty where none does.

    Of a resource that its QOS caps the account's cap does not count (src/slurmctld/acct_policy.c).
    """
    wanted = request_of(record)
    account, qos = f"account {record.get('Account')}", f"QOS {record.get('QOS')}"
    by_qos = {name for cap in caps if cap.whose == qos for name in cap.most}
    for cap in caps:
        if cap.whose not in (account, qos) or cap.user not in ("", record.get("UserId")):
            continue
        for name, most in cap.most.items():
            if wanted.get(name, 0) > most and (cap.whose == qos or name not in by_qos):
                shared = "to all jobs of this user together" if cap.user else "to all its jobs together"
                return (
                    f"{cap.whose} gives {_said(name, most)} {shared}, and this one asks for {_said(name, wanted[name])}"
                )
    return ""


def _said(name: str, amount: float) -> str:
    if name == "mem":
        return f"{amount:.0f} MB of memory"
    return f"{amount:.0f} {name}s" if name in ("cpu", "node") and amount != 1 else f"{amount:.0f} {name}"


class Ceilings:
    """Finds those jobs of a queue that wait for a group's limit in vain; asks at most every five minutes."""

    def __init__(self, sources: Sources, clock: Callable[[], datetime]) -> None:
        self._sources = sources
        self._clock = clock
        self._next: datetime | None = None
        self._known: dict[str, str] = {}

    def marked(self, queue: Mapping[str, JobFacts]) -> Mapping[str, JobFacts]:
        """The queue with a ceiling said of each job that is above one."""
        waiting = {job for job, facts in queue.items() if facts.state is JobState.PENDING and _for_a_group(facts)}
        if not waiting:
            return queue
        self._ask({split_id(job)[0] for job in waiting})
        found = {job: self._known.get(split_id(job)[0], "") for job in waiting}
        return {**queue, **{job: replace(queue[job], ceiling=said) for job, said in found.items() if said}}

    def _ask(self, jobs: set[str]) -> None:
        now = self._clock()
        if jobs <= self._known.keys() or (self._next and now < self._next):
            return
        self._next = now + _EVERY
        try:
            rows = self._sources.all_records(Sought.of(jobs).takes_record)
            own = {job: row for row in rows if (job := row.get("ArrayJobId") or row["JobId"]) in jobs}
            accounts = {row["Account"] for row in own.values() if "Account" in row}
            if not accounts:
                return
            qos = {row["QOS"] for row in own.values() if "QOS" in row}
            caps = parse_caps(self._sources.shown(assoc_mgr(accounts, qos)))
        except SchedulerUnreachable:
            return
        self._known = {job: ceiling_of(row, caps) for job, row in own.items()}


def _for_a_group(facts: JobFacts) -> bool:
    return bool(facts.reason and _GROUP.match(facts.reason))
