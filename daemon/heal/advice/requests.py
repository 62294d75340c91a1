"""What is asked of SLURM, against what its partitions, QOS and nodes give. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from heal.advice.issues import Issue, Severity
from heal.jobs import JobFacts, JobState
from heal.schedulers.sbatch_options import CommandLine
from heal.schedulers.slurm_limits import Rules
from heal.schedulers.slurm_values import memory_mb
from heal.units import minutes, size

_TIME = re.compile(r"(?:(?P<days>\d+)-(?P<dh>\d+)(?::(?P<dm>\d+)(?::(?P<ds>\d+))?)?|(?P<clock>\d+(?::\d+){0,2}))")
_GPU = re.compile(r"gpu(?::(?P<type>[A-Za-z][\w.-]*))?(?:[:=](?P<count>\d+))?(?:\(.*\))?")


@dataclass(frozen=True, slots=True)
class Request:
    """What one rule, process or script asks for; memory, cpus and gpus of one node. None: it does not say."""

    who: str
    file: str
    line: int = 0
    memory_mb: float | None = None
    time_min: float | None = None
    cpus: int | None = None
    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    gpus: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """What the largest node of a partition has: cpus, and gpus by their type; any type counts under the empty name."""

    cpus: int
    gpus: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Site:
    """What SLURM here gives: its rules, and by partition its largest nodes."""

    rules: Rules
    nodes: Mapping[str, Node]


def nodes_of(text: str) -> dict[str, Node]:
    """Read ``sinfo --noheader --Node --format=%R|%c|%G``: of each partition the most that one node has."""
    found: dict[str, Node] = {}
    for line in text.splitlines():
        name, _, rest = line.partition("|")
        cpus, _, gres = rest.partition("|")
        had = found.get(name, Node(0, {}))
        gpus = dict(had.gpus)
        own = [each for part in re.split(r",(?![^()]*\))", gres) if (each := gpu_of(part.strip()))]
        for kind, count in [*own, ("", sum(count for _kind, count in own))]:
            gpus[kind] = max(gpus.get(kind, 0), count)
        found[name] = Node(max(had.cpus, int(cpus) if cpus.isdigit() else 0), gpus)
    return found


def gpu_of(text: str) -> tuple[str, int] | None:
    """Read ``gpu``, ``gpu:2``, ``gpu:a100:2(S:0)``: the type (empty: any) and how many."""
    found = _GPU.fullmatch(text)
    return (found["type"] or "", int(found["count"] or 1)) if found else None


def limit_min(text: str) -> float | None:
    """Read a time limit as sbatch takes it (``90``, ``1:30:00``, ``2-12``), in minutes; None where it is none."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    if found["clock"]:
        parts = [int(part) for part in found["clock"].split(":")]
        hours, mins, secs = (0, *parts, 0)[:3] if len(parts) < 3 else parts  # noqa: PLR2004 - hours, minutes, seconds
        return hours * 60 + mins + secs / 60
    days, hours, mins, secs = (int(found[name] or 0) for name in ("days", "dh", "dm", "ds"))
    return (days * 24 + hours) * 60 + mins + secs / 60


def of_sbatch(line: CommandLine, who: str, file: str, at: int = 0) -> Request:
    """What options of sbatch ask for on one node, as far as they say it in numbers."""
    tasks = _whole(line.value("ntasks-per-node")) or (_whole(line.value("ntasks")) if _one_node(line) else None) or 1
    cpus = (_whole(line.value("cpus-per-task")) or 1) * tasks
    whole, each = memory_mb(line.value("mem") or ""), memory_mb(line.value("mem-per-cpu") or "")
    gpus = line.value("gpus-per-node") or (line.value("gpus") if _one_node(line) else None)
    gres = next((each for each in (line.value("gres") or "").split(",") if each.startswith("gpu")), None)
    return Request(
        who,
        file,
        at,
        memory_mb=whole[0] if whole else each[0] * cpus if each else None,
        time_min=limit_min(line.value("time") or ""),
        cpus=cpus if line.has("cpus-per-task") or tasks > 1 else None,
        partition=line.value("partition"),
        account=line.value("account"),
        qos=line.value("qos"),
        gpus=gpu_of(gres) if gres else gpu_of(f"gpu:{gpus}") if gpus else None,
    )


def _one_node(line: CommandLine) -> bool:
    return line.value("nodes") == "1"


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def over(request: Request, site: Site) -> Iterator[Issue]:
    """What the request asks for that its partition can never give; of several partitions all must fail to."""
    names = [name.strip() for name in (request.partition or site.rules.default or "").split(",") if name.strip()]
    gone = [name for name in names if name not in site.rules.partitions]
    if gone:
        there = ", ".join(site.rules.partitions)
        yield _error(request, f"names partition {gone[0]}, and there is none of that name here", f"one of {there}")
        return
    if not names:
        return
    every = [list(_over_one(request, site, name)) for name in names]
    if all(every):
        yield from every[0]


def _over_one(request: Request, site: Site, partition: str) -> Iterator[Issue]:
    limits = site.rules.limits(_job(request, site, partition), partition)
    if request.memory_mb and limits.memory_mb and request.memory_mb > limits.memory_mb:
        said = f"asks for {size(request.memory_mb)} of memory; {limits.memory_by} gives {size(limits.memory_mb)}"
        yield _error(request, said, "ask for less, or name a partition with larger nodes")
    if request.time_min and limits.time_min and request.time_min > limits.time_min:
        said = f"asks for {minutes(request.time_min)}; {limits.time_by} gives {minutes(limits.time_min)}"
        yield _error(request, said, "ask for less, or name a partition with a longer limit")
    node = site.nodes.get(partition)
    if node and request.cpus and 0 < node.cpus < request.cpus:
        said = f"asks for {request.cpus} cpus on a node; the largest of partition {partition} has {node.cpus}"
        yield _error(request, said, "ask for fewer cpus")
    if node and request.gpus and node.gpus.get(request.gpus[0], 0) < request.gpus[1]:
        kind, count = request.gpus
        named = f"{kind} gpus" if kind else "gpus"
        said = f"asks for {count} {named} on a node; partition {partition} has {node.gpus.get(kind, 0)}"
        yield _error(request, said, f"name another partition: {_with_gpus(site, kind, count)}")


def _with_gpus(site: Site, kind: str, count: int) -> str:
    names = [name for name, node in site.nodes.items() if node.gpus.get(kind, 0) >= count]
    return ", ".join(names) or "none here has so many"


def _job(request: Request, site: Site, partition: str) -> JobFacts:
    accounts = {row["Account"] for row in site.rules.associations}
    only = next(iter(accounts)) if len(accounts) == 1 else None
    account = request.account or only
    return JobFacts("", JobState.PENDING, partition=partition, account=account, qos=request.qos)


def _error(request: Request, said: str, do: str) -> Issue:
    return Issue(Severity.ERROR, request.file, request.line, f"{request.who} {said}", do, "slurm")


def checked(requests: Sequence[Request], site: Site) -> Iterator[Issue]:
    """All that is asked for and cannot be had; equal requests of one rule are said once."""
    for request in dict.fromkeys(requests):
        yield from over(request, site)
