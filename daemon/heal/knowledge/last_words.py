"""Whether a log ends with the word that all went well: what is told of a job whose exit code nobody knows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from heal.cases import Case, Citation, Evidence
from heal.knowledge.clues import Clue
from heal.knowledge.roles import Role, role
from heal.records import Weight

# said of a try that was not the last
_NOT_THE_LAST = re.compile(r"(?i)\btrying (?:again|another)\b")
# a word of success counts in the last lines
_LAST_LINES = 3
_DONE = (
    r"done|finished|completed?|ok|okay|built|written|saved|stored|loaded|fetched|downloaded|uploaded|copied|created"
    r"|generated|rendered|merged|sorted|indexed|converted|exported|imported|installed|published|deployed|updated|cleaned"
    r"|passed"
)
_WELL = re.compile(
    # a few words that end in what was done, and nothing after it; or that begin with it
    rf"(?i)^\W{{0,20}}(?:[\w/+-]{{1,80}}(?:\.\w{{1,20}})? ){{0,5}}(?:{_DONE})[.!]?\s*$"
    r"|^\W{0,20}(?:done|finished|built|wrote|saved|stored|loaded|fetched|downloaded|generated|created)"
    r"(?: [\w./+-]{1,200}){1,4}\s*$"
    # that none of them failed
    r"|\b(?:0|no) (?:errors?|failures?|failed)\b|\b(?:failed|failures?|errors?)(?: \w{1,40})?\W{1,3}0\b"
    r"|\b(?:rc|exit(?: code| status)?|return code)[ :=]{1,3}0\b|\bsuccess\W{1,3}true\b"
)
# the last is Ansible's, of a host that it could not reach, too
_NOT_SO = re.compile(
    r"(?i)\b(?:not|un|in|never|cannot|with errors?|failed to|but)\b|\b[1-9]\d* (?:failed|failures|errors?)\b"
    r"|\b(?:failed|failures?|errors?|finished|done|exit|status)\W{1,3}[1-9]|\bdump\b|\.{3}|\bunreachable="
)
_COMPLAINS = re.compile(
    r"(?i)error|exception|traceback|fatal|panic|abort|kill|crash|cannot|can['\u2019]t|could ?n[o'\u2019]t|unable|denied"
    r"|fail|not found|no such|invalid|refused|exceed|out of|no space|corrupt|truncat|incomplet|timed? ?out|interrupt"
    r"|weren't"
)
# what gives up says so: of a script that goes on after it the end tells nothing
_GIVES_UP = re.compile(
    r"^(?:\S{1,80}: )?Traceback \(most recent call last\)|^Exception in thread|^Execution halted|^srun: error"
    r"|^slurmstepd\S{0,80}: error(?!.*REQUEUE)|\*\*\* \[|\bcore dumped\b|^terminate called|\bpanicked at\b|\bKilled\b"
    r"|(?i:^\W{0,3}(?:\S{1,80}: )?(?:fatal|panic|abort(?:ed|ing)?|error)\b(?! rates?\b))"
    r"|(?i:\bexit(?:ed)?(?: with)?(?: exit)? (?:code|status)[ :=]{1,3}[1-9])"
)
_CAUSE, _SURE = "The log ends with the word that all went well.", 0.6
_WEIGHT = Weight(20, "the last lines say that it is done, and nothing beside them complains")
# what was dealt with, and that there was none of it
_CALM = re.compile(
    r"(?i)\bwarn|retry|skip|ignor|optional|instead|fall(?:ing)? ?back|handled|recovered|\b(?:0|no) (?:errors?|fail)"
    r"|\b(?:errors?|failures?|failed)(?: \w+)?\W{1,3}0\b"
)


def ends_well(case: Case) -> Iterator[Clue]:
    """What the last lines of the tasks' texts say in few words: that it is done, or that none failed."""
    for place, evidence in enumerate(case.evidence):
        rows = [(number, text) for number, text in evidence.numbered().items() if text.strip()][-_LAST_LINES:]
        for number, text in rows:
            well = _WELL.search(text) and not _NOT_SO.search(text)
            if well and said_at_the_end(evidence, number):
                cited = Citation(evidence.source, number, text)
                yield Clue(None, _CAUSE, _SURE, (_WEIGHT,), cited, by="words", order=(place, number))


def gives_up(case: Case) -> bool:
    """True where a task's text says, anywhere, that something ended in failure, and nothing there says otherwise."""
    return any(
        bool(_GIVES_UP.search(text)) and not _CALM.search(text) and not _NOT_THE_LAST.search(text)
        for evidence in case.evidence
        if role(evidence.source, evidence.text) is Role.TASK
        for text in evidence.numbered().values()
    )


def said_at_the_end(evidence: Evidence, line: int) -> bool:
    """True of a line near the end of what a task said, with no complaint right before it or anywhere after.

    A step may end well in the middle of what fails; what the last lines say is said of the whole.
    """
    if role(evidence.source, evidence.text) is not Role.TASK:
        return False
    lines = [(number, text) for number, text in evidence.numbered().items() if text.strip()]
    at = next((at for at, (number, _text) in enumerate(lines) if number == line), 0)
    if at < len(lines) - _LAST_LINES:
        return False
    return not any(_complains(text) for _number, text in (*lines[max(0, at - 1) : at], *lines[at + 1 :]))


def goes_on(evidence: Evidence, line: int) -> bool:
    """True where the text ends later than that line, and in words that complain of nothing."""
    rows = [(number, text) for number, text in evidence.numbered().items() if text.strip()]
    return bool(rows) and rows[-1][0] > line and not _complains(rows[-1][1])


def _complains(text: str) -> bool:
    return bool(_COMPLAINS.search(text)) and not _CALM.search(text)
