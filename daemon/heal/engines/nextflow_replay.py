"""One task of a Nextflow run made ready to run again, changed, in a folder of its own.

Nextflow itself renders it: the run is resumed in folders of links, with a copy of its cache, by a launch in which no
task's script runs. What it wrote for the failed task, from the changed files, is what is run then.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from heal.engines.nextflow_again import by_cache
from heal.engines.nextflow_argv import CommandLine, again, read
from heal.errors import NotReplayable
from heal.patch import Draft
from heal.proving.asking import asked, never
from heal.proving.enclosure import Find, enclosure
from heal.proving.ground import Ground, laid
from heal.proving.replay import Act, Failed, Stop
from heal.proving.surroundings import quiet
from heal.proving.tails import tail_of

_SECONDS = 300.0
_SESSION = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\..*)?")
_NAMED = re.compile(r"^(?:### name: '(.*)'|# NEXTFLOW TASK: (.*))$", re.MULTILINE)
_DECLARED = re.compile(r"^### - '(.*)'$", re.MULTILINE)
# who is told of a launch, or waits for it to end
_TELLS = (
    *("-with-weblog", "-with-tower", "-N", "-with-notification", "-bg", "-with-report", "-with-timeline"),
    *("-with-dag", "-with-trace"),
)
# No task runs: bash reads this before anything else, and a task's wrapper ends there.
_STOP = 'case "${0##*/}" in .command.run) exit 77;; esac\n'
# Of selectors that match a process's full name the one that is read last holds, unless its words stood there before.
_OVERLAY = """\
process.executor = 'local'
process {
    withName: '^(?:.*)$' {
        executor = 'local'
        errorStrategy = 'ignore'
        publishDir = [path: '/tmp/published', enabled: false]
    }
}
""" + "".join(
    f"{scope}.enabled = false\n"
    for scope in ("trace", "report", "timeline", "dag", "weblog", "tower", "notification", "lineage")
)


@dataclass(frozen=True, slots=True)
class _Rendered:
    """What Nextflow wrote for the task: its folder by the name it has inside, and by where it is found from outside.

    ``reruns``: which tasks it did not have in its cache, in words; empty where that is not known.
    """

    inside: Path
    outside: Path
    reruns: str = ""


class NextflowReplay:
    """The staging seam for Nextflow; with bubblewrap only, for a resumed run writes wherever the pipeline says."""

    def __init__(self, find: Find = enclosure, *, seconds: float = _SECONDS) -> None:
        self._find = find
        self._seconds = seconds

    def act(self, draft: Draft, failed: Failed, folder: Path, *, stop: Stop = never) -> Act:
        """Make ready; see the seam."""
        found, task = self._find(failed.env), failed.attempt.workdir
        session = _SESSION.fullmatch(failed.run.id)
        if found is None:
            raise NotReplayable(
                "a task of Nextflow is replayed with bubblewrap only, and there is none here that works"
            )
        if session is None or task is None or not Path(task, ".command.run").is_file():
            raise NotReplayable(f"the work folder of {failed.attempt.name} or the session of its run is not known")
        cwd, work = Path(failed.run.cwd), Path(task).parent.parent
        ground = laid(folder, draft, cwd, (), found, beside=(work,), deep=(work, 1))
        _copy_cache(ground, cwd, failed.env, session[1])
        env = quiet(failed.env, ground.temporary)
        made = self._render(ground, failed, env, work, stop)
        declared = _DECLARED.findall((made.outside / ".command.run").read_text(encoding="utf-8", errors="replace"))
        return Act(
            folder,
            ground.words(("bash", ".command.run"), str(made.inside), env["PATH"]),
            ground.cwd(str(made.inside)),
            env,
            outputs=tuple(made.outside / name for name in declared if not re.search(r"[*?\[{]", name)),
            logs=(made.outside / ".command.err", made.outside / ".command.out"),
            cpus=int(failed.attempt.asked.get("cpus") or 1),
            memory_mb=failed.attempt.asked.get("memory_mb"),
            lacking=partial(ground.lacking, env["PATH"]),
            made=partial(_made, made.outside, declared),
            reruns=made.reruns,
        )

    def _render(self, ground: Ground, failed: Failed, env: Mapping[str, str], work: Path, stop: Stop) -> _Rendered:
        """Resume the run without running a task. Raises ``NotReplayable`` where the task is not reached."""
        (ground.own / "stop.sh").write_text(_STOP, encoding="utf-8")
        (ground.own / "replay.config").write_text(_OVERLAY, encoding="utf-8")
        line = _silent(read(failed.run.argv))
        words = again(line, failed.run.id.partition(".")[0], f"{ground.temporary}/replay.config")
        dropped = ("NXF_CACHE_DIR", "NXF_LOG_FILE", "NXF_WORK", "NXF_TRACE")
        own = {"BASH_ENV": f"{ground.temporary}/stop.sh", "NXF_ANSI_LOG": "false", "NXF_WORK": str(work)}
        own["NXF_LAUNCHER"] = f"{ground.temporary}/launcher"
        full = {name: value for name, value in env.items() if name not in dropped} | own
        argv = ground.words(_working_in(words, line, work), failed.run.cwd, env["PATH"])
        said = asked(argv, ground.cwd(failed.run.cwd), full, self._seconds, stop)
        inside = _found(ground.outside(work), failed.attempt.name)
        if inside is None:
            last = tail_of(said.text, 8) or "it said nothing"
            raise NotReplayable(f"the resumed run does not come to {failed.attempt.name} with this change:\n{last}")
        reruns = by_cache(said.text, failed.attempt.name, failed.done) if said.whole else ""
        return _Rendered(work / inside.relative_to(ground.outside(work)), inside, reruns)


def _silent(line: CommandLine) -> CommandLine:
    return replace(line, parts=tuple(part for part in line.parts if part.name not in _TELLS))


def _working_in(words: tuple[str, ...], line: CommandLine, work: Path) -> tuple[str, ...]:
    """A launch that names no work folder gets it from its configuration, which may make it from what was said then."""
    return words if line.values("-w", "-work-dir", "-bucket-dir") else (*words, "-w", str(work))


def _copy_cache(ground: Ground, cwd: Path, env: Mapping[str, str], session: str) -> None:
    """Give the launch its own copy of what the run has cached. Raises ``NotReplayable`` where there is nothing."""
    own = ground.outside(cwd / ".nextflow")
    cache = Path(env.get("NXF_CACHE_DIR") or cwd / ".nextflow")
    cache = cwd / cache / "cache" / session
    history = cwd / ".nextflow" / "history"
    if not cache.is_dir() or not history.is_file():
        raise NotReplayable(f"what the run has cached is not in {cache}")
    (own / "cache").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(history, own / "history")
    shutil.copytree(cache, own / "cache" / session)


def _found(work: Path, name: str) -> Path | None:
    """The folder that was made for this task in this launch; those of the run itself are links."""
    for path in sorted(work.glob("??/*/.command.run")):
        if path.parent.is_symlink() or path.parent.parent.is_symlink():
            continue
        named = _NAMED.search(path.read_text(encoding="utf-8", errors="replace"))
        if named and (named[1] or named[2]) == name:
            return path.parent
    return None


def _made(folder: Path, declared: list[str], text: str) -> tuple[Path, ...]:
    """What was made of what the task declares; what may be missing is not told from what must not."""
    del text
    found = [path for name in declared for path in sorted(folder.glob(name))]
    return tuple(dict.fromkeys(found))
