"""A broken pipeline in a git repository of its own, and the real commands run in it, with heal and without."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.healing.material import Case, edits, wheel
from tests.live.pipelines import Pipeline

# what a user keeps out of git
IGNORED = ".snakemake/\n.nextflow*\nwork/\nresults/\n"

# both engines keep a log for each launch; a rule `all` asks for results and runs nothing
_LOGS = {"snakemake": ".snakemake/log/*.snakemake.log", "nextflow": ".nextflow.log*"}
_STARTED = {
    "snakemake": re.compile(r"^(?:local)?rule (?!all:)(\w+):$", re.MULTILINE),
    "nextflow": re.compile(r"ubmitted process > ([\w:]+)"),
}
_WELL = {
    "snakemake": re.compile(r"^Finished jobid: \d+ \(Rule: (\w+)\)", re.MULTILINE),
    "nextflow": re.compile(r"Task completed > TaskHandler\[[^\n]*?name: ([\w:]+)[^\n]*?; status: COMPLETED; exit: 0;"),
}
_FAILED = re.compile(r"(?:Error|Exception) in rule (\w+)[:, ]|Error executing process > '([\w:]+)")


@dataclass(frozen=True)
class Story:
    """What a run under heal came to: how the command ended, and each incident as ``heal show --json`` tells it."""

    code: int
    said: str
    incidents: list[dict[str, Any]]

    @property
    def states(self) -> list[str]:
        """The state of each incident, oldest first."""
        return [incident["state"] for incident in self.incidents]


class Place(Pipeline):
    """``work`` is a fresh repository with one commit that holds the pipeline; what its user did since is not committed.

    ``nextflow`` is the program to run Nextflow pipelines with. ``settings`` is the text of a heal.toml, which is
    committed with the pipeline.
    """

    def __init__(self, folder: Path, case: Case, *, nextflow: Path | None = None, settings: str = "") -> None:
        super().__init__(folder)
        self.case = case
        self.more: dict[str, str] = {}
        self._nextflow = nextflow
        self._lay(settings)

    def _lay(self, settings: str) -> None:
        pipeline, committed = self.case.folder / "pipeline", self.case.folder / "committed"
        shutil.copytree(pipeline, self.work, dirs_exist_ok=True)
        for one in self.case.wheels:
            wheel(self.work / "wheels", **one)
        self.file(".gitignore", IGNORED)
        if settings:
            self.file("heal.toml", settings)
        if committed.exists():
            shutil.copytree(committed, self.work, dirs_exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")
        for name, value in {"user.name": "A User", "user.email": "user@lab.example", "commit.gpgsign": "false"}.items():
            self.git("config", name, value)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=The pipeline")
        shutil.copytree(pipeline, self.work, dirs_exist_ok=True)

    @property
    def env(self) -> dict[str, str]:
        env = {**super().env, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        if self._nextflow:
            env |= {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(self.work.parent / "nxf")}
            env["PATH"] = f"{self._nextflow.parent}:{env['PATH']}"
        return {**env, **self.more}

    def git(self, *argv: str) -> str:
        """What git says of the repository."""
        answer = subprocess.run(
            ["git", *argv], cwd=self.work, env=self.env, capture_output=True, text=True, check=True, timeout=60
        )
        return answer.stdout

    def plain(self, executor: str = "local", *, resume: bool = False) -> subprocess.CompletedProcess[str]:
        """The pipeline without heal, to its end; what was done is taken up where the engine must be told to."""
        more = ["-resume"] if resume and self.case.engine == "nextflow" else []
        return self.run(*self.case.argv[executor], *more)

    def under_heal(self, executor: str = "local", *options: str) -> Story:
        """The pipeline under ``heal run``, to its end, and what heal tells of it."""
        ended = self.heal("run", *options, "--", *self.case.argv[executor])
        return Story(ended.returncode, ended.stdout, [self.show(one["id"]) for one in self.incidents()])

    def apply(self, reply: str) -> list[str]:
        """Do what a coder's reply says, as a person would by hand: the files that it named."""
        found = edits(reply, self.case.files)
        for path, text in found.items():
            self.file(path, text)
        return sorted(found)

    def outputs(self) -> dict[str, str]:
        """What there is of the results that the case speaks of."""
        spoken = sorted({*self.case.outputs, *self.case.wrong.outputs})
        return {path: text.read_text(encoding="utf-8") for path in spoken if (text := self.work / path).exists()}

    def files(self) -> dict[str, bytes]:
        """What git knows of, byte for byte as it stands on disk."""
        return {name: (self.work / name).read_bytes() for name in self.git("ls-files").splitlines()}

    def started(self) -> Counter[str]:
        """How often a task of each rule or process was started here, by the engine's own logs of all launches."""
        return self._logged(_STARTED)

    def went_well(self) -> Counter[str]:
        """How often one of them ended well: what still ran when the engine ended did not."""
        return self._logged(_WELL)

    def _logged(self, words: Mapping[str, re.Pattern[str]]) -> Counter[str]:
        engine = self.case.engine
        texts = [log.read_text(encoding="utf-8") for log in self.work.glob(_LOGS[engine])]
        return Counter(name for text in texts for name in words[engine].findall(text))


class Lay(Protocol):
    """Lays a case out where it can run; with ``heal``, what heal needs beside the engine is there too."""

    def __call__(self, case: Case, *, heal: bool = False, settings: str = "") -> Place: ...


def failed(said: str) -> set[str]:
    """The rules or processes of which an engine says that they failed."""
    return {rule or process for rule, process in _FAILED.findall(said)}
