"""A job submitted by hand made ready to run again, changed, in a folder of its own."""

from __future__ import annotations

import os
import shlex
from functools import partial
from pathlib import Path

from heal.errors import NotReplayable
from heal.patch import Draft
from heal.proving.asking import never
from heal.proving.enclosure import Find, enclosure
from heal.proving.ground import Ground, laid
from heal.proving.replay import Act, Failed, Stop
from heal.proving.surroundings import quiet
from heal.records import Attempt
from heal.schedulers.sbatch_options import CommandLine, parse_command_line
from heal.schedulers.slurm_values import split_id

_MOST_MADE = 50


class SbatchReplay:
    """The staging seam for bare sbatch; with bubblewrap only, for nobody knows where a script writes.

    The script is run from where the user submitted it, not from SLURM's copy: that is where a change to it is.
    """

    def __init__(self, find: Find = enclosure) -> None:
        self._find = find

    def act(self, draft: Draft, failed: Failed, folder: Path, *, stop: Stop = never) -> Act:
        """Make ready; see the seam."""
        del stop  # nothing here takes long
        found = self._find(failed.env)
        if found is None:
            raise NotReplayable("a job submitted by hand is replayed with bubblewrap only: none here works")
        line = parse_command_line(failed.run.argv[1:])
        cwd = line.value("chdir") or failed.attempt.workdir or failed.run.cwd
        words = _words(line, draft, Path(failed.run.cwd))
        ground = laid(folder, draft, Path(cwd), (), found)
        env = quiet(failed.env, ground.temporary)
        argv = ("env", *_of_array(failed.attempt), *words)
        return Act(
            folder,
            ground.words(argv, cwd, env["PATH"]),
            ground.cwd(cwd),
            env,
            cpus=int(failed.attempt.asked.get("cpus") or 1),
            memory_mb=failed.attempt.asked.get("memory_mb"),
            lacking=partial(ground.lacking, env["PATH"]),
            made=partial(_made, ground),
        )


def _words(line: CommandLine, draft: Draft, cwd: Path) -> tuple[str, ...]:
    """What SLURM would run. Raises ``NotReplayable`` where no file that could be changed is."""
    if (wrapped := line.value("wrap")) is not None:
        return ("/bin/sh", "-c", wrapped)
    if line.script is None:
        raise NotReplayable("its script was read from the standard input, which cannot be read again")
    path = cwd / line.script
    real, root = path.resolve(), draft.repository.resolve()
    changed = draft.worktree / real.relative_to(root) if real.is_relative_to(root) else real
    try:
        text = (changed if changed.is_file() else path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise NotReplayable(f"its script {path} cannot be read: {error.strerror}") from error
    first = text.partition("\n")[0]
    if not first.startswith("#!"):
        raise NotReplayable(f"its script {path} does not say by what it is run")
    return (*shlex.split(first[2:]), str(path), *line.arguments)


def _of_array(attempt: Attempt) -> tuple[str, ...]:
    base, element = split_id(attempt.native_id or "")
    return (f"SLURM_ARRAY_TASK_ID={element}", f"SLURM_ARRAY_JOB_ID={base}") if element.isdigit() else ()


def _made(ground: Ground, text: str) -> tuple[Path, ...]:
    """What is there now that was not laid there: no link, no file of the change, no copy that is as it was."""
    del text
    found: list[Path] = []
    for shadow, plan in ground.shadows:
        for place, folders, files in os.walk(shadow):
            folders.sort()
            for name in sorted(files):
                path = Path(place, name)
                laid = path.is_symlink() or path.relative_to(shadow).as_posix() in plan.changed
                if not laid and not _same(path, plan.origin / path.relative_to(shadow)):
                    found.append(path)
    return tuple(found[:_MOST_MADE])


def _same(path: Path, original: Path) -> bool:
    said, before = path.stat(), original.stat() if original.exists() else None
    return before is not None and (said.st_size, said.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
