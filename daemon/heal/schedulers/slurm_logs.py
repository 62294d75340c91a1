"""Where a job's output lies: by the controller's record, and by what accounting keeps once that is forgotten.

Accounting keeps the command line, and from 24.05 on the patterns; of what ``#SBATCH`` lines in the script ask for it
tells nothing. A path that is told here need not exist.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile

from heal.errors import CannotApply
from heal.jobs import JobFacts, JobState
from heal.knowledge.endings import NO_OUTPUT_FILE
from heal.knowledge.output_files import output_files
from heal.schedulers.sbatch_options import CommandLine
from heal.schedulers.slurm_parsers import Row
from heal.schedulers.slurm_values import state_of
from heal.schedulers.slurm_words import joined

# what heal writes into the comment of what it submits
_OWN = re.compile(r"(?<![\w:.-])heal:[0-9a-f]{12}\b")


def tells_logs(row: Row) -> bool:
    """True where accounting says itself where the output lies, or that no file was named; of heal's own jobs always.

    Before 24.05 a script may name one of which it knows nothing, and of a job of a second or two it has the end, for a
    moment, before all that was told of its beginning. heal's own are not worth a call: their like was just looked at.
    """
    if _OWN.search(f"{row.get('Comment', '')} {row.get('SubmitLine', '')}"):
        return True
    named = "StdOut" in row or _options(row).value("output") is not None
    return bool(row.get("WorkDir")) and named


def submitted_logs(row: Row) -> tuple[str, ...]:
    """The paths by a row of ``sacct``; none of a job that has not ended, or that is several."""
    if not (state_of(row.get("State", "")).over and row["JobID"].replace("_", "").isdigit()):
        return ()
    line = _options(row)
    known = {"x": row.get("JobName", ""), "u": row.get("User", ""), "j": row.get("JobIDRaw", "")}
    stdout = row.get("StdOut") or line.value("output") or ""
    if not stdout and row.get("ExitCode", "").endswith(f":{NO_OUTPUT_FILE}"):
        # it is not the usual one that could not be opened, but one that the script asks for
        return ()
    stderr = row.get("StdErr") or line.value("error") or ""
    return output_files(row["JobID"], row.get("WorkDir"), stdout, stderr, known)


def recorded_logs(job: str, row: Row) -> tuple[str, ...]:
    """The paths by a record of ``scontrol``, which fills in patterns but for ``%J``, ``%N`` and those with a width."""
    stdout = row.get("StdOut", "")
    if not (stdout and job.replace("_", "").isdigit()):
        return ()
    inner, user = row["JobId"], row.get("UserId", "").partition("(")[0]
    known = {"x": row.get("JobName", ""), "u": user, "j": inner, "J": inner}
    return output_files(job, row.get("WorkDir"), stdout, row.get("StdErr", ""), known)


def _options(row: Row) -> CommandLine:
    """What sbatch was asked for; accounting keeps no quotes, so what follows a ``--wrap`` cannot be told apart."""
    return _asked(*(row.get(field, "") for field in ("JobName", "Comment", "WorkDir", "SubmitLine")))


# ten thousand elements of an array say the same
@lru_cache(maxsize=256)
def _asked(name: str, comment: str, workdir: str, said: str) -> CommandLine:
    job = JobFacts("", JobState.UNKNOWN, name=name, comment=comment, workdir=workdir, submit_line=said)
    try:
        line = joined(job).line
    except CannotApply:
        return CommandLine(())
    return CommandLine(tuple(takewhile(lambda one: one.name != "wrap", line.options)))
