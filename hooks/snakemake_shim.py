"""What ``snakemake`` is started with under heal: at most one argument more, the logger."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from profile_loggers import profile_loggers

# the first interface whose loggers get all that heal needs
_NEEDED = (2, 1)
_PACKAGE = "snakemake_interface_logger_plugins"
_ASK = "import importlib.metadata as m; print(m.version('snakemake-interface-logger-plugins'))"


def with_logger(real: str, args: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """The arguments with heal's logger; as they are, and a line on stderr, where that Snakemake takes none."""
    version = _interface(real, env)
    if version is not None and version >= _NEEDED:
        return add_logger(args, profile_loggers(args, env, Path.cwd()))
    known = f"only version {'.'.join(map(str, version))}" if version else "not found"
    sys.stderr.write(
        f"heal: {real} takes no logger plugins as heal needs them (interface 2.1, {known}): "
        "heal sees this run begin and end, but not its tasks\n"
    )
    return list(args)


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
