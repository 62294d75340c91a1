"""A change that would cost less, with what was measured, and the line to write; frozen like all records. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from heal.knowledge.job_names import Whose

Sure = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What could be changed. ``saves`` holds amounts by their names, as far as they are measured; empty: not known.

    Names: ``core_hours`` and ``gb_hours`` (held and not used, or lost), ``wait_hours`` (all jobs together), ``mb`` (on
    disk). ``jobs`` is how many jobs it is based on, ``why`` how that was seen, ``change`` the lines to write.
    """

    kind: str
    whose: Whose
    what: str
    why: str
    jobs: int
    sure: Sure
    saves: Mapping[str, float] = field(default_factory=dict)
    change: tuple[str, ...] = ()


def sure_of(jobs: int, needed: int, *, at_least: bool = False) -> Sure:
    """How sure a figure of so many jobs is, of which ``needed`` are the fewest that say anything."""
    return "high" if jobs >= 5 * needed and not at_least else "medium"


def change(whose: Whose, asked: Mapping[str, str | int]) -> tuple[str, ...]:
    """The lines that ask for this: ``memory`` in MB, ``time`` in minutes, ``cpus``, ``partition``, ``exclude``."""
    return _WRITTEN[whose.engine](whose.process, asked)


def _snakemake(rule: str, asked: Mapping[str, str | int]) -> tuple[str, ...]:
    names = {"memory": "mem_mb", "time": "runtime", "partition": "slurm_partition"}
    said = [f"{rule}:{names[name]}={value}" for name, value in asked.items() if name in names]
    threads = [f"--set-threads {rule}={asked['cpus']}"] if "cpus" in asked else []
    nodes = [f"--set-resources {rule}:slurm_extra=\"'--exclude={asked['exclude']}'\""] if "exclude" in asked else []
    return (*([f"--set-resources {' '.join(said)}"] if said else []), *threads, *nodes)


def _nextflow(process: str, asked: Mapping[str, str | int]) -> tuple[str, ...]:
    forms = {
        "memory": "memory = {}.MB",
        "time": "time = {}.min",
        "cpus": "cpus = {}",
        "partition": "queue = '{}'",
        "exclude": "clusterOptions = '--exclude={}'",
        "array": "array = {}",
    }
    said = "; ".join(forms[name].format(value) for name, value in asked.items())
    # SLURM tells ":" and "_" of a name apart no more, so both fit
    return (f"process {{ withName: '(.*:)?{process.replace('_', '[:_]')}' {{ {said} }} }}",)


def _sbatch(_name: str, asked: Mapping[str, str | int]) -> tuple[str, ...]:
    forms = {"memory": "--mem={}M", "time": "--time={}", "cpus": "--cpus-per-task={}"}
    said = [forms.get(name, f"--{name}={{}}").format(value) for name, value in asked.items()]
    return (f"#SBATCH {' '.join(said)}",)


_WRITTEN = {"snakemake": _snakemake, "nextflow": _nextflow, "sbatch": _sbatch}


def ranked(found: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
    """What saves most first: core-hours before waiting before gigabytes, what is sure before what is not."""
    order = {"high": 0, "medium": 1, "low": 2}
    names = ("core_hours", "wait_hours", "gb_hours", "mb")

    def key(one: Suggestion) -> tuple[float, ...]:
        return (order[one.sure], *(-one.saves.get(name, 0.0) for name in names))

    return tuple(sorted(found, key=key))
