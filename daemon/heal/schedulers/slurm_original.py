"""What a job was asked for whose command line heal did not see: by SLURM's record of it, and what sbatch was told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from heal.errors import CannotApply
from heal.jobs import JobFacts
from heal.schedulers.sbatch_options import CommandLine, Option, parse_directives
from heal.schedulers.slurm_facts import job_of
from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_values import split_id
from heal.schedulers.slurm_words import behind, joined, told_apart

MEMORY = ("mem", "mem-per-cpu", "mem-per-gpu")
# other ways to ask for what the record has an answer to
_SAME = {
    **dict.fromkeys(MEMORY, "mem"),
    "gpus-per-node": "gres",
    "cpus-per-gpu": "cpus-per-task",
    "nodefile": "nodelist",
}
_ANOTHER_WAY = "Submit it yourself; of a job that is submitted under `heal run` all is known as it was."
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
    line = _line(original) or CommandLine(())
    said = [option for option in line.options if option.name not in ("job-name", "comment")]
    if original.record:
        known = {option.name for option in options}
        return (*options, *(option for option in said if _SAME.get(option.name, option.name) not in known))
    named = {option.name for option in (*said, *parse_directives(original.script).options)}
    if not named.isdisjoint(MEMORY):
        named.add("mem")
    return (*(option for option in options if option.name not in named), *said)


def _line(original: Original) -> CommandLine | None:
    """What sbatch was told; None where nobody knows, or heal does not know an option and the record stands for them.

    Raises ``CannotApply`` where a value that held a blank cannot be told from what follows: SLURM keeps no quotes.
    """
    if not original.facts.submit_line:
        return None
    try:
        found = joined(original.facts, original.script, original.record.get("Command", ""))
    except CannotApply:
        if not original.record:
            raise
        return None
    if not found.sure:
        raise CannotApply(
            f"of the options of job {original.facts.job} SLURM keeps no quotes, and one of them came apart at a blank. "
            f"{_ANOTHER_WAY}"
        )
    return found.line


def arguments_of(original: Original) -> tuple[str, ...]:
    """Find the words behind the script of a job whose command line is not known.

    SLURM keeps them joined by blanks (scontrol's Command, sacct's SubmitLine). Raises ``CannotApply`` for a script that
    uses arguments of which nothing is known, or of which one may have held a blank.
    """
    line, command = _line(original), original.record.get("Command")
    if line is None and not command:
        if _USES_ARGUMENTS.search(original.script):
            raise CannotApply(
                f"the arguments of the script of job {original.facts.job} are not known. Submit it yourself."
            )
        return ()
    words = line.arguments if line is not None else behind(command or "", original.facts.name)
    if not told_apart(words, original.script):
        raise CannotApply(
            f"SLURM keeps the arguments of the script of job {original.facts.job} without their quotes, and which of "
            f"the {len(words)} words belong together cannot be told. {_ANOTHER_WAY}"
        )
    return words


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
