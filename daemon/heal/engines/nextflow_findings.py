"""What Nextflow says against a pipeline's files, and what of it a change brought. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heal.engines.nextflow_tasks import clipped

# of an error, where it stands in a file: an edit above it moves that
_PLACE = re.compile(r"\b(?:at )?line:? *\d+(?:, column:? *\d+)?|^ *\d+ *\|", re.MULTILINE)
# of a check that ends at what was wrong before
AS_BEFORE = "it ends without the change as well: "
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_ERROR = re.compile(r"^ERROR ~ ?", re.MULTILINE)
_POINTER = re.compile(r"^ *-- Check (?:script|'.*' file).*$", re.MULTILINE)
_LAST_LINES = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something said against a pipeline. ``by``: "parser", "config", "preview" or "stub".

    ``file`` is relative to the pipeline's folder, empty where it is not told; so are ``line`` and ``column`` 0.
    """

    by: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def same(self) -> tuple[str, str, str]:
        """What two findings of one thing have in common, wherever in their file they stand."""
        return self.by, self.file, _PLACE.sub("line", self.message)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one check said of one state of the files; ``trouble`` is why it could not say all, empty where it did."""

    findings: tuple[Finding, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking a change. ``new``: what is said against it that was not said without it.

    ``unchecked``: by check, why it says nothing of the change.
    """

    new: tuple[Finding, ...] = ()
    unchecked: Mapping[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool | None:
        """False: something new is wrong. None: nothing is known to be, and not everything could be checked."""
        if self.new:
            return False
        return None if self.unchecked else True


def still(checked: Checked, said: str) -> bool:
    """True where a check ends at this very line, with the change and without; ``said`` empty: none is known."""
    wanted = _PLACE.sub("line", said.strip())
    ends = (_PLACE.sub("line", why) for why in checked.unchecked.values() if why.startswith(AS_BEFORE))
    return bool(wanted) and any(wanted in why for why in ends)


def difference(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Finding, ...]:
    """What is found after and was not before, wherever in its file; what is found twice must have been there twice."""
    left = Counter(finding.same for finding in before)
    found = []
    for finding in after:
        if left[finding.same] > 0:
            left[finding.same] -= 1
        else:
            found.append(finding)
    return tuple(found)


def compared(before: Heard, after: Heard, *, first_only: bool) -> tuple[tuple[Finding, ...], str]:
    """What is new, and why this check says nothing of the change (empty where it does).

    ``first_only``: the check ends at the first thing that is wrong, so that one that was there before hides the rest.
    """
    if after.findings and before.trouble:
        return (), f"what it says without the change is not known: {before.trouble}"
    new = difference(before.findings, after.findings)
    if first_only and after.findings and not new:
        return (), f"{AS_BEFORE}{after.findings[0].message}"
    return new, after.trouble


def parser_said(text: str, folder: str) -> Heard:
    """Read the lines of ``heal.nextflow.Check``, or the JSON of ``nextflow lint`` where that ran in its place."""
    found = [said for line in text.splitlines() if (said := _object(line))]
    if found and "checked" in found[-1]:
        return _own(found[:-1], folder)
    lint = _object(text[max(text.find("{\n"), 0) :])
    if lint is None or not isinstance(lint.get("errors"), list) or "summary" not in lint:
        return Heard(trouble=error_text(text, [folder]) or "it said nothing")
    errors = ((e["message"], e["filename"], e["startLine"], e["startColumn"]) for e in lint["errors"])
    return Heard(tuple(_found(*each, folder) for each in errors))


def error_text(text: str, folders: Sequence[str]) -> str:
    """What a Nextflow that ended with an error says of it, without the names of these folders."""
    plain = _COLOUR.sub("", text)
    found = _ERROR.search(plain)
    said = plain[found.end() :] if found else "\n".join(plain.strip().splitlines()[-_LAST_LINES:])
    for folder in sorted(folders, key=len, reverse=True):
        said = _without(said, folder)
    return clipped(re.sub(r"\n{3,}", "\n\n", _POINTER.sub("", said)).strip())


def _own(said: Sequence[Mapping[str, Any]], folder: str) -> Heard:
    unread = [f"{each['file']}: {each['message']}" for each in said if each["severity"] == "unread"]
    errors = (each for each in said if each["severity"] == "error")
    found = (_found(e["message"], e["file"], e["line"], e["column"], folder) for e in errors)
    # the parser tells its files in no order
    return Heard(tuple(sorted(found, key=lambda each: (each.file, each.line, each.column))), "; ".join(unread))


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _found(message: str, file: str, line: int, column: int, folder: str) -> Finding:
    return Finding("parser", _without(message, folder), _without(file, folder), line, column)


def _without(text: str, folder: str) -> str:
    """A text that names files in this folder as they are named in any other."""
    return re.sub(rf"{re.escape(folder)}(?![\w.-])", ".", text.replace(f"{folder}/", ""))
