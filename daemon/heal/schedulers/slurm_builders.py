"""The command lines heal gives to SLURM. Pure: nothing is run here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime

from heal.errors import CannotApply
from heal.jobs import JobFacts
from heal.knowledge.waiting import NEVER_SATISFIED, reason_word
from heal.records import Change, Fix
from heal.schedulers.sbatch_options import CommandLine, Option, parse_command_line, parse_directives
from heal.schedulers.slurm_original import MEMORY, Original, arguments_of, options_of, whole
from heal.schedulers.slurm_parsers import DELIMITER
from heal.schedulers.slurm_values import indices_text, split_id, throttle_of
from heal.seams import Submission

# what must not be carried over from the original submission, and why
_DROPPED = frozenset(
    {
        "wrap",  # the stored script already holds the wrapped command
        "wait",  # would keep heal waiting for the job's end
        "test-only",  # would submit nothing
        "hold",  # somebody released the original; nobody would release this one
        "begin",  # the original's time has come
        # was met, but for singleton, which is said again: an original that never ran for it is refused, and SLURM
        # refuses ids that it has forgotten
        "dependency",
        "kill-on-invalid-dep",
        "parsable",  # added again below
        "quiet",  # no id would be printed, --parsable or not
        "array",  # replaced by what must run again
        "comment",
        "job-name",
        "chdir",
    }
)
_FREED = frozenset({"wait", "test-only", "hold", "begin", "dependency", "kill-on-invalid-dep", "quiet"})
# one of several terms, as it was asked for or as SLURM prints it: singleton(unfulfilled)
_SINGLETON = re.compile(r"(?:^|[,?])singleton(?![^,?(])", re.IGNORECASE)
_LONGEST_ELEMENTS = 20  # more than that of one array are cheaper asked for as the whole array
_TOKEN = re.compile(r"\s*\bheal:[\w.-]+")


def sacct_jobs(jobs: Sequence[str], since: datetime, fields: Sequence[str]) -> list[str]:
    """Ask once about many jobs. Without -S and -E sacct looks at today only (man sacct, DEFAULT TIME WINDOW)."""
    return [*_sacct(since, fields), f"--jobs={','.join(jobs)}"]


def sacct_recent(user: str, since: datetime, fields: Sequence[str]) -> list[str]:
    """Ask for the jobs of one user since then, without their steps."""
    return [*_sacct(since, fields), "--allocations", f"--user={user}"]


def sacct_history(user: str, since: datetime, fields: Sequence[str], state: str = "") -> list[str]:
    """Ask for the jobs of one user since then, each followed by its steps; of one state where that is said."""
    return [*_sacct(since, fields), f"--user={user}", *([f"--state={state}"] if state else [])]


def _sacct(since: datetime, fields: Sequence[str]) -> list[str]:
    return [
        "sacct",
        "--parsable2",
        "--noheader",
        f"--delimiter={DELIMITER}",
        f"--starttime={since.astimezone():%Y-%m-%dT%H:%M:%S}",
        "--endtime=now",
        f"--format={','.join(fields)}",
    ]


def grouped_ids(jobs: Sequence[str]) -> tuple[str, ...]:
    """Choose the ids to ask for: elements of one array are asked for by the array's own id where they are many."""
    elements: dict[str, list[str]] = {}
    for job in dict.fromkeys(jobs):
        elements.setdefault(split_id(job)[0], []).append(job)
    return tuple(
        job
        for base, named in elements.items()
        for job in ([base] if base in named or len(named) > _LONGEST_ELEMENTS else named)
    )


def freed(script: str, fix: Fix) -> str:
    """Take out of a script's ``#SBATCH`` lines what must not be carried over: waiting, holding, dependencies.

    A fix of the memory takes out the script's own: sbatch refuses --mem beside a directive's --mem-per-cpu. Behind its
    first command a script stays as it is: such a line is text of its own there, of a job that it submits, say.
    """
    unwanted = _FREED | (frozenset(MEMORY) if changes_memory(fix) else frozenset())
    lines = script.split("\n")
    end = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    heading = [_freed_line(line, unwanted) if line.startswith("#SBATCH") else line for line in lines[:end]]
    return "\n".join([*heading, *lines[end:]])


def _freed_line(line: str, unwanted: frozenset[str]) -> str:
    options = parse_directives(line).options
    kept = [option for option in options if option.name not in unwanted]
    return line if len(kept) == len(options) else " ".join(["#SBATCH", *(shlex.quote(option.text) for option in kept)])


def sbatch_env(env: Mapping[str, str], submission: Submission) -> dict[str, str]:
    """Make the environment of the submission: the original's, the token, and no memory request if the fix has one.

    ``SBATCH_WAIT`` is --wait: sbatch would wait for the job's end, and end with its exit code.
    """
    memory = ("SBATCH_MEM_PER_CPU", "SBATCH_MEM_PER_GPU", "SBATCH_MEM_PER_NODE")
    dropped = ("SBATCH_WAIT", *(memory if changes_memory(submission.fix) else ()))
    return {name: value for name, value in env.items() if name not in dropped} | {"HEAL_TOKEN": submission.token}


def other_cluster(argv: Sequence[str], env: Mapping[str, str], own: str | None) -> str:
    """Tell the clusters that a command line or its environment names, if that is not just the job's own; else nothing.

    man sbatch: --clusters, SLURM_CLUSTERS, SBATCH_CLUSTERS.
    """
    said = parse_command_line(argv).value("clusters") if argv else None
    named = said or env.get("SBATCH_CLUSTERS") or env.get("SLURM_CLUSTERS") or ""
    return "" if named == own else named


def changes_memory(fix: Fix) -> bool:
    """Tell whether the fix asks for other memory."""
    return any(change.name == "memory_mb" for change in fix.changes)


def sbatch_argv(submission: Submission, original: Original, script_path: str) -> list[str]:
    """Build the command line that submits the job again, changed as the fix says, with the token in its comment.

    What the command line of the original said stays, but for what is dropped above; the script's own ``#SBATCH`` lines
    speak for themselves, for the stored script holds them. Name and folder are said outright: they come from the
    original, not from the file the script is kept in. Raises ``CannotApply`` for a command line that heal cannot read,
    and for a job that would run without what it waits for.
    """
    _must_keep_its_dependency(submission, original.facts)
    line = (
        parse_command_line(submission.argv)
        if submission.argv
        else CommandLine(options_of(original), arguments=arguments_of(original))
    )
    directives = parse_directives(original.script)
    options = [option for option in line.options if option.name not in _DROPPED]
    options += _singleton(line, directives, original.facts)
    options = _changed(options, submission.fix.changes, line.value("exclude") or directives.value("exclude"))
    options.append(Option("parsable"))
    array = _array(submission, line, directives, original)
    options += [Option("array", array)] if array else []
    options.append(Option("job-name", _name(line, directives, original)))
    options.append(Option("chdir", original.facts.workdir or line.value("chdir") or submission.cwd))
    options.append(Option("comment", tagged(_comment(line, directives, original), submission.token)))
    return ["sbatch", *(option.text for option in options), script_path, *line.arguments]


def _singleton(line: CommandLine, directives: CommandLine, facts: JobFacts) -> list[Option]:
    """Of what the original waited for that which does not pass: to be the only job of its name that runs."""
    said = line.value("dependency") or directives.value("dependency") or facts.dependency
    return [Option("dependency", "singleton")] if _SINGLETON.search(said) else []


def _must_keep_its_dependency(submission: Submission, facts: JobFacts) -> None:
    again = any(change.name == "dependency" for change in submission.fix.changes)
    if reason_word(facts.reason or "") == NEVER_SATISFIED and not again:
        raise CannotApply(
            f"job {submission.job} never ran: it waits for {facts.dependency or 'a job'}, which failed and has not "
            "come home. Run that first; then submit this one yourself, and cancel it where it is still queued"
        )


def tagged(comment: str, token: str) -> str:
    """Put together the user's own comment and heal's tag; tags of earlier remedies are taken out."""
    return f"{_TOKEN.sub('', comment)} heal:{token}".strip()


def _comment(line: CommandLine, directives: CommandLine, original: Original) -> str:
    return line.value("comment") or directives.value("comment") or original.facts.comment


def _name(line: CommandLine, directives: CommandLine, original: Original) -> str:
    # SLURM knows the name, whoever gave it: option, directive, SBATCH_JOB_NAME or the script's file name
    default = line.script.rsplit("/", 1)[-1] if line.script else "wrap"
    return line.value("job-name") or directives.value("job-name") or original.facts.name or default


def _array(submission: Submission, line: CommandLine, directives: CommandLine, original: Original) -> str:
    given = line.value("array") or directives.value("array") or ""
    throttle = throttle_of(given) or throttle_of(f"%{original.record.get('ArrayTaskThrottle', '0')}")
    if submission.array:
        return indices_text(submission.array) + throttle
    # one element of an array, named by itself or by the id it has inside SLURM
    element = split_id(original.facts.job)[1]
    return element + throttle if element.isdigit() else given


def _changed(options: list[Option], changes: Sequence[Change], excluded: str | None) -> list[Option]:
    for change in changes:
        out = next((option.value for option in options if option.name == "exclude"), excluded)
        options = _replaced(options, change, out)
    return options


# of a change by its name: the options it takes out, the one it puts in, and the unit of its value
_OPTION_OF = {
    "memory_mb": (MEMORY, "mem", "{}M"),
    "time_min": (("time",), "time", "{}"),
    "cpus": (("cpus-per-task",), "cpus-per-task", "{}"),
    "delay_s": ((), "begin", "now+{}seconds"),
    "partition": (("partition",), "partition", "{}"),
    # nothing is left to wait for where the text is empty, but for others of its name
    "dependency": (("dependency",), "dependency", "{}"),
}


def _replaced(options: list[Option], change: Change, excluded: str | None) -> list[Option]:
    if change.name == "node" and isinstance(change.new, str):
        # the command line replaces a directive's list, so the directive's nodes are named again
        nodes = ",".join(dict.fromkeys([*_listed(excluded), change.new]))
        return [*_without(options, "exclude"), Option("exclude", nodes)]
    if change.name not in _OPTION_OF or change.new in (None, ""):
        return options
    out, name, form = _OPTION_OF[change.name]
    value = change.new if isinstance(change.new, str) else whole(change.new or 0)
    if change.name == "dependency":
        kept = [option.value or "" for option in options if option.name == "dependency"]
        value = ",".join(dict.fromkeys([*str(value).split(","), *kept]))
    return [*_without(options, *out), Option(name, form.format(value))]


def _listed(nodes: str | None) -> list[str]:
    return [nodes] if nodes else []


def _without(options: Sequence[Option], *names: str) -> list[Option]:
    return [option for option in options if option.name not in names]
