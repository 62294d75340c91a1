"""One more try for one job of a running Snakemake, with more of what it lacked.

Snakemake tries a job again while its ``restart_times`` say so, and asks it for its ``resources`` each time. A job that
gets a second chance becomes an instance of a subclass of its own class that answers these two questions otherwise; no
other job is touched. See Snakemake's scheduling/job_scheduler.py (``_handle_error``) and jobs.py.
"""

from __future__ import annotations

import functools
import importlib
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from snakemake_logger_plugin_heal.asking import Grant

# heal's names in Snakemake's words; both count in the same units
_RESOURCES = {"memory_mb": "mem_mb", "time_min": "runtime"}
# asked for instead of mem_mb, these decide what a scheduler gives
_OTHER_MEMORY = ("mem_mb_per_cpu", "mem_per_cpu", "mem_mib_per_cpu")
# Snakemake's name for a rule's threads among its resources
_THREADS = "_cores"
# which job the thread is writing a command line for
_here = threading.local()


@dataclass(slots=True)
class Chance:
    """What a job was given: how many restarts it may have by now, and how much of each resource at least since."""

    restarts: int
    floors: dict[str, int] = field(default_factory=dict)
    # what it had in the try that failed, for where the pipeline's own functions know of no further one
    last: dict[str, Any] = field(default_factory=dict)
    # likewise its params, and those of them that a later run is compared by
    params: tuple[Any, Any] = (None, None)
    # true once they knew of none
    fell_back: bool = False


def give(scheduler: Any, job: Any, granted: Mapping[str, Grant]) -> bool:
    """Give a failed job one restart, and its members (itself, or those of a group) what they were granted, by job id.

    False, with nothing changed, where it could not start with that, or where not all of it would reach the job.
    """
    members = {str(member.jobid): member for member in (job.jobs if job.is_group() else [job])}
    floors = {jobid: {_RESOURCES[name]: value for name, value in grant.items()} for jobid, grant in granted.items()}
    if not floors.keys() <= members.keys() or not all(
        _can_have(scheduler, job, members[jobid], wanted) for jobid, wanted in floors.items()
    ):
        return False
    if not _tells_its_jobs(scheduler.get_executor(job)) and any(floors.values()):
        return False
    chances = {one: _chance(one, job.attempt, floors.get(jobid, {})) for jobid, one in members.items()}
    if job.is_group():
        chances[job] = _chance(job, job.attempt, {})
    kinds = {one: one.__class__ for one in chances}
    try:
        for one, chance in chances.items():
            one.heal_chance = chance
            one.__class__ = _chanced(kinds[one])
    except BaseException:
        for one, kind in kinds.items():
            one.__class__ = kind
        raise
    return True


def _can_have(scheduler: Any, job: Any, member: Any, wanted: Mapping[str, int]) -> bool:
    """What lies above a limit of the whole run (``--resources``) would be cut to it, and the job fail as before."""
    limits = {name: scheduler.global_resources.get(name, sys.maxsize) for name in wanted}
    if job.is_group() and any(limit != sys.maxsize for limit in limits.values()):
        # what a group needs of it follows from all its members
        return False
    if "mem_mb" in wanted and any(member.resources.get(name) for name in _OTHER_MEMORY):
        return False
    return all(wanted[name] <= limit for name, limit in limits.items())


def _chance(one: Any, attempt: int, wanted: Mapping[str, int]) -> Chance:
    earlier = getattr(one, "heal_chance", None)
    floors = dict(earlier.floors) if earlier else {}
    for name, value in wanted.items():
        floors[name] = max(value, floors.get(name, 0))
    return Chance(restarts=attempt, floors=floors, last=dict(one.resources.items()))


def raised(values: Mapping[str, Any], floors: Mapping[str, int]) -> dict[str, Any]:
    """Resources with at least these; memory in all the forms that Snakemake has for it."""
    higher = {name: floor for name, floor in floors.items() if not _enough(values.get(name), floor)}
    if "mem_mb" in higher:
        humanfriendly, common = importlib.import_module("humanfriendly"), importlib.import_module("snakemake.common")
        size = higher["mem_mb"]
        higher |= {"mem": humanfriendly.format_size(size * 10**6), "mem_mib": common.mb_to_mib(size)}
    return {**values, **higher}


def _enough(value: object, floor: int) -> bool:
    return isinstance(value, int | float) and value >= floor


@functools.cache
def _chanced(kind: type[Any]) -> type[Any]:
    """The class of jobs of this class that got a second chance."""
    if hasattr(kind, "heal_base"):
        return kind
    own: dict[str, Any] = {
        "__slots__": (),
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
        "heal_base": kind,
        "restart_times": property(lambda self: max(kind.restart_times.fget(self), self.heal_chance.restarts)),
        "resources": property(_resources_of(kind)),
        "attempt": property(kind.attempt.fget, _attempt_of(kind)),
    }
    if hasattr(kind, "_expand_params"):
        # a group has none
        own["_expand_params"] = _params_of(kind)
    return type(kind.__name__, (kind,), own)


def _resources_of(kind: type[Any]) -> Callable[[Any], Any]:
    resource_list = importlib.import_module("snakemake.iocontainers").ResourceList

    def resources(self: Any) -> Any:
        chance: Chance = self.heal_chance
        try:
            found = kind.resources.fget(self)
        except Exception:
            if self.attempt <= chance.restarts:
                raise
            # the pipeline counted on fewer tries; in Snakemake's main thread this would end the whole run
            found, chance.fell_back = resource_list(fromdict=chance.last), True
        if self.attempt > chance.restarts:
            values = dict(found.items())
            better = raised(values, chance.floors)
            if better != values:
                found = resource_list(fromdict=better)
            if not self.is_group():
                self._resources = found
        return found

    return resources


def _attempt_of(kind: type[Any]) -> Callable[[Any, int], None]:
    def attempt(self: Any, attempt: int) -> None:
        kind.attempt.fset(self, attempt)
        # what the scheduler counts for it follows from its resources, and is kept from try to try otherwise
        self._scheduler_resources = None
        if self.heal_chance.floors and not self.is_group():
            # so do params that are made of them
            self.heal_chance.params = (self._params, self._non_derived_params)
            self._params = self._non_derived_params = None

    return attempt


def _params_of(kind: type[Any]) -> Callable[[Any], None]:
    def expand_params(self: Any) -> None:
        try:
            kind._expand_params(self)  # noqa: SLF001 - looked at by in_flight.expected
        except Exception:
            if None in self.heal_chance.params:
                raise
            # as for resources: what a function of the pipeline's does not know of is what it was
            self._params, self._non_derived_params = self.heal_chance.params

    return expand_params


# --- what runs inside the job ---------------------------------------------------------------------------------------


def _tells_its_jobs(executor: Any) -> bool:
    """Have an executor that starts a Snakemake for each job tell that one what its job was given.

    That Snakemake works out the job's resources itself, and the job's command may well use them.
    """
    if getattr(executor, "heal_tells", False):
        return True
    if not callable(getattr(executor, "format_job_exec", None)) or not isinstance(
        executor.additional_general_args(), str
    ):
        return False
    command, more = executor.format_job_exec, executor.additional_general_args

    def format_job_exec(job: Any, *args: Any, **kwargs: Any) -> Any:
        _here.job = job
        try:
            return command(job, *args, **kwargs)
        finally:
            _here.job = None

    def additional_general_args() -> Any:
        # they come last, and of an option that is there twice the last counts
        given = told(executor.workflow, getattr(_here, "job", None))
        return f"{more() or ''} {given}" if given else more()

    executor.format_job_exec, executor.additional_general_args = format_job_exec, additional_general_args
    executor.heal_tells = True
    return True


def told(workflow: Any, job: Any) -> str:
    """The ``--set-resources`` and ``--set-threads`` for the Snakemake in a job: what the user set, and what it got."""
    got = _got((job.jobs if job.is_group() else [job]) if job is not None else [])
    if not got:
        return ""
    settings = workflow.resource_settings
    overwritten = settings._parsed_overwrite_resources.items()  # noqa: SLF001 - as spawn_jobs.py reads it
    values = {(rule, name): value.raw for rule, resources in overwritten for name, value in resources.items()}
    # a text is read as an expression
    values |= {where: value if isinstance(value, int) else repr(value) for where, value in got.items()}
    threads = {rule: value.raw for rule, value in settings._parsed_overwrite_threads.items()}  # noqa: SLF001 - as above
    threads |= {rule: values.pop((rule, name)) for rule, name in got if name == _THREADS}
    words = {
        "--set-resources": [f"{rule}:{name}={value}" for (rule, name), value in values.items()],
        "--set-threads": [f"{rule}={value}" for rule, value in threads.items()],
    }
    cli = importlib.import_module("snakemake_interface_executor_plugins.utils").format_cli_arg
    return " ".join(str(cli(option, said, base64_encode=True)) for option, said in words.items() if said)


def _got(jobs: Iterable[Any]) -> dict[tuple[str, str], Any]:
    """What the Snakemake inside a job would not find out by itself, by rule and name."""
    got: dict[tuple[str, str], Any] = {}
    for job in jobs:
        for name in _unknown(job):
            # the options name a rule, and a group may have several jobs of it
            value, before = job.resources[name], got.get((job.rule.name, name))
            got[job.rule.name, name] = max(before, value) if isinstance(before, int) else value
    return got


def _unknown(job: Any) -> list[str]:
    chance: Chance | None = getattr(job, "heal_chance", None)
    if chance is None or job.attempt <= chance.restarts:
        return []
    values = dict(job.resources.items())
    asked = job.rule.resources.items() if chance.fell_back else ()
    # a folder for temporary files is found where the job runs
    computed = [
        name for name, value in asked if value.is_evaluable() and name != "tmpdir" and name not in chance.floors
    ]
    return [*chance.floors, *(name for name in computed if isinstance(values.get(name), int | str))]
