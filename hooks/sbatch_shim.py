"""``sbatch`` under heal: submits as ever, and tells heal which job came of it."""

from __future__ import annotations

import os
import re
import socket
import sys
import termios
import tty
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import wire
from child import Child, end_like, not_started

# sbatch names a cluster where several were asked for (-M): heal asks the cluster of its host alone, where the number
# would be another job's
_SUBMITTED = re.compile(rb"^Submitted batch job (\d+)\b(?! on cluster)(?=.*\n)", re.MULTILINE)
_PARSABLE = re.compile(rb"\A(\d+)\s*\n\Z")
# a line of the script has the options of the command line (man sbatch)
_WAITS = re.compile(rb"^#SBATCH[^\n#]*?\s(?:--wait|-W)(?=\s|$)", re.MULTILINE)
# sbatch says a line; more is passed on but not read
_MAX_OUTPUT = 64 * 1024

_SHORT_FLAGS = "HhIkOQsvVW"
_LONG_FLAGS = frozenset(
    {
        *("contiguous", "exclusive", "get-user-env", "help", "hold", "ignore-pbs", "nice", "no-kill", "no-requeue"),
        *("overcommit", "oversubscribe", "parsable", "propagate", "quiet", "reboot", "requeue", "share", "spread-job"),
        *("stepmgr", "test-only", "usage", "use-min-nodes", "verbose", "version", "wait"),
    }
)


def submit(real: str, args: Sequence[str], env: Mapping[str, str], inside: Mapping[str, str]) -> NoReturn:
    """Run the real sbatch to its end and end like it; the job it names is told to heal.

    ``env``: the environment to submit it in again. ``inside``: what sbatch has, and hands on to the job.
    """
    source, sink = _terminal() if waits(args, inside) else os.pipe()
    try:
        process = Child([real, *args], inside).start(stdout=sink)
    except OSError as error:
        sys.exit(not_started(real, error))
    os.close(sink)
    teller = Teller(lambda job: _tell(job, [real, *args], env), number_is_id="parsable" in read_options(args)[0])
    _pass_on(source, teller)
    returncode = process.wait()
    teller.end()
    if returncode == 0 and not teller.output and "test-only" not in read_options(args)[0]:
        # a job all the same: --quiet has sbatch print no id, beside --parsable neither
        with suppress(Exception):
            sys.stderr.write("heal: sbatch named no job (--quiet?), so heal run does not follow it\n")
    end_like(returncode)
    raise AssertionError("the process has ended")


def waits(args: Sequence[str], env: Mapping[str, str]) -> bool:
    """Tell whether sbatch will stay until the job has ended: by an option, a line of the script, or SBATCH_WAIT."""
    options, script = read_options(args)
    if "SBATCH_WAIT" in env or {"W", "wait"} & options.keys():
        return True
    try:
        with Path(script or "").open("rb") as file:
            return bool(_WAITS.search(file.read(_MAX_OUTPUT)))
    except OSError:
        return False


def _terminal() -> tuple[int, int]:
    """What to read from and what to write to, such that a program's line comes when it is printed, byte for byte.

    Into a pipe the C library prints nothing before its buffer is full or the program ends: with --wait, after the job.
    """
    try:
        source, sink = os.openpty()
        tty.setraw(sink)
    except (OSError, termios.error):
        return os.pipe()
    return source, sink


class Teller:
    """Hears sbatch's output as it comes, and tells of the job that it names, once and as soon as that is sure.

    ``number_is_id``: a number alone is the id that was asked for. Where it was not, it counts when nothing follows it.
    """

    def __init__(self, tell: Callable[[str], None], *, number_is_id: bool) -> None:
        self._tell = tell
        self._early = job_id if number_is_id else _submitted
        self._told = False
        self.output = b""

    def hear(self, chunk: bytes) -> None:
        """Take what came next."""
        self.output = (self.output + chunk)[:_MAX_OUTPUT]
        if job := self._early(self.output):
            self._once(job)

    def end(self) -> None:
        """No more comes."""
        if job := job_id(self.output):
            self._once(job)

    def _once(self, job: str) -> None:
        if not self._told:
            self._told = True
            with suppress(Exception):
                self._tell(job)


def _pass_on(source: int, teller: Teller) -> None:
    """Hand sbatch's output on as it comes."""
    with suppress(OSError):
        while chunk := os.read(source, 65536):
            # first: what cannot be handed on (a full disk, a reader who has gone) was said all the same
            teller.hear(chunk)
            rest = chunk
            while rest:
                rest = rest[os.write(1, rest) :]
    # who read our output has gone: sbatch is to feel it as well
    os.close(source)


def job_id(output: bytes) -> str | None:
    """The id of the submitted job; None where the output names none, or one of a cluster that was chosen."""
    found = _PARSABLE.match(output)
    return _submitted(output) or (found[1].decode() if found else None)


def _submitted(output: bytes) -> str | None:
    found = _SUBMITTED.search(output)
    return found[1].decode() if found else None


def _tell(job: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
    spool = wire.spool_folder(os.environ)
    run_id = str(uuid.uuid4())
    run = {"id": run_id, "engine": "sbatch", "cwd": str(Path.cwd()), "argv": list(argv)}
    kept = wire.environment(spool, run_id, env)
    facts = {"parent": os.environ.get("HEAL_RUN"), "host": socket.gethostname(), "env_file": kept}
    wire.event(spool, "run_started", run, facts)
    options, script = read_options(argv[1:])
    name = options.get("J") or options.get("job-name") or _default_name(options, script)
    task = {"name": name, "key": job, "attempt": 1, "native_id": job, "workdir": run["cwd"]}
    array = options.get("a") or options.get("array")
    wire.event(spool, "task_submitted", run, {"process": name} | ({"array": array} if array else {}), task)


def _default_name(options: Mapping[str, str], script: str | None) -> str:
    if script is not None:
        return Path(script).name
    return "wrap" if "wrap" in options else "sbatch"


def read_options(args: Sequence[str]) -> tuple[dict[str, str], str | None]:
    """The options by their names without dashes, the last of each, and the script, as sbatch would tell them apart."""
    options: dict[str, str] = {}
    words = iter(args)
    for word in words:
        if word == "--":
            return options, next(words, None)
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            options[name] = value if equals or name in _LONG_FLAGS else next(words, "")
        elif word.startswith("-") and len(word) > 1:
            flags, letter, value = _short(word[1:])
            options |= dict.fromkeys(flags, "")
            if letter:
                options[letter] = value or next(words, "")
        else:
            return options, word
    return options, None


def _short(letters: str) -> tuple[str, str, str]:
    """Bundled one-letter options: the flags, then the one that takes a value, then what of the value is attached."""
    for place, letter in enumerate(letters):
        if letter not in _SHORT_FLAGS:
            return letters[:place], letter, letters[place + 1 :]
    return letters, "", ""
