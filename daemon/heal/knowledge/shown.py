"""What a text only shows of a script, as an engine, a shell or a traceback repeats it, or only reports: nobody said it.

For the patterns and for the general reading alike. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from heal.cases import Case, Evidence, Passage

# so far is looked for where the repeated part begins and ends
REACH = 16384
# a Snakemake error repeats the whole command of the rule, over as many lines as it has (its strict mode comes first);
# another program's "Command 'x' not found" is what that program says
_COMMAND, _COMMAND_ENDS = b"Command 'set -", re.compile(r"^.*'(?= (?:returned non-zero exit status|died with) )")
_TRACED = re.compile(rb"\++ |(?:  )*Shell command: ")
# what HDF5 shows in the same form of its own functions are messages
_FRAME = re.compile(rb'( {2,})File "[^"\n]*(?<!\.c)", line \d')
_NODE = re.compile(rb"\s*(?:file://)?/\S+\.[cm]?[jt]s:\d+\s*$")
# why Snakemake runs a job: what it makes is not there yet
_REASON = b"    reason: "
# Python shows below a warning the line of the source that it is about
_WARNED = re.compile(rb"( *)\S{1,400}:\d+: \w{0,80}Warning: ")
# a shell's command that goes on in the next line
_GOES_ON = re.compile(rb"[ \t]+\S.* \\$")
# words that are reported and not said: the subject of a commit, a test that did not fail, how many there were of a kind
# (none, or a share), and what Snakemake's SLURM executor says at every submission without an account (2.8.0 calls sacct
# as no sacct can be called, and goes on)
_REPORTED = re.compile(
    rb"(?:HEAD is now at|Previous HEAD position was) [0-9a-f]{7,40} "
    rb"|[0-9a-f]{7,40} (?:fix|feat|docs|chore|refactor|perf|test|build|ci|style|revert)(?:\([^)]{0,80}\))?!?: "
    rb"|\S{1,300}::\S{1,300} (?:PASSED|SKIPPED|XFAIL|XPASS)\b|(?:SKIPPED \[\d+\]|XFAIL|XPASS) \S{1,300}\.py:"
    rb"|[\w \t,'/()-]{3,120}:[ \t]{1,80}(?:never\b|0(?: [a-z]{1,20})?\s*$|[\d,]{1,20} \([\d.]{1,6}\s?%\)\s*$)"
    rb"|No SLURM account given, trying to guess\.|No account was given, not able to get a SLURM account via sacct: "
    rb"|Unable to guess SLURM account\. Trying to proceed without\."
)
_SHELL, _SHELL_ENDS = b"\n    shell:\n", re.compile(rb"\n {8}\((?:one of the commands|command) exited with ")
# most texts have none of these
_ANY = re.compile(
    r"(?m)^ *\++ |^Command |^    shell:$|^    reason: |Shell command: |^ +File \"|\.[cm]?[jt]s:\d+\s*$"
    r"|:\d+: \w*Warning: | \\$|^(?:HEAD|Previous HEAD|[0-9a-f]{7,40}) |\b(?:PASSED|SKIPPED|XFAIL|XPASS)\b"
    r"|:[ \t]+(?:never\b|[\d,]+ \([\d.]+\s?%\)|0\b)|^(?:No|Unable to guess) (?:SLURM )?account\b"
)
_ENDINGS = (b"' returned non-zero exit status", b"' died with ")


def said(before: bytes, rest: bytes, line: str) -> str:
    """The line without what it only shows; empty where that is all of it.

    ``before`` is the text before it, ``rest`` the text from it on, both as far as they are known (``REACH`` is enough).
    """
    line = _without_command(b"\n" + before[-REACH:], rest, line)
    return "" if line and _quoted(b"\n" + before[-REACH:], rest[:REACH]) else line


def heard(case: Case) -> Case:
    """The case with the lines empty that show something of a script; how a shown command ended names no cause."""
    return replace(case, evidence=tuple(_heard(one) for one in case.evidence))


def _heard(evidence: Evidence) -> Evidence:
    return replace(evidence, passages=tuple(replace(one, text="\n".join(_said(one))) for one in evidence.passages))


def _said(passage: Passage) -> Iterator[str]:
    if not _ANY.search(passage.text):
        yield passage.text
        return
    text, start = passage.text.encode("utf-8", "replace"), 0
    for line in passage.text.split("\n"):
        kept = said(text[max(0, start - REACH) : start], text[start : start + REACH], line)
        yield line if kept == line else ""
        start += len(line.encode("utf-8", "replace")) + 1


def _without_command(before: bytes, rest: bytes, line: str) -> str:
    """The line without what it shows of a command that failed: words of a script are not what it said."""
    begin = before.rfind(b"\n" + _COMMAND)
    inside = begin >= 0 and not any(ending in before[begin:] for ending in _ENDINGS)
    if not inside and not rest.startswith(_COMMAND):
        return line
    ends = _COMMAND_ENDS.match(line)
    return f"Command '…'{line[ends.end() :]}" if ends else ""


def _quoted(before: bytes, rest: bytes) -> bool:
    """True where the line only shows a program's text, or what an engine is about to do."""
    line = rest.split(b"\n", 1)[0]
    if _TRACED.match(line) or line.startswith(_REASON) or _REPORTED.match(line):
        return True
    previous = before[before.rfind(b"\n", 0, -1) + 1 :]
    return (
        _of_source(previous, line)
        or (line.startswith(b"  ") and (_in_command(before) or (line.startswith(b"  +") and _in_error(before))))
        or _in_shell(before, rest)
    )


def _of_source(previous: bytes, line: bytes) -> bool:
    # Python and Node show the line of the source below the place; Nextflow indents both
    if frame := _FRAME.match(previous) or _WARNED.match(previous):
        return line.startswith(frame[1] + b"  ")
    return bool(_NODE.match(previous)) or (line[:1].isspace() and bool(_GOES_ON.match(previous)))


def _in_command(before: bytes) -> bool:
    # Nextflow repeats the task's script between these two headings
    begin = before.rfind(b"\nCommand executed")
    return begin >= 0 and before.find(b"\nCommand exit status", begin) < 0


def _in_error(before: bytes) -> bool:
    # below this heading Nextflow tells, indented, what the task said: there a shell that shows its commands, too
    begin = before.rfind(b"\nCommand error:\n")
    return begin >= 0 and all(row.startswith(b"  ") for row in before[begin:].splitlines()[2:] if row.strip())


def _in_shell(before: bytes, rest: bytes) -> bool:
    # Snakemake repeats the command of a rule below this heading: its first line is indented further, others as they
    # are written, and a last one says that it failed
    begin = before.rfind(_SHELL)
    if begin < 0 or _SHELL_ENDS.search(before, begin):
        return False
    ends = _SHELL_ENDS.search(b"\n" + rest)
    if ends and rest.find(_SHELL, 0, ends.start()) < 0:
        return ends.start() > 0
    rows = [*before[begin + len(_SHELL) :].splitlines(), rest.split(b"\n", 1)[0]]
    return all(row.startswith(b"        ") for row in rows if row.strip())
