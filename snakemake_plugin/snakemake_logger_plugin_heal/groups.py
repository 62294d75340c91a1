"""Jobs that Snakemake submits together, as one group: which is which, and which of them it was that failed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Literal

# as snakemake/common names the jobs of a group: by rule and wildcards of the one that was sorted last
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://snakemake.readthedocs.io")
# the end of a group's log tells of all its members but where one of them talks a lot
_TAIL_BYTES = 256_000

_LINE = re.compile(
    # a Snakemake inside the job counts its jobs anew
    r"^(?:Provided (?P<session>cores|remote nodes):.*"
    r"|(?:local)?(?:rule|checkpoint) (?P<rule>\S+):"
    r"|    output: (?P<output>.+)"
    r"|    jobid: (?P<jobid>\S+)"
    r"|Error in rule (?P<error>\S+):"
    r"|Finished jobid: (?P<done>\S+) \(Rule: \S+\))$",
    re.MULTILINE,
)

Fate = Literal["began", "done", "failed"]
# rule and outputs, as a log writes them
Member = tuple[str, str]


def group_job(rule: str, wildcards: Mapping[str, str]) -> str:
    """What Snakemake calls a group that ends in this job."""
    return str(
        uuid.uuid5(_NAMESPACE, f"{rule}:{','.join(sorted(f'{name}:{value}' for name, value in wildcards.items()))}")
    )


def end_of(path: str) -> str:
    """The end of a log; empty where there is none to be read."""
    with suppress(OSError), open(path, "rb") as file:  # noqa: PTH123 - a Path costs more than the read
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _TAIL_BYTES))
        return file.read(_TAIL_BYTES).decode(errors="replace")
    return ""


def blameless(fates: Mapping[Member, Fate], member: Member) -> bool:
    """Tell whether another member of the group failed, and this one surely did not.

    Where Snakemake named nobody (it was killed with the whole group), those that were at work then have failed.
    """
    worst: Fate | None = next((fate for fate in ("failed", "began") if fate in fates.values()), None)
    return worst is not None and fates.get(member) != worst


def fates(text: str) -> dict[Member, Fate]:
    """What became of the members of a group, by the log of their job; absent are those that did not begin."""
    found: dict[Member, Fate] = {}
    ids: dict[str, Member] = {}
    rule, output = "", ""
    for line in _LINE.finditer(text):
        value = line[line.lastgroup or 0]
        match line.lastgroup:
            case "session":
                ids.clear()
            case "rule" | "error":
                rule, output = (value, "") if line.lastgroup == "rule" else ("", "")
            case "output":
                output = value
            case "jobid" if rule:
                ids[value] = (rule, output)
                found[rule, output] = "began"
            case "jobid" | "done" if value in ids:
                found[ids[value]] = "done" if line.lastgroup == "done" else "failed"
    return found
