"""How many tasks of a Nextflow run are run again for a change: counted from below, by what is known for sure. Pure.

Nextflow has no dry run that knows its cache. Two things tell: the text of the processes that a change touches, with
what each task read of others; and what a replay, which resumes the run without running a task, found in the cache.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from heal.engines.nextflow_begun import short_of
from heal.records import Attempt

_CACHED = re.compile(r"\[(\w\w/\w+)\] Cached process > ")
_STORED = re.compile(r" Stored process > (\S+)")
_SUBMITTED = "ubmitted process > "


def by_text(
    touched: Collection[str], scripts: Collection[str], done: Sequence[Attempt], script_of: Callable[[Attempt], str]
) -> str:
    """Tell in words what is known to run again where the text of these processes and programs of ``bin/`` changes.

    ``done``: the tasks of the launch that ended well; ``script_of`` gives what one ran. What read what such a task
    made runs again as well. Empty where the change touches neither.
    """
    if not touched and not scripts:
        return ""
    own = [task for task in done if _last(task.process) in touched or _calls(script_of(task), scripts)]
    again = [*own, *_after(own, done)]
    why = [f"the text of {', '.join(touched)} changes"] if touched else []
    why += [f"tasks call {', '.join(scripts)}"] if scripts else []
    follows = ", and others read what those made" if len(again) > len(own) else ""
    return f"{_counted(again, len(done))}: {'; '.join(why)}{follows}"


def by_cache(said: str, failed: str, done: Sequence[Attempt]) -> str:
    """The same by what a resumed run said that took all it could from its cache and ran no task; it came to its end.

    Empty where it did not say that it came to the failed task: then it says nothing of others either.
    """
    if not any(line.endswith(f"{_SUBMITTED}{failed}") for line in said.splitlines()):
        return ""
    cached, stored = set(_CACHED.findall(said)), set(_STORED.findall(said))
    again = [task for task in done if short_of(task.workdir or "") not in cached and task.process not in stored]
    kept = f"resumed with the change, Nextflow took {len(cached)} from its cache"
    return f"{_counted(again, len(again) + len(cached))}: {kept}"


def _counted(again: Sequence[Attempt], of: int) -> str:
    named = Counter(task.process for task in again)
    words = ", ".join(f"{process} {count}" for process, count in sorted(named.items()))
    many = f"at least {len(again)}" if again else "as far as is known none"
    done = "1 task that was done" if of == 1 else f"{of} tasks that were done"
    return f"what failed, and {many} of {done}{f' ({words})' if words else ''}"


def _after(first: Iterable[Attempt], done: Sequence[Attempt]) -> list[Attempt]:
    """Those that read what these made, or what one made that did."""
    known = {task.workdir for task in first}
    found: list[Attempt] = []
    left = [task for task in done if task.workdir not in known]
    while following := [task for task in left if any(_folder(path) in known for path in _inputs(task))]:
        known |= {task.workdir for task in following}
        found += following
        left = [task for task in left if task.workdir not in known]
    return found


def _inputs(task: Attempt) -> list[str]:
    said = task.facts.get("input")
    return [str(path) for path in said] if isinstance(said, list | tuple) else []


def _folder(path: str) -> str:
    """The folder of the task that made a file of a work folder, also where it lies deeper in it."""
    found = re.match(r".*?/[0-9a-f]{2}/[0-9a-f]{30}(?=/)", path)
    return found[0] if found else ""


def _calls(script: str, programs: Collection[str]) -> bool:
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", script) for name in programs)


def _last(process: str) -> str:
    return process.rpartition(":")[2]
