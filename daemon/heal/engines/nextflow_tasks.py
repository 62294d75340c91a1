"""A task as Nextflow's log and its folder tell of it, in the words of the wire format. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heal.engines.nextflow_records import Record
from heal.engines.nextflow_workdir import WorkDir, told_paths

# as the plugin clips: a message is for reading
MAX_TEXT = 16_000
_LOGS = (".command.err", ".command.out", ".command.log")
_NAME = re.compile(r"(?P<process>\S+?)(?: \((?P<told>.*)\))?", re.DOTALL)
# a class that Nextflow made of a script, in a stack
_OF_SCRIPT = re.compile(r"^\s+at (?P<script>Script_[0-9a-f]+)\b.*\((?P=script):(?P<line>\d+)\)$", re.MULTILINE)
_STACK = re.compile(r"^\s+at |^\s*\.\.\. \d+ (?:more|common frames omitted)$")


@dataclass(frozen=True, slots=True)
class Task:
    """One try of a task. ``native_id`` is SLURM's, None elsewhere; ``submitted`` the record that told of it first."""

    name: str
    key: str
    attempt: int
    native_id: str | None
    executor: str
    hash: str
    folder: WorkDir
    submitted: Record

    def task(self) -> dict[str, Any]:
        """The ``task`` of an event."""
        path = self.folder.path
        return {
            "name": self.name,
            "key": self.key,
            "attempt": self.attempt,
            "native_id": self.native_id,
            "workdir": path or None,
            "log_paths": [f"{path}/{log}" for log in _LOGS] if path else [],
        }

    def facts(self) -> dict[str, Any]:
        """The ``facts`` of an event, common to all kinds."""
        process, told = process_of(self.name)
        facts = {"process": process, "asked": self.folder.asked, "executor": self.executor, "hash": self.hash}
        return facts | ({"tag": told} if told and not told.isdigit() else {})

    def success(self) -> dict[str, Any]:
        """The facts of an end that is well, with what it reads and makes."""
        return self.facts() | {"input": told_paths(self.folder.inputs), "output": told_paths(self.folder.outputs)}


@dataclass(frozen=True, slots=True)
class Failure:
    """What was said of a failure. ``exit`` is a number, or the word of the report; ``action`` empty where not known."""

    message: str
    exit: int | str
    action: str
    shell: str = ""

    def facts(self, task: Task) -> dict[str, Any]:
        """The facts of the event. Where Nextflow tries again or ignores a failure it says so: it will do neither."""
        facts = task.success() | {"state": "FAILED", "will_retry": self.action == "RETRY"}
        if str(self.exit).isdigit():  # -1 where the file that should hold it stayed empty
            facts["exit"] = int(self.exit)
        if self.action:
            facts["error_action"] = self.action
        if self.action == "IGNORE":
            facts["ignored"] = True
        if self.message:
            facts["message"] = clipped(self.message)
        return facts | {"shell": clipped(self.shell or task.folder.script)}

    @staticmethod
    def aborted(task: Task) -> dict[str, Any]:
        """The facts of a task that was killed because the run ended."""
        return task.success() | {
            "state": "ABORTED",
            "aborted": True,
            "will_retry": False,
            "shell": clipped(task.folder.script),
        }


def process_of(name: str) -> tuple[str, str]:
    """The process of a task's name, and what stands in brackets after it: the tag, or a running number."""
    found = _NAME.fullmatch(name)
    return (found["process"], found["told"] or "") if found else (name, "")


def section(report: str, title: str) -> str:
    """The body of a section of Nextflow's failure block, without its indent; empty where it has none.

    ``TaskProcessor.formatTaskError``: a title at the margin that ends with a colon, lines indented by two.
    """
    lines = report.splitlines()
    starts = [n for n, line in enumerate(lines) if re.fullmatch(rf"{re.escape(title)}(?: \[.*\])?:", line)]
    body: list[str] = []
    for line in lines[starts[0] + 1 :] if starts else ():
        if line and not line.startswith("  "):
            break
        body.append(line.removeprefix("  "))
    return "\n".join(body).strip("\n")


def plain_error(text: str) -> str:
    """What an error says, without the places in Nextflow's own code."""
    lines = [line for line in text.splitlines() if not _STACK.match(line)]
    # the logger's word for: only what was thrown says what is wrong
    return "\n".join(lines[1:] if lines[:1] == ["@unknown"] else lines).strip()


def placed(message: str, stack: str, scripts: Mapping[str, str], launched: str) -> str:
    """The message with the line of the pipeline that an error comes from, in Nextflow's own words for it.

    ``scripts`` are the pipeline's files by the class that each became, ``launched`` what Nextflow calls the first one.
    """
    found = _OF_SCRIPT.search(stack)
    path = scripts.get(found["script"]) if found else None
    if found is None or path is None or "Check script '" in message:
        return message
    name = launched if launched and path.endswith(f"/{launched}") else path
    return f"{message} -- Check script '{name}' at line: {found['line']}"


def clipped(text: str) -> str:
    """The text, without its middle where it is longer than ``MAX_TEXT``."""
    if len(text) <= MAX_TEXT:
        return text
    half = MAX_TEXT // 2
    return f"{text[:half]}\n… {len(text) - MAX_TEXT} characters left out …\n{text[-half:]}"
