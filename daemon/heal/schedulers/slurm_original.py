"""What a job was asked for whose command line heal did not see: by SLURM's record of it, and what sbatch was told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from heal.errors import CannotApply
from heal.jobs import JobFacts
from heal.schedulers.sbatch_options import Option, parse_command_line, parse_directives
from heal.schedulers.slurm_facts import job_of
from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_values import split_id

MEMORY = ("mem", "mem-per-cpu", "mem-per-gpu")
# other ways to ask for what the record has an answer to
_SAME = {
    **dict.fromkeys(MEMORY, "mem"),
    "gpus-per-node": "gres",
    "cpus-per-gpu": "cpus-per-task",
    "nodefile": "nodelist",
}
_USES_ARGUMENTS = re.compile(r"\$(?:\{?[1-9@*]|\{#|#)")


@dataclass(frozen=True, slots=True)
class Original:
    """What is known of the job that is submitted again: its script, the controller's record, the facts."""

    script: str
    facts: JobFacts
    record: Row


def options_of(original: Original) -> tuple[Option, ...]:
    """Options for a job whose command line heal did not see: by the controller's record, else by accounting's."""
    record, facts = original.record, original.facts
    wanted = {
        "partition": facts.partition,
        "account": record.get("Account") or facts.account,
        "qos": record.get("QOS") or facts.qos,
        "time": None if facts.limit_s is None else str(max(1, whole(facts.limit_s / 60))),
        "mem": None if facts.asked_mb is None else f"{whole(facts.asked_mb)}M",
        "nodes": record.get("NumNodes"),
        "ntasks": record.get("NumTasks"),
        "cpus-per-task": record.get("CPUs/Task"),
        "gres": re.sub(r"\bgres[:/]", "", record.get("TresPerNode", "")) or None,
        "constraint": record.get("Features"),
        "licenses": record.get("Licenses"),
        "reservation": record.get("Reservation"),
        "nodelist": record.get("ReqNodeList"),
        "exclude": record.get("ExcNodeList"),
        "output": _pattern(record.get("StdOut"), original),
        "error": _pattern(record.get("StdErr"), original) if record.get("StdErr") != record.get("StdOut") else None,
    }
    options = tuple(Option(name, value) for name, value in wanted.items() if value)
    return _with_line(options, original)


def _with_line(options: Sequence[Option], original: Original) -> tuple[Option, ...]:
    """Add what sbatch was asked for and is told nowhere else: GPUs, signals, what of the environment is exported.

    The controller's record goes first: it has what became of the request. Of a job that it has forgotten, what sbatch
    was asked for does. Name and comment are known from their own fields, in which a blank does not end them.
    """
    try:
        line = parse_command_line(original.facts.submit_line.split(" ")[1:]).options
    except CannotApply:
        if not original.record:
            raise
        line = ()
    said = [option for option in line if option.name not in ("job-name", "comment")]
    if original.record:
        known = {option.name for option in options}
        return (*options, *(option for option in said if _SAME.get(option.name, option.name) not in known))
    named = {option.name for option in (*said, *parse_directives(original.script).options)}
    if not named.isdisjoint(MEMORY):
        named.add("mem")
    return (*(option for option in options if option.name not in named), *said)


def arguments_of(original: Original) -> tuple[str, ...]:
    """Find the words behind the script of a job whose command line is not known.

    SLURM keeps them joined by blanks (scontrol's Command, sacct's SubmitLine): a word that held a blank comes apart.
    Raises ``CannotApply`` for a script that uses arguments of which nothing is known.
    """
    if command := original.record.get("Command"):
        return tuple(command.split(" ")[1:])
    if words := original.facts.submit_line.split(" ")[1:]:
        return parse_command_line(words).arguments
    if _USES_ARGUMENTS.search(original.script):
        raise CannotApply(f"the arguments of the script of job {original.facts.job} are not known. Submit it yourself.")
    return ()


def _pattern(path: str | None, original: Original) -> str | None:
    """Put ``%j`` or ``%A_%a`` back for the original's id in the name alone: SLURM makes no folders for a job."""
    if path is None:
        return None
    folder, slash, name = path.rpartition("/")
    base, element = split_id(job_of(original.record))
    if element:
        name = re.sub(rf"(?<!\d){base}_{element}(?!\d)", "%A_%a", name)
    return folder + slash + re.sub(rf"(?<!\d){original.record.get('JobId', base)}(?!\d)", "%j", name)


def whole(amount: float) -> int:
    """Round up: SLURM takes whole megabytes, minutes and seconds."""
    return int(-(-amount // 1))
