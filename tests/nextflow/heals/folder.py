"""A user's folder with a Nextflow pipeline in it, and the commands a user types there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.live.pipelines import Pipeline
from tests.nextflow.launches import FAST

RUN = ("nextflow", "run", "main.nf")
UNDER_HEAL = ("heal", "run", "--", *RUN)
ON_SLURM = "process { executor = 'slurm'; memory = '60 MB'; time = '5m' }\n"

# takes 150 MB where it was given as much, and ends as Python does where it was not; a shell that is given less obeys
HOLD = "ulimit -v ${task.memory.toKilo()}; python3 -S -c 'held = bytearray(150 * 1024 ** 2)'"

# A, and B which hangs on it and waits while there is a file `$RAN.hold`
SLOW = """
process A {
    tag 'S1'
    output: path 'a.txt'
    script: "echo A >> \\$RAN; touch a.txt"
}
process B {
    tag 'S1'
    input: path a
    output: path 'b.txt'
    script: "echo B >> \\$RAN; while [ -e \\$RAN.hold ]; do sleep 0.1; done; touch b.txt"
}
workflow { A(); B(A.out) }
"""

# as the launcher that Nextflow comes with: with -bg its Java goes on alone
IN_THE_BACKGROUND = """#!/bin/bash
"{program}" "$@" &
disown
echo $! > .nextflow.pid
"""


class Folder(Pipeline):
    """A pipeline for Nextflow; ``more`` is what a user has in the environment besides, ``site`` in each configuration."""

    site = ""

    def __init__(self, folder: Path, program: Path) -> None:
        super().__init__(folder)
        self.more: dict[str, str] = {}
        # two that begin at once would both make it, and one of them end for it
        (folder / "nxf").mkdir(exist_ok=True)
        self._own = {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(folder / "nxf")}
        self._program = program

    @property
    def env(self) -> dict[str, str]:
        env = super().env
        return {**env, **self._own, "PATH": f"{self._program.parent}:{env['PATH']}", **self.more}

    def prepare(self, script: str, config: str = "") -> None:
        """Write the pipeline, with intervals of seconds where Nextflow's own are minutes."""
        self.file("main.nf", script)
        self.file("nextflow.config", FAST + self.site + config)

    def leave_to_the_log(self) -> None:
        """Let a site's list of plugins not allow heal's, which then reads Nextflow's log."""
        self.more["NXF_PLUGINS_ALLOWED"] = ""

    def in_the_background(self) -> tuple[str, ...]:
        """What starts a run under heal whose launcher ends before its Nextflow does."""
        self.file("own/nextflow", IN_THE_BACKGROUND.format(program=self._program)).chmod(0o755)
        self.more["PATH"] = f"{self.work}/own:{self.env['PATH']}"
        return ("heal", "run", "--", "nextflow", "-bg", "run", "main.nf")

    def program_file(self, name: str, text: str) -> None:
        """One of the pipeline's own programs."""
        self.file(f"bin/{name}", text).chmod(0o755)

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """A command that goes on meanwhile."""
        said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(argv, cwd=self.work, env=self.env, stdin=subprocess.DEVNULL, text=True, **said)  # type: ignore[call-overload,no-any-return]  # as named

    @property
    def hold(self) -> Path:
        """What B of ``SLOW`` waits for to go; a path in the script itself would be a part of what it is cached by."""
        return self.ran.with_name("ran.log.hold")

    def told(self) -> list[tuple[str, str, str, int]]:
        """Each incident: process, cause, state, and how many tasks it is about."""
        return sorted((one["process"], one["label"], one["state"], one["tasks"]) for one in self.incidents())

    def cited(self, process: str) -> list[str]:
        """The lines that the diagnosis of this process rests on, where they stand included."""
        [incident] = [one["id"] for one in self.incidents() if one["process"] == process]
        found = self.show(incident)["diagnosis"]
        return [f"{one['source']}:{one['line']}: {one['text'].strip()}" for one in [found["root"], *found["citations"]]]

    def cached(self) -> bool:
        """True when each task that has ended is in Nextflow's cache on disk, which is a moment later."""
        ended = [path.parent for path in self.work.glob("work/*/*/.exitcode")]
        # its keys are the tasks' hashes, which name their folders
        keys = [bytes.fromhex(folder.parent.name + folder.name) for folder in ended]
        held = b"".join(path.read_bytes() for path in self.work.glob(".nextflow/cache/*/db/*.log"))
        return bool(keys) and all(key in held for key in keys)

    def engines(self) -> list[int]:
        """The Nextflows at work here."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                here = (process / "cwd").readlink() == self.work
                if here and b"nextflow.cli.Launcher" in (process / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(process.name))
        return found

    def kill(self, process: int) -> None:
        """End a process as the system does that needs its memory."""
        os.kill(process, signal.SIGKILL)

    def end_all(self) -> None:
        """End what a killed Nextflow has left at work here."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink().is_relative_to(self.work):
                    self.kill(int(process.name))


def heals_words(said: str) -> list[str]:
    """What heal told."""
    return [line.removeprefix("heal │ ") for line in said.splitlines() if line.startswith("heal │")]


def nextflows_words(said: str) -> list[str]:
    """What Nextflow told, without what is another in each run, and in no order: threads speak as they come."""
    kept = [line for line in said.splitlines() if not line.startswith(("heal │", "Launching ", "Tip: "))]
    return sorted(re.sub(r"\b[0-9a-f]{2}/[0-9a-f]{6,30}\b", "*", line) for line in kept)
