"""The most one job may ask for: what its partition allows, and of each kind of limit what QOS or associations say.

A kind that a QOS sets counts there alone: that of the partition before the job's own, or after it where that has the
flag OverPartQOS, and what associations say of that kind last (src/slurmctld/acct_policy.c, ``_set_qos_order`` and
``_validate_tres_limits_for_assoc``; man sacctmgr). Limits of a whole group (GrpTRES) count too: a job that asks for
more than its group may ever have waits for ever. Formats are those of ``scontrol show partition``, ``sinfo`` and
``sacctmgr show assoc|qos`` (17.11 to 25.11).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from heal.jobs import JobFacts, Limits
from heal.schedulers.slurm_parsers import Row, parse_partitions, parse_table
from heal.schedulers.slurm_values import memory_mb, node_count, seconds

ASSOCIATION_FIELDS = (
    *("Cluster", "Account", "Partition", "QOS", "DefaultQOS"),
    *("MaxTRES", "MaxTRESPerNode", "MaxWall", "GrpTRES"),
    *("User", "ParentName"),
)
NODE_FIELDS = ("Partition", "Memory", "CPUs")
QOS_FIELDS = ("Name", "Flags", "MaxTRES", "MaxTRESPerNode", "MaxTRESPU", "MaxTRESPA", "MaxWall", "GrpTRES")
# what is allowed to a job, or to more than one, as a whole: what is allowed on a node is in MaxTRESPerNode
_WHOLE = ("MaxTRES", "MaxTRESPU", "MaxTRESPA", "GrpTRES")
_PER_NODE, _TIME = "MaxTRESPerNode", "MaxWall"
# a QOS that counts before the partition's own, and one whose jobs the partition's MaxTime does not bind (man sacctmgr)
_BEFORE_PARTITION, _BEYOND_MAX_TIME = "OverPartQOS", "PartitionTimeLimit"
_MEMORY = re.compile(r"(?:^|,)mem=([^,]+)")


@dataclass(frozen=True, slots=True)
class Cap:
    """The most of something, and who sets it; None: no limit is known."""

    most: float | None
    by: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site allows: its partitions with the sizes of their nodes, its QOS, and the user's own associations.

    ``doors`` are the partitions' own records; ``groups`` are the user's, None where no group keeps them out.
    ``accounts`` are the associations of accounts as a whole, by cluster and name.
    """

    partitions: Mapping[str, tuple[Cap, Cap]]
    default: str | None
    qos: Mapping[str, Row]
    associations: Sequence[Row]
    doors: Mapping[str, Row] = field(default_factory=dict)
    groups: Collection[str] | None = None
    accounts: Mapping[tuple[str, str], Row] = field(default_factory=dict)

    def limits(self, job: JobFacts | None, partition: str | None = None) -> Limits:
        """The limits that hold for a job like this one, in its own partition (of several the first) or another."""
        named = partition or (job.partition.split(",")[0] if job and job.partition else None) or self.default
        of_memory, of_time = self.partitions.get(named or "", (Cap(None, ""), Cap(None, "")))
        kinds = self._of_accounting(job, named)
        if _BEYOND_MAX_TIME in self._flags(job, named):
            of_time = Cap(None, of_time.by)
        memory = _least([of_memory, *(cap for kind, caps in kinds.items() if kind != _TIME for cap in caps)])
        time = _least([of_time, *kinds.get(_TIME, ())])
        return Limits(memory.most, time.most, memory.by, time.by, self._closed(job, named))

    def _closed(self, job: JobFacts | None, partition: str | None) -> str:
        """Why the partition takes no job like this one (man slurm.conf: State, Allow…, Deny…); empty where it may."""
        door = self.doors.get(partition or "")
        if door is None:
            return f"there is no partition {partition} here" if partition and self.doors else ""
        if door.get("State", "UP") != "UP":
            return f"partition {partition} is {door['State'].lower()}"
        account, qos = (job.account, job.qos) if job else (None, None)
        asks = (("Groups", "groups", self.groups), ("Accounts", "account", account), ("Qos", "QOS", qos))
        refusals = (_refusal(door, key, kind, (mine,) if isinstance(mine, str) else mine) for key, kind, mine in asks)
        return next((f"partition {partition} is {refusal}" for refusal in refusals if refusal), "")

    def _of_accounting(self, job: JobFacts | None, partition: str | None) -> dict[str, list[Cap]]:
        """The limits that count, by kind: the first that a QOS sets, else those of the associations."""
        nodes = node_count(job.nodes or "") if job else 1
        kinds: dict[str, list[Cap]] = {}
        for by, row in self._of_qos(job, partition):
            for kind, cap in _of_row(row, by, nodes).items():
                kinds.setdefault(kind, [cap])
        set_by_qos = frozenset(kinds)
        for by, row in self._of_associations(job, partition):
            for kind, cap in _of_row(row, by, nodes).items():
                if kind not in set_by_qos:
                    kinds.setdefault(kind, []).append(cap)
        return kinds

    def _of_qos(self, job: JobFacts | None, partition: str | None) -> list[tuple[str, Row]]:
        """The rows of the QOS that hold, which goes first in front."""
        mine, shared = self._qos_of(job, partition), self.doors.get(partition or "", {}).get("QoS", "")
        named = [(f"QOS {shared} of partition {partition}", shared), (f"QOS {mine}", mine)]
        if _BEFORE_PARTITION in self._flags(job, partition):
            named.reverse()
        return [(by, self.qos[name]) for by, name in named if name in self.qos]

    def _qos_of(self, job: JobFacts | None, partition: str | None) -> str:
        row = self._association(job, partition) if job else None
        return (job.qos if job else None) or (row or {}).get("DefaultQOS", "")

    def _flags(self, job: JobFacts | None, partition: str | None) -> list[str]:
        """The flags of the job's own QOS."""
        return self.qos.get(self._qos_of(job, partition), {}).get("Flags", "").split(",")

    def _of_associations(self, job: JobFacts | None, partition: str | None) -> Iterator[tuple[str, Row]]:
        """The user's row in the job's account; what the account gives to all its jobs together, and each above it."""
        if job is None:
            return
        row = self._association(job, partition)
        if row is not None:
            yield f"the association of account {job.account}", row
        cluster, name = job.cluster or (row or {}).get("Cluster", ""), job.account or ""
        for _ in self.accounts:
            if (above := self.accounts.get((cluster, name))) is None:
                return
            yield f"account {name}", {"GrpTRES": above["GrpTRES"]}
            name = above["ParentName"]

    def _association(self, job: JobFacts, partition: str | None) -> Row | None:
        """The row of the job's account; one that is made for the partition counts before one for all."""
        rows = [
            row
            for row in self.associations
            if row["Account"] == job.account
            and row["Partition"] in ("", partition)
            and (not job.cluster or row["Cluster"] == job.cluster)
        ]
        return max(rows, key=lambda row: row["Partition"] != "", default=None)


def _refusal(door: Row, key: str, kind: str, mine: Collection[str] | None) -> str:
    """What keeps these out of a partition; with a list of who may, that of who may not is not looked at."""
    allowed, denied = door.get(f"Allow{key}", "ALL"), door.get(f"Deny{key}", "")
    if mine is None:
        return ""
    if allowed != "ALL":
        return "" if _listed(allowed, mine) else f"for {kind} {allowed} alone"
    return f"not for {kind} {denied}" if _listed(denied, mine) else ""


def _listed(names: str, mine: Collection[str]) -> bool:
    return not {name.lower() for name in names.split(",")}.isdisjoint(name.lower() for name in mine)


def rules(partitions: str, nodes: str, qos: str, associations: str, groups: Collection[str] | None = None) -> Rules:
    """Read the answers of scontrol, ``sinfo -N -o '%R|%m|%c'`` and sacctmgr; empty where sacctmgr did not answer.

    ``groups`` are those of the user, None where they are not known, or keep nobody out (root). Raises
    ``SchedulerUnreachable`` where one of the texts is no such answer.
    """
    rows = parse_partitions(partitions)
    every = parse_table(associations, ASSOCIATION_FIELDS, "sacctmgr")
    sizes = parse_table(nodes, NODE_FIELDS, "sinfo")
    return Rules(
        {row["PartitionName"]: _of_partition(row, sizes) for row in rows},
        next((row["PartitionName"] for row in rows if row.get("Default") == "YES"), None),
        {row["Name"]: row for row in parse_table(qos, QOS_FIELDS, "sacctmgr")},
        [row for row in every if row["User"]],
        {row["PartitionName"]: row for row in rows},
        groups,
        {(row["Cluster"], row["Account"]): row for row in every if not row["User"]},
    )


def _of_partition(row: Row, sizes: Sequence[Row]) -> tuple[Cap, Cap]:
    name = row["PartitionName"]
    own = [node for node in sizes if node["Partition"] == name]
    limit = seconds(row.get("MaxTime", ""))
    by = f"partition {name}"
    return Cap(_memory_of_partition(row, own), by), Cap(None if limit is None else limit / 60, by)


def _memory_of_partition(row: Row, sizes: Sequence[Row]) -> float | None:
    # one job's --mem is per node: the largest node is the most that can ever be had
    amounts = [float(node["Memory"]) for node in sizes if node["Memory"].isdecimal()]
    cpus = max((int(node["CPUs"]) for node in sizes if node["CPUs"].isdecimal()), default=0)
    node = memory_mb(row.get("MaxMemPerNode", ""))
    each = memory_mb(row.get("MaxMemPerCPU", ""))
    caps = [max(amounts)] if amounts else []
    caps += [node[0]] if node else []
    # man slurm.conf: a job that wants more than MaxMemPerCPU is given more cpus, so all of a node's cpus bound it
    caps += [each[0] * cpus] if each and cpus else []
    return min(caps, default=None)


def _of_row(row: Row, by: str, nodes: int) -> dict[str, Cap]:
    """Memory of one node and time of a row of sacctmgr, by kind; what a whole job may have is for all of its nodes."""
    amounts = {name: amount / nodes for name in _WHOLE if (amount := _mem(row, name))}
    amounts |= {name: amount for name in [_PER_NODE] if (amount := _mem(row, name))}
    limit = seconds(row.get(_TIME, ""))
    amounts |= {} if limit is None else {_TIME: limit / 60}
    return {kind: Cap(amount, by) for kind, amount in amounts.items()}


def _mem(row: Row, name: str) -> float | None:
    found = _MEMORY.search(row.get(name, ""))
    amount = memory_mb(found.group(1)) if found else None
    return amount[0] if amount else None


def _least(caps: Iterable[Cap]) -> Cap:
    """The tightest; of none that is known, who was asked first."""
    every = list(caps)
    known = [cap for cap in every if cap.most is not None]
    return min(known, key=lambda cap: cap.most or 0.0) if known else every[0]
