"""Asks heal about a job that failed before Snakemake gives it up, while the run goes on (docs/in-flight.md).

Executors hand failed jobs to the scheduler's ``error_callback``, in threads of their own. It is the one place that is
wrapped: a job that Snakemake would give up is handed on when heal has answered, or when there is no answer to wait for.
Until then Snakemake takes it for running. Only a Snakemake that looks as expected is touched (``expected``).
"""

from __future__ import annotations

import importlib
import inspect
import logging
from collections.abc import Callable, Mapping
from typing import Any

from snakemake_logger_plugin_heal import second_chance
from snakemake_logger_plugin_heal.asking import Ask, Desk, Grant, Question, Terms

# 9.20.0 and 9.27.1 were tried
_MAJOR = "9."
# what must be called so and use these names for the wrapping to mean what it is meant to
_EXPECTED: Mapping[str, Mapping[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "snakemake.scheduling.job_scheduler": {
        "JobScheduler.error_callback": (("self", "job"), frozenset({"_lock", "_toerror", "_open_jobs"})),
        "JobScheduler._handle_error": (
            ("self", "job", "postprocess_job"),
            frozenset({"running", "_free_resources", "restart_times", "attempt", "_ready_jobs", "_errors", "failed"}),
        ),
        "JobScheduler.get_executor": (("self", "job"), frozenset({"is_local", "_executor"})),
        "JobScheduler.exit_gracefully": (("self", "args"), frozenset({"_user_kill"})),
        "JobScheduler.executor_error_callback": (("self", "exception"), frozenset({"_executor_error"})),
    },
    "snakemake.jobs": {
        "Job.attempt.fset": (("self", "attempt"), frozenset({"_resources", "_attempt"})),
        "Job.resources.fget": (("self",), frozenset({"_resources", "rule", "expand_resources", "attempt"})),
        "Job.restart_times.fget": (("self",), frozenset({"rule", "restart_times"})),
        "Job.params.fget": (("self",), frozenset({"_params", "_expand_params"})),
        "Job.non_derived_params.fget": (("self",), frozenset({"_non_derived_params", "_expand_params"})),
        "Job._expand_params": (("self",), frozenset({"_params", "_non_derived_params", "rule", "expand_params"})),
        "AbstractJob._get_scheduler_resources": (("self",), frozenset({"_scheduler_resources", "resources"})),
        "GroupJob.attempt.fset": (("self", "attempt"), frozenset({"_resources", "_attempt", "jobs"})),
        "GroupJob.resources.fget": (("self",), frozenset({"_resources", "toposorted"})),
        "GroupJob.restart_times.fget": (("self",), frozenset({"jobs"})),
    },
    "snakemake.spawn_jobs": {
        "SpawnedJobArgsFactory.get_set_resources_args": (
            ("self",),
            frozenset({"_parsed_overwrite_resources", "_parsed_overwrite_threads"}),
        ),
    },
}
_debug = logging.getLogger("snakemake.logging").debug


def expected() -> str:
    """What is not as expected in the Snakemake of this process; empty where it can be wrapped."""
    version = str(importlib.import_module("snakemake.common").__version__)
    if not version.startswith(_MAJOR):
        return f"Snakemake {version}"
    for module, names in _EXPECTED.items():
        found = importlib.import_module(module)
        for name, (parameters, used) in names.items():
            function: Any = found
            for part in name.split("."):
                function = getattr(function, part, None)
            if not inspect.isfunction(function) or tuple(inspect.signature(function).parameters) != parameters:
                return f"{name} of Snakemake {version}"
            if not used <= _names(function.__code__):
                return f"{name} of Snakemake {version}"
    return ""


def _names(code: Any) -> set[str]:
    inner = [const for const in code.co_consts if inspect.iscode(const)]
    return set(code.co_names).union(*map(_names, inner))


class InFlight:
    """Wraps the scheduler of this process from ``arm`` to ``disarm``."""

    def __init__(self, terms: Terms, ask: Ask) -> None:
        self._terms = terms
        self._desk = Desk(terms, ask)
        self._undo: Callable[[], None] | None = None

    def arm(self) -> None:
        """Begin, where this Snakemake is one of those that are known. Raises nothing."""
        try:
            wrong = expected()
            if wrong:
                _debug(f"heal: does not heal while this run goes on, {wrong} is not as it knows it")
                return
            self._wrap(importlib.import_module("snakemake.scheduling.job_scheduler").JobScheduler)
        except Exception as error:  # noqa: BLE001 - a guest does not hurt its host
            _debug(f"heal: does not heal while this run goes on ({error!r})")

    def disarm(self) -> None:
        """End: nobody waits any more, and Snakemake is as it was."""
        self._desk.close()
        if self._undo is not None:
            self._undo()
            self._undo = None

    def _wrap(self, scheduler_class: Any) -> None:
        own = scheduler_class.error_callback

        def error_callback(scheduler: Any, job: Any) -> None:
            if not self._holds(scheduler, job, lambda: own(scheduler, job)):
                own(scheduler, job)

        def undo() -> None:
            if scheduler_class.error_callback is error_callback:
                scheduler_class.error_callback = own

        scheduler_class.error_callback = error_callback
        self._undo = undo

    def _holds(self, scheduler: Any, job: Any, hand_on: Callable[[], None]) -> bool:
        """Ask about a job instead of handing it on; False, with nothing done, where there is nothing to ask."""

        def then(granted: Mapping[str, Grant] | None) -> None:
            try:
                if granted is not None and not _in_vain(scheduler) and not second_chance.give(scheduler, job, granted):
                    _debug(f"heal: job {job.jobid} cannot be given what heal would give it")
            except Exception as error:  # noqa: BLE001 - the job then goes on as without heal
                _debug(f"heal: no second chance for a job ({error!r})")
            finally:
                hand_on()

        try:
            if not self._terms.heard() or _in_vain(scheduler) or job.restart_times > job.attempt - 1:
                return False
            if scheduler.workflow.remote_execution_settings.immediate_submit:
                return False
            jobids = [str(member.jobid) for member in (job.jobs if job.is_group() else [job])]
            self._desk.put(Question(jobids, then, lambda: _in_vain(scheduler)))
        except Exception as error:  # noqa: BLE001 - as above
            _debug(f"heal: does not ask about a job ({error!r})")
            return False
        return True


def _in_vain(scheduler: Any) -> bool:
    """Tell whether Snakemake starts no job any more, whatever heal says."""
    given_up = scheduler._errors and not scheduler.keepgoing  # noqa: SLF001 - as schedule() reads them
    return bool(scheduler._user_kill or scheduler._executor_error or given_up)  # noqa: SLF001 - as above
