"""What ``snakemake`` is started with under heal: at most one argument more, the logger."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

import wire
from profile_loggers import profile_loggers

# the first interface whose loggers get all that heal needs
_NEEDED = (2, 1)
_PACKAGE = "snakemake_interface_logger_plugins"
# what keeps no log, for it runs nothing
_RUNS_NOTHING = frozenset(
    {
        *("--dry-run", "--dryrun", "--touch", "-t", "--unlock", "--lint", "--version", "--help", "-h", "--list", "-l"),
        *("--dag", "--rulegraph", "--filegraph", "--d3dag", "--summary", "-S", "--detailed-summary", "-D", "--report"),
        *("--list-target-rules", "--lt", "--archive", "--print-compilation", "--cleanup-metadata", "--containerize"),
    }
)
_DRY = re.compile(r"-[tkfFlSDvpa]*n[ntkfFlSDvpa]*")
_ASK = "import importlib.metadata as m; print(m.version('snakemake-interface-logger-plugins'))"


def with_logger(real: str, args: Sequence[str], env: Mapping[str, str], *, is_python: bool = False) -> list[str]:
    """The arguments with heal's logger; as they are, and a line on stderr, where that Snakemake takes none.

    ``is_python``: ``real`` is the Python of a ``python -m snakemake``.
    """
    version = _asked(Path(real), env) if is_python else _interface(real, env)
    if version is not None and version >= _NEEDED:
        return add_logger(args, profile_loggers(args, env, Path.cwd()))
    known = f"only version {'.'.join(map(str, version))}" if version else "not found"
    sys.stderr.write(
        f"heal: {real} takes no logger plugins as heal needs them (interface 2.1, {known}): "
        "heal reads the log of this run instead\n"
    )
    if not _RUNS_NOTHING.intersection(word.partition("=")[0] for word in args) and not any(map(_DRY.fullmatch, args)):
        tell([real, *(["-m", "snakemake"] if is_python else []), *args], args, env)
    return list(args)


def tell(argv: Sequence[str], args: Sequence[str], env: Mapping[str, str]) -> None:
    """Tell heal of a run that does not tell of itself: its process, which keeps a log that heal can read."""
    spool, run_id = wire.spool_folder(env), str(uuid.uuid4())
    run = {"id": run_id, "engine": "snakemake", "cwd": str(Path.cwd()), "argv": list(argv), "pid": os.getpid()}
    facts = {
        "folder": str(Path.cwd() / _directory(args)),
        "parent": env.get("HEAL_RUN"),
        "host": socket.gethostname(),
        # with the shims on its PATH: started again it has to be told of again
        "env_file": wire.environment(spool, run_id, _as_called(os.environ)),
    }
    wire.event(spool, "snakemake_log", run, facts)


def _as_called(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name not in ("HEAL_SHIM", "HEAL_REAL")}


def _directory(args: Sequence[str]) -> str:
    """Where Snakemake works, as far as the command line tells."""
    found = ""
    for place, word in enumerate(args):
        if word in ("-d", "--directory"):
            found = args[place + 1] if place + 1 < len(args) else ""
        elif word.startswith("--directory="):
            found = word.partition("=")[2]
    return found


def add_logger(args: Sequence[str], of_profile: Sequence[str] = ()) -> list[str]:
    """Name heal among the loggers; what the user names stays, and nothing else becomes a logger's name.

    ``of_profile`` are loggers that a profile names: one on the command line would replace them.
    """
    end = args.index("--") if "--" in args else len(args)
    named = [place for place in range(end) if args[place] == "--logger" or args[place].startswith("--logger=")]
    if not named and [name for name in of_profile if name != "heal"]:
        # at the end nothing can follow that would be taken for a logger
        return [*args[:end], "--logger", "heal", *(name for name in of_profile if name != "heal"), *args[end:]]
    if not named:
        return ["--logger=heal", *args]
    last = named[-1]
    if args[last] != "--logger":
        logger = args[last].partition("=")[2]
        # this form takes one name only, and the last option counts: name both at the end, where nothing can follow
        return list(args) if logger == "heal" else [*args[:end], "--logger", "heal", logger, *args[end:]]
    values = []
    for word in args[last + 1 : end]:
        if word.startswith("-"):
            break
        values.append(word)
    return list(args) if "heal" in values else [*args[: last + 1], "heal", *args[last + 1 :]]


def _interface(real: str, env: Mapping[str, str]) -> tuple[int, ...] | None:
    python = _interpreter(Path(real))
    if python is None:
        return None
    found = [
        _numbers(folder.name[len(_PACKAGE) + 1 : -len(".dist-info")])
        for folder in python.parent.parent.glob(f"lib/python3*/site-packages/{_PACKAGE}-*.dist-info")
    ]
    return max(found) if found else _asked(python, env)


def _interpreter(script: Path) -> Path | None:
    """The Python of a console script; None where the program is none, or starts its Python without PYTHONPATH."""
    try:
        with script.open("rb") as file:
            head = file.read(4096).decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    if not head or not head[0].startswith("#!"):
        return None
    words = head[0][2:].split()
    # a path too long for a first line is called by a shell from the second
    if words and words[0] == "/bin/sh" and len(head) > 1 and head[1].startswith("'''exec'"):
        words = re.findall(r'"[^"]*"|\S+', head[1])[1:]
    if not words or any(re.fullmatch(r"-\w*[IE]\w*", word) for word in words[1:]):
        return None
    path = Path(words[0].strip('"'))
    if path.name == "env" or "python" not in path.name or not path.is_absolute():
        return Path("python3") if path.name == "env" and words[-1].startswith("python") else None
    return path


def _asked(python: Path, env: Mapping[str, str]) -> tuple[int, ...] | None:
    try:
        answer = subprocess.run(
            [python, "-c", _ASK], env=dict(env), capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return _numbers(answer.stdout.strip())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
