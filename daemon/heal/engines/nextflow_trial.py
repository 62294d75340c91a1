"""What Nextflow says against a draft, as a trial; and which tasks a change makes run again."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from heal.engines.nextflow_again import by_text
from heal.engines.nextflow_argv import read
from heal.engines.nextflow_checking import Pipeline, check
from heal.engines.nextflow_findings import Checked, still
from heal.errors import HealError, NotReplayable
from heal.patch import Draft, Trial
from heal.proving.asking import never
from heal.proving.enclosure import Find, enclosure
from heal.proving.replay import STILL, Failed, Stop
from heal.proving.surroundings import without_secrets
from heal.records import Attempt

NAME = "engine"
_PROCESS = re.compile(r"^[ \t]*process\s+(\w+)\s*\{", re.MULTILINE)
_SECONDS = 300.0


class NextflowCheck:
    """Tries a draft by what Nextflow says of it that it does not say without: parser, configuration, preview, stubs.

    Code of the pipeline's own that runs while Nextflow reads its files runs here too, with bubblewrap where that is.
    """

    def __init__(self, find: Find = enclosure, *, seconds: float = _SECONDS) -> None:
        self._find = find
        self._seconds = seconds

    def tried(self, draft: Draft, failed: Failed, stop: Stop = never) -> Trial:
        """Nextflow's verdict; None where it could not be asked everything and nothing new was found.

        Where Nextflow itself failed and no task, what leaves that failure as it was is not good.
        """
        began = time.monotonic()
        if stop():
            return Trial(NAME, None, "heal was told to end")
        try:
            pipeline = _pipeline(draft, failed)
            checked = check(pipeline, draft.worktree, seconds=self._seconds, within=self._find(pipeline.env))
            passed, said = checked.good, said_of(checked)
            if passed is None and still(checked, failed.said.replace(f"{draft.repository}/", "")):
                passed, said = False, f"{STILL}:\n{said}"
            reruns = "" if checked.new else again(draft, failed.done)
        except (HealError, OSError) as error:
            passed, said, reruns = None, str(error), ""
        return Trial(NAME, passed, said, time.monotonic() - began, reruns)


def said_of(checked: Checked) -> str:
    """In words what is new, and what was not checked."""
    found = [f"{one.file or one.by}{f':{one.line}' if one.line else ''}: {one.message}" for one in checked.new]
    left = [f"not checked by {by}: {why}" for by, why in checked.unchecked.items()]
    return "\n".join([*found, *left])


def again(draft: Draft, done: Sequence[Attempt]) -> str:
    """Tell in words which tasks lose what is cached of them, and how many at least; ``done``: those that ended well."""
    touched = dict.fromkeys(name for path in draft.files for name in _touched(draft, path))
    scripts = [Path(path).name for path in draft.files if "bin" in path.split("/")[:-1]]
    return by_text(tuple(touched), scripts, done, _script)


def _script(task: Attempt) -> str:
    with suppress(OSError):
        return Path(task.workdir or "", ".command.sh").read_text(encoding="utf-8", errors="replace")
    return ""


def _pipeline(draft: Draft, failed: Failed) -> Pipeline:
    line, cwd = read(failed.run.argv), Path(failed.run.cwd)
    env = without_secrets(failed.env)
    given = line.script or "main.nf"
    path = (cwd / given).resolve()
    if path.is_dir():
        path /= (*line.values("-main-script"), "main.nf")[0]
    if not path.is_relative_to(draft.repository.resolve()):
        if path.exists():
            raise NotReplayable(f"{given} lies outside of {draft.repository}")
        # a pipeline that was pulled
        return Pipeline(draft.repository, (*line.values("-main-script"), "main.nf")[0], failed.run.argv, cwd, env)
    script = path.relative_to(draft.repository.resolve()).as_posix()
    return Pipeline(draft.repository, script, failed.run.argv, cwd, env)


def _touched(draft: Draft, path: str) -> Iterator[str]:
    if not path.endswith(".nf"):
        return
    file = draft.worktree / path
    after = dict(processes(file.read_text(encoding="utf-8", errors="replace"))) if file.is_file() else {}
    for name, body in processes(_before(draft, path)):
        # what lies in a storeDir is never made again
        if after.get(name) != body and "storeDir" not in after.get(name, ""):
            yield name


def processes(text: str) -> Iterator[tuple[str, str]]:
    """Each process of a script by its name with all that it says, up to the next one."""
    found = list(_PROCESS.finditer(text))
    for one, following in zip(found, [*found[1:], None], strict=True):
        body = text[one.end() : following.start() if following else len(text)]
        yield one[1], re.split(r"^\}", body, maxsplit=1, flags=re.MULTILINE)[0]


def _before(draft: Draft, path: str) -> str:
    words = ["git", f"--git-dir={draft.git_dir}", "cat-file", "blob", f"{draft.base}:{path}"]
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    answer = subprocess.run(words, env=env, capture_output=True, timeout=20, check=False)
    return answer.stdout.decode(errors="replace") if answer.returncode == 0 else ""
