"""bubblewrap, where it is and works: all can be read, nothing be written but a folder of the replay's own, no network.

A shadow is put in the place of the folder it stands for, so that paths in full lead into it as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from heal.proving.lacking import network, unseen

PROGRAM = "bwrap"
# where the real folders can be seen, within the temporary folder that the task has for itself
SEEN = Path("/tmp/heal-seen")  # noqa: S108 - only within the enclosure
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108
# Who answers there acts outside of the enclosure: munge (and so srun and sbatch), Docker, the user's own systemd. What
# finds names and hosts is shown again.
_ANSWERING = "/run"
_HARMLESS = ("/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", "/run/nscd", "/run/current-system")
# Who asks SLURM is told at once that there is none: without a network its programs wait ten seconds for its controller,
# and Snakemake's executor for SLURM asks whenever Snakemake starts, be it for a dry run.
_NO_SLURM = ("SLURM_CONF", "/dev/null")
# of the home folder: what opens other machines is no task's business
_KEYS = (".ssh", ".gnupg")
# nobody has allowed what runs here yet: it hears and tells nothing; the loopback alone is there
_BASE = ("--die-with-parent", "--unshare-net", "--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev")
# containers often forbid a new /proc
_VARIANTS = (("--unshare-pid", "--proc", "/proc"), ())
_PROBE_S = 10.0


@dataclass(frozen=True, slots=True)
class Over:
    """A shadow, and the real folder in whose place it is put."""

    shadow: Path
    origin: Path


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A bubblewrap that was tried, and the options that it can be given here."""

    program: str
    options: tuple[str, ...]

    def words(self, over: Sequence[Over], own: Path, cwd: str, path: str) -> tuple[str, ...]:
        """What stands before a command line: the shadows in their places, ``own`` as the temporary folder.

        ``path``: the PATH of the command; what of it lies in a temporary folder is shown all the same.
        """
        words = self._closed(own, path)
        for number, one in enumerate(over):
            words += ["--ro-bind", str(one.origin), str(seen(number))]
        for one in over:
            words += ["--bind", str(one.shadow), str(one.origin)]
        return (*words, "--chdir", cwd, "--")

    def looking(self, own: Path, shown: Iterable[str], cwd: str, path: str) -> tuple[str, ...]:
        """What stands before a command line that only looks.

        ``own`` can be written, by its name and as the temporary folder. ``shown``: files and folders that it needs;
        those in a temporary folder are shown all the same, but no sockets. ``path``: as in ``words``.
        """
        words = self._closed(own, path)
        for needed in dict.fromkeys(shown):
            if _hidden(needed) and (Path(needed).is_dir() or Path(needed).is_file()):
                words += ["--ro-bind", needed, needed]
        return (*words, "--bind", str(own), str(own), "--chdir", cwd, "--")

    def _closed(self, own: Path, path: str) -> list[str]:
        words = [self.program, *self.options]
        words += ["--setenv", *_NO_SLURM]
        for place in _TEMPORARY:
            if Path(place).is_dir() and not Path(place).is_symlink():
                words += ["--bind", str(own), place]
        words += ["--tmpfs", "/dev/shm"] if Path("/dev/shm").is_dir() else []  # noqa: S108
        words += ["--tmpfs", _ANSWERING]
        for folder in _HARMLESS:
            words += ["--ro-bind-try", folder, folder]
        for hidden in _keys():
            words += ["--tmpfs", str(hidden.resolve())] if hidden.is_dir() else []
        for folder in _programs(path):
            words += ["--ro-bind-try", folder, folder]
        return words


# who finds the enclosure for an environment; None: there is none
Find = Callable[[Mapping[str, str]], Enclosure | None]


def seen(number: int) -> Path:
    """Where the origin of a shadow can be seen within the enclosure."""
    return SEEN / str(number)


def lacking(text: str, origins: Sequence[Path], own: Path, path: str) -> str:
    """Why a task may have failed in an enclosure, by what it said; empty where nothing tells of that.

    ``origins``: the folders that shadows stand for; ``own`` and ``path``: as in ``Enclosure.words``.
    """
    if why := network(text):
        return why
    keys = [str(place) for key in _keys() for place in (key, key.resolve())]
    shown = [*_HARMLESS, *_programs(path), str(SEEN), *map(str, origins)]
    for named in unseen(text, (*_TEMPORARY, "/dev/shm", _ANSWERING, "/var/run", *keys), shown, Path.home()):  # noqa: S108
        # what the task put there itself was there for it
        if not any(named.startswith(f"{top}/") and (own / named[len(top) + 1 :]).exists() for top in _TEMPORARY):
            return f"it names {named}, which a replay does not see"
    return ""


def _keys() -> list[Path]:
    return [Path.home() / name for name in _KEYS]


def _programs(path: str) -> list[str]:
    return list(dict.fromkeys(_installed(folder) for folder in path.split(os.pathsep) if _hidden(folder)))


def _hidden(folder: str) -> bool:
    return folder.startswith(tuple(f"{place}/" for place in (*_TEMPORARY, _ANSWERING)))


def _installed(folder: str) -> str:
    """A folder of programs with what they need beside it."""
    return str(Path(folder).parent) if Path(folder).name == "bin" else folder


def enclosure(env: Mapping[str, str]) -> Enclosure | None:
    """The bubblewrap on this PATH; None where there is none, or where this machine does not let it work."""
    program = shutil.which(PROGRAM, path=env.get("PATH", os.defpath))
    return _tried(program) if program else None


@cache
def _tried(program: str) -> Enclosure | None:
    for variant in _VARIANTS:
        options = (*_BASE, *variant)
        try:
            answer = subprocess.run(
                [program, *options, "--", "true"], capture_output=True, timeout=_PROBE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if answer.returncode == 0:
            return Enclosure(program, options)
    return None
