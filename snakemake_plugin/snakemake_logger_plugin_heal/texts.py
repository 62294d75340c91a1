"""What Snakemake and its SLURM executor only say in words."""

from __future__ import annotations

import re
import signal

# a message is for reading: what is longer is cut in the middle
MAX_TEXT = 16_000

_SUBMITTED = re.compile(r"^Job (\S+) has been submitted with SLURM jobid (\S+) \(log: (.*)\)\.$", re.DOTALL)
_ARRAY = re.compile(
    r"^Submitted array job with Snakemake IDs ([\d,]+) and SLURM job ID (\S+)\. "
    r"The individual task IDs are (\d+)-\d+\.$"
)
_RESTART = re.compile(r"^Trying to restart job (\S+?)\.$")
_INTERRUPTED = re.compile(r"^(Terminating processes on user request|Will exit after finishing currently running jobs)")
_STATUS = re.compile(r"returned non-zero exit status (\d+)\.")
_SIGNAL = re.compile(r"died with (?:<Signals\.(\w+): (\d+)>|unknown signal (\d+))\.")
_COMPLETED_WITHOUT = re.compile(r"^Job (\d+)\s+completed successfully, but", re.MULTILINE)
_IN_RULE = re.compile(r"^\w+ in rule (\w+)\b")


def submission(text: str) -> tuple[str, str, str] | None:
    """Snakemake's job id, SLURM's job id and the log path, from the executor's word on a submission."""
    found = _SUBMITTED.match(text)
    return (found[1], found[2], found[3]) if found else None


def array_submission(text: str) -> dict[str, str]:
    """Snakemake's job ids with the array elements they became, from the executor's word on an array."""
    found = _ARRAY.match(text)
    if found is None:
        return {}
    first = int(found[3])
    return {job: f"{found[2]}_{first + offset}" for offset, job in enumerate(found[1].split(","))}


def restarted(text: str) -> str | None:
    """The job that Snakemake starts again by itself."""
    found = _RESTART.match(text)
    return found[1] if found else None


def interrupted(text: str) -> bool:
    """Tell whether a person or a signal asked Snakemake to end."""
    return _INTERRUPTED.match(text) is not None


def exit_code(text: str) -> int | None:
    """The exit code of the command, 128+signal for a signal; the last one where the text names several."""
    codes = [(found.start(), int(found[1])) for found in _STATUS.finditer(text)]
    codes += [(found.start(), 128 + _number(found)) for found in _SIGNAL.finditer(text)]
    return max(codes)[1] if codes else None


def _number(found: re.Match[str]) -> int:
    known = found[1] and getattr(signal, found[1], None)
    return int(known or found[2] or found[3])


def blamed(text: str) -> tuple[str | None, str | None]:
    """The job id and the rule that an error of Snakemake itself names."""
    job, rule = _COMPLETED_WITHOUT.search(text), _IN_RULE.match(text)
    return (job[1] if job else None), (rule[1] if rule else None)


def clipped(text: str) -> str:
    """The text, without its middle where it is longer than ``MAX_TEXT``."""
    if len(text) <= MAX_TEXT:
        return text
    half = MAX_TEXT // 2
    return f"{text[:half]}\n… {len(text) - MAX_TEXT} characters left out …\n{text[-half:]}"
