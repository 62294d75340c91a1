"""Everything that rules can say of a project before it runs: its files, its engines, what it asks SLURM for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from heal.advice import engine_trials, files, job_scripts
from heal.advice.engine_trials import Tried
from heal.advice.inventory import Inventory, inventory
from heal.advice.issues import Issue, RemarkGiver, Report, Severity, ordered, remarked
from heal.advice.requests import Request, Site, checked, of_sbatch
from heal.errors import HealError, SchedulerUnreachable

# what one line of a shell shows of files that could not be read
_NAMED = 3


def validate(
    folder: Path,
    env: Mapping[str, str],
    site: Callable[[], Site],
    remarks: RemarkGiver | None = None,
) -> Report:
    """Look at a project: what is wrong, what was looked at, what could not be.

    ``site`` is asked once, and only where something goes to SLURM; it may raise ``SchedulerUnreachable``. ``remarks``
    is asked last, with all files and all that was found.

    Nothing in the folder is changed and no task is run; starting an engine to hear what it says of the project runs
    what the project's own files do at that point (a Snakefile is Python, a main.nf is Groovy).
    Raises ``HealError`` where there is no such folder.
    """
    found = inventory(folder)
    tried = [engine_trials.snakemake(found, env), engine_trials.nextflow(found, env)]
    built = "Snakemake's dry run" in tried[0].checked and not any(map(_is_error, tried[0].issues))
    unread, untried = files.parse_errors(found, snakefiles=not built)
    by_text = chain(
        files.settings(found.folder),
        files.modes(found),
        files.shell_scripts(found, env, tried[0].version),
        files.snakemake(found, env, dry_run=built, version=tried[0].version),
        files.nextflow(found),
    )
    report = Report(
        ordered(chain(unread, _unsaid(tried, list(by_text)))),
        _checked(found, tried),
        _unchecked(found, tried, untried),
    )
    return _with_remarks(_with_site(report, _requests(found, tried), site), found, remarks)


def _unsaid(tried: Sequence[Tried], by_text: Sequence[Issue]) -> list[Issue]:
    """What engines say, and what the text says; of errors in one line the engine's."""
    said = [issue for one in tried for issue in one.issues]
    places = {(issue.file, issue.line) for issue in said if _is_error(issue) and issue.line}
    return [*said, *(issue for issue in by_text if not (_is_error(issue) and (issue.file, issue.line) in places))]


def _is_error(issue: Issue) -> bool:
    return issue.severity is Severity.ERROR


def _requests(found: Inventory, tried: Sequence[Tried]) -> list[Request]:
    own = [request for one in tried if one.slurm for request in one.requests]
    of_jobs = (of_sbatch(job_scripts.options(text), "it", name, 1) for name, text in found.jobs.items())
    return [*own, *of_jobs]


def _with_site(report: Report, requests: Sequence[Request], site: Callable[[], Site]) -> Report:
    if not requests:
        return report
    try:
        over = list(checked(requests, site()))
    except SchedulerUnreachable as error:
        why = f"SLURM tells nothing of its partitions: {error}"
        return replace(report, unchecked={**report.unchecked, "what is asked of SLURM": why})
    return replace(
        report,
        issues=ordered([*report.issues, *over]),
        checked=(
            *report.checked,
            f"{len(requests)} request{'s' if len(requests) != 1 else ''} against SLURM's partitions",
        ),
    )


def _with_remarks(report: Report, found: Inventory, remarks: RemarkGiver | None) -> Report:
    if remarks is None:
        return report
    try:
        return remarked(report, remarks(report, found.texts), found.texts)
    except HealError as error:
        return replace(report, unchecked={**report.unchecked, "what a model would say": str(error)})


def _checked(found: Inventory, tried: Sequence[Tried]) -> tuple[str, ...]:
    return (f"{len(found.texts)} files", *(name for one in tried for name in one.checked))


def _unchecked(found: Inventory, tried: Sequence[Tried], untried: Mapping[str, str]) -> dict[str, str]:
    told = {name: why for one in tried for name, why in (one.unchecked or {}).items()}
    by_why: dict[str, list[str]] = {}
    for name, why in untried.items():
        by_why.setdefault(why, []).append(name)
    for why, names in by_why.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        told[", ".join(names[:_NAMED]) + more] = why
    if found.clipped:
        told["the rest of the folder"] = f"it holds more than {len(found.texts):,} files to read; name a folder in it"
    if not (found.snakefile or found.main or found.jobs):
        told["a workflow"] = "no Snakefile, no main.nf and no script with #SBATCH lines lies here"
    return told
