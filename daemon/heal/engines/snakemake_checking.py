"""Checks a change to a Snakemake pipeline by dry runs with it and without: what is wrong now, what runs again."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from heal.engines.snakemake_argv import read
from heal.engines.snakemake_replay import work_folder
from heal.engines.snakemake_words import dry_run
from heal.errors import HealError
from heal.patch import Draft, Trial
from heal.proving.asking import Said, asked, never
from heal.proving.enclosure import Find, enclosure
from heal.proving.ground import Ground, laid
from heal.proving.replay import STILL, Failed, Stop
from heal.proving.surroundings import quiet
from heal.proving.tails import tail_of

NAME = "dry run"
_SECONDS = 300.0
_NOT_RUN = (126, 127)
# what Snakemake remembers of what it made: by it, it tells whose code or parameters have changed
_REMEMBERED = ("metadata", "incomplete")
_STATS = re.compile(r"^Job stats:\njob +count\n-+ +-+\n(.*?)\n\n", re.DOTALL | re.MULTILINE)
_NOTHING = "Nothing to be done"
_PLACE = re.compile(r"\bline \d+|\[\w{3} \w{3} [\d :]+\]")
_NOISE = re.compile(
    r"^(?:Assuming unrestricted shared filesystem|Building DAG of jobs|\[\w{3} \w{3} .*\]$|Config file .* is ext)"
)
_LAST_LINES = 12


@dataclass(frozen=True, slots=True)
class Planned:
    """What a dry run says of one state of the files. ``ok`` None: it came to no end, and ``error`` is why.

    ``jobs``: how many jobs of each rule would run.
    """

    ok: bool | None
    error: str = ""
    jobs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a change makes of the dry run. ``more`` and ``less``: by rule, how many jobs more and less than without it.

    Both are None where that is not known, because one of the two dry runs failed. ``reruns`` tells in words what runs
    again, ``said`` why it is not good.
    """

    good: bool | None
    said: str = ""
    more: Mapping[str, int] | None = None
    less: Mapping[str, int] | None = None
    reruns: str = ""


class SnakemakeCheck:
    """Tries a draft by dry runs of its pipeline, as the run was started: arguments, profile, configuration, targets.

    Neither the user's folders nor Snakemake's locks and records are written: Snakemake works in folders of links. Code
    of the pipeline's own that runs while Snakemake reads its files runs here too, with bubblewrap where that is here.
    """

    def __init__(self, find: Find = enclosure, *, seconds: float = _SECONDS) -> None:
        self._find = find
        self._seconds = seconds

    def tried(self, draft: Draft, failed: Failed, stop: Stop = never) -> Trial:
        """The dry run's verdict: see ``compared``; None where it could not be made."""
        began = time.monotonic()
        try:
            checked = self.check(draft, failed, stop)
        except (HealError, OSError) as error:
            checked = Checked(None, str(error))
        return Trial(NAME, checked.good, checked.said, time.monotonic() - began, checked.reruns)

    def check(self, draft: Draft, failed: Failed, stop: Stop = never) -> Checked:
        """Ask with the change and without. Raises ``CannotApply`` where the run is no Snakemake invocation."""
        after = self._planned(draft, failed, stop)
        if after.ok is None:
            return Checked(None, after.error)
        before = self._planned(replace(draft, files=()), failed, stop)
        return compared(before, after, failed.attempt.process, failed.said)

    def _planned(self, draft: Draft, failed: Failed, stop: Stop) -> Planned:
        words, workdir = dry_run(read(failed.run.argv)), work_folder(failed.run, failed.attempt)
        root = draft.repository / ".heal" / "checks"
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (root / ".gitignore").exists():
            (root / ".gitignore").write_text("*\n", encoding="utf-8")
        folder = Path(tempfile.mkdtemp(dir=root))
        try:
            ground = laid(folder, draft, workdir, (), self._find(failed.env))
            _remember(ground, workdir)
            env = quiet(failed.env, ground.temporary)
            argv = ground.words(words, failed.run.cwd, env["PATH"])
            said = asked(argv, ground.cwd(failed.run.cwd), env, self._seconds, stop, wholly=True)
            names = {str(shadow): str(plan.origin) for shadow, plan in ground.shadows}
            found = planned(said, names)
            why = ground.lacking(env["PATH"], found.error) if found.ok is False else ""
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return Planned(None, f"{why}\n{found.error}") if why else found


def planned(said: Said, names: Mapping[str, str] | None = None) -> Planned:
    """Read what a dry run said; ``names``: what its folders are called by people."""
    text = said.text
    for ours, theirs in (names or {}).items():
        text = text.replace(ours, theirs)
    if said.code is None or said.code in _NOT_RUN:
        return Planned(None, text.strip()[-1000:] or "snakemake could not be run")
    if said.code:
        lines = [line for line in text.splitlines() if not _NOISE.match(line)]
        return Planned(False, tail_of("\n".join(lines), _LAST_LINES))
    if (jobs := jobs_of(text)) is None:
        return Planned(None, "the dry run did not say how many jobs there are")
    return Planned(True, jobs=jobs)


def jobs_of(text: str) -> dict[str, int] | None:
    """How many jobs of each rule a dry run tells of; None where it does not say."""
    if (found := _STATS.search(text)) is None:
        return {} if _NOTHING in text else None
    rows = (line.rsplit(maxsplit=1) for line in found[1].splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[0] != "total"}  # noqa: PLR2004


def compared(before: Planned, after: Planned, process: str = "", said: str = "") -> Checked:
    """Tell what the change made of it.

    False: the dry run fails, and did not without the change, or not for that; or this very failure was to be healed.
    None: nothing can be said, or jobs are no longer part of the run, which a person must want. ``process``: the rule of
    the failed task. ``said``: the line that shows the cause where no task failed, but Snakemake itself.
    """
    if after.ok is None:
        return Checked(None, after.error)
    if not after.ok:
        return _failing(before, after, said)
    if not before.ok:
        why = "it fails without the change" if before.ok is False else before.error
        return Checked(
            True, reruns=f"{_counted(after.jobs)}; how many more than without the change is not known: {why}"
        )
    more, less = _more(before.jobs, after.jobs), _more(after.jobs, before.jobs)
    reruns = f"{_counted(more) if more else 'no job'} more than without the change"
    if not less:
        return Checked(True, "", more, less, reruns)
    gone = f", and none of {process} is left" if process in less and process not in after.jobs else ""
    return Checked(None, f"{_counted(less)} less than without the change{gone}", more, less, reruns)


def _failing(before: Planned, after: Planned, said: str) -> Checked:
    if before.ok is False and _same(before.error, after.error):
        if said and _PLACE.sub("", said.strip()) in _PLACE.sub("", after.error):
            return Checked(False, f"{STILL}:\n{after.error}")
        return Checked(None, f"it fails without the change as well:\n{after.error}")
    known = "" if before.ok is not None else "\n(whether it fails without the change as well is not known)"
    return Checked(False if before.ok is not None else None, f"it fails with the change:\n{after.error}{known}")


def _more(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {rule: count - one.get(rule, 0) for rule, count in other.items() if count > one.get(rule, 0)}


def _counted(jobs: Mapping[str, int]) -> str:
    total = sum(jobs.values())
    named = ", ".join(f"{rule} {count}" for rule, count in sorted(jobs.items()))
    return f"{total} job{'' if total == 1 else 's'} ({named})" if jobs else "0 jobs"


def _same(one: str, other: str) -> bool:
    return _PLACE.sub("", one) == _PLACE.sub("", other)


def _remember(ground: Ground, workdir: Path) -> None:
    """Show Snakemake's records, which a dry run reads and does not write."""
    own = ground.outside(workdir / ".snakemake")
    shadow, plan = next(each for each in ground.shadows if own.is_relative_to(each[0]))
    own.mkdir(parents=True, exist_ok=True)
    for name in _REMEMBERED:
        if (workdir.resolve() / ".snakemake" / name).is_dir():
            (own / name).symlink_to((plan.seen or plan.origin) / own.relative_to(shadow) / name)
