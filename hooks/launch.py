"""Starts one command for heal, at most once for each id, and tells how it began and ended.

    python3 -I launch.py --id ID --home HEAL_HOME [--spool DIR] [--parent ID] [--must-claim] -- argv…

The command has this process's terminal, folder and environment, with HEAL_RUN and HEAL_SPOOL set; it gets the signals
sent here, and its end is ours. Exit codes of our own: 111 when the id was launched before (nothing is started),
127 and 126 as a shell's.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# -I leaves this script's own folder out
sys.path.insert(0, str(Path(__file__).resolve().parent))

import wire
from child import Child, end_like, not_started, shell_code
from nextflow_shim import runs_nextflow
from shim import MARK, as_given

ALREADY_LAUNCHED = 111


def main(words: list[str]) -> None:
    """Claim, start, wait, tell; ends the process."""
    options, argv = _parsed(words)
    claim = {"pid": os.getpid(), "host": socket.gethostname(), "started": datetime.now(UTC).isoformat()}
    path = options.home / "launches" / f"{options.id}.json"
    if not _claimed(path, claim, must=options.must_claim):
        sys.exit(ALREADY_LAUNCHED)
    spool = options.spool or options.home / "spool"
    env = {**as_given(os.environ), "HEAL_RUN": options.id, "HEAL_SPOOL": str(spool)}
    run: dict[str, Any] = {"id": options.id, "engine": "command", "cwd": _folder(), "argv": argv}
    facts = {"parent": options.parent, "host": claim["host"]}
    try:
        process = Child(*shimmed(argv, env)).start()
    except OSError as error:
        code = not_started(argv[0], error)
        wire.event(spool, "run_started", run, facts)
        wire.event(spool, "run_finished", run, {"ok": False, "exit": code})
        sys.exit(code)
    run["pid"] = process.pid
    with suppress(OSError):
        wire.put(path, {**claim, "child": process.pid})
    wire.event(spool, "run_started", run, facts)
    returncode = process.wait()
    wire.event(spool, "run_finished", run, {"ok": returncode == 0, "exit": shell_code(returncode)})
    end_like(returncode)


def shimmed(argv: list[str], env: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """The command as the shims would be called, were it not named by a path; as it is where there are none for it.

    ``python -m snakemake``, and a Java that is Nextflow, are meant as well. HEAL_REAL names the program called.
    """
    shims = Path(env.get("PATH", "").split(os.pathsep)[0])
    name = Path(argv[0]).name
    if not (shims / MARK).exists():
        return argv, env
    is_module = re.fullmatch(r"python[\d.]*", name) and argv[1:3] == ["-m", "snakemake"]
    if is_module or (name == "java" and runs_nextflow(argv)):
        shim = str(Path(__file__).with_name("shim.py"))
        words = [sys.executable, "-I", "-S", shim, "python" if is_module else "java", str(shims.parent)]
        return [*words, *argv[1:]], {**env, "HEAL_REAL": argv[0]}
    if "/" in argv[0] and os.access(argv[0], os.X_OK) and (shims / name).exists() and Path(argv[0]).parent != shims:
        return [str(shims / name), *argv[1:]], {**env, "HEAL_REAL": argv[0]}
    return argv, env


def _parsed(words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="launch.py", usage="%(prog)s --id ID --home HEAL_HOME [options] -- argv...")
    parser.add_argument("--id", required=True, help="the launch; each is started at most once")
    parser.add_argument("--home", required=True, type=Path, help="$HEAL_HOME: claims go to its launches folder")
    parser.add_argument("--spool", type=Path, help="where events go, if not to the home's own spool")
    parser.add_argument("--parent", help="the launch that this one continues")
    parser.add_argument("--must-claim", action="store_true", help="start nothing where no claim can be written")
    end = words.index("--") if "--" in words else len(words)
    options, argv = parser.parse_args(words[:end]), words[end + 1 :]
    if not argv:
        parser.error("no command: give it after --")
    if not options.id or "/" in options.id or options.id.startswith("."):
        parser.error("an id is a plain file name")
    return options, argv


def _claimed(path: Path, claim: dict[str, Any], *, must: bool) -> bool:
    """Take the id for this process; False when it is taken, or cannot be taken and must be."""
    try:
        with suppress(FileExistsError):
            path.parent.mkdir(mode=0o700, parents=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(claim, file)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        sys.stderr.write(f"heal: launched before, nothing is started ({path})\n")
        return False
    except OSError as error:
        # without a claim a second launch of the same id could not be told from the first
        sys.stderr.write(f"heal: cannot write {path} ({error.strerror})\n")
        return not must
    return True


def _folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return os.environ.get("PWD", "")


if __name__ == "__main__":
    main(sys.argv[1:])
