"""What ``.nextflow.log`` says of its run as a whole, in its first lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from heal.engines.nextflow_records import Record

_LAUNCHING = re.compile(
    r"(?:Launching `(?P<script>.*)`|\* PREVIEW \* .*) \[(?P<name>\S+)\] .* - revision: (?P<revision>.*)"
)
_SESSION = re.compile(r"Session UUID: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_PROCESS = re.compile(r".*\n +Process: (\d+)@(\S+).*", re.DOTALL)
_CONFIG = re.compile(r"(?:User config file|Found config \w+|Parsing config file): (.*)")
_EXECUTOR = re.compile(r"\[warm up\] executor > (\S+)")


@dataclass(frozen=True, slots=True)
class About:
    """The run, as far as its log has told. ``offset`` and ``stamp`` are where and when it says who the run is.

    ``executor`` is the last that it made. ``plugin``: heal's plugin was started by Nextflow itself. ``ready``: nothing
    of this is still to come.
    """

    session: str = ""
    name: str = ""
    version: str = ""
    script: str = ""
    revision: str = ""
    pid: int | None = None
    host: str = ""
    work_dir: str = ""
    profile: str = ""
    configs: tuple[str, ...] = ()
    executor: str = "local"
    command: str = ""
    offset: int = 0
    stamp: str = ""
    plugin: bool = False
    ready: bool = False

    @property
    def id(self) -> str:
        """Nextflow's identity of this launch; empty while it is not known."""
        return f"{self.session}.{self.name}" if self.session and self.name else ""

    @property
    def preview(self) -> bool:
        """True where nothing is run."""
        return "-preview" in self.command.split()

    def after(self, record: Record) -> About:
        """The same, with what a record adds."""
        if self.ready:
            found = _EXECUTOR.fullmatch(record.text)
            return replace(self, executor=found[1]) if found else self
        said = _said(record)
        if config := _CONFIG.fullmatch(record.text):
            said["configs"] = tuple(dict.fromkeys([*self.configs, config[1]]))
        return replace(self, **said) if said else self

    def facts(self, cwd: str) -> Mapping[str, Any]:
        """The facts of ``run_started``, as the plugin tells them. What is not known is left out."""
        script = PurePath(cwd) / self.script if self.script else None
        # a pipeline that was pulled is named by its repository
        local = script is not None and "://" not in self.script
        said = {
            "nextflow": self.version,
            "work_dir": self.work_dir,
            "script": str(script) if local else "",
            "project_dir": str(script.parent) if script and local else "",
            "repository": "" if local else self.script,
            "revision": "" if local else self.revision,
            "profile": self.profile,
        }
        known = {name: value for name, value in said.items() if value}
        return known | {"config_files": list(self.configs), "resume": "-resume" in self.command.split()}


# by the last word of the logger, what its messages say of the run
_WORDS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], dict[str, Any]]], ...] = (
    ("Launcher", re.compile(r"\$> (.*)", re.DOTALL), lambda found: {"command": found[1]}),
    ("CmdRun", re.compile(r"N E X T F L O W  ~  version (\S+)"), lambda found: {"version": found[1]}),
    ("CmdRun", _LAUNCHING, lambda found: {"script": found[1] or "", "name": found[2], "revision": found[3]}),
    ("CmdRun", _PROCESS, lambda found: {"pid": int(found[1]), "host": found[2]}),
    ("Session", _SESSION, lambda found: {"session": found[1]}),
    ("Session", re.compile(r"Run name: (\S+)"), lambda found: {"name": found[1]}),
    ("Session", re.compile(r"Work-dir: (.*?)(?: \[[^\]]*\])?"), lambda found: {"work_dir": found[1]}),
    ("Session", re.compile(r"Session start"), lambda _found: {"ready": True}),
    ("ConfigBuilder", re.compile(r"Applying config profile: `(.*)`"), lambda found: {"profile": found[1]}),
    ("AbstractPluginManager", re.compile(r"Start plugin '?nf-heal@.*"), lambda _found: {"plugin": True}),
)


def _said(record: Record) -> dict[str, Any]:
    for logger, pattern, made in _WORDS:
        if logger == record.logger and (found := pattern.fullmatch(record.text)):
            said = made(found)
            # who the run is, is the first that can be told of it
            return said | {"offset": record.offset, "stamp": record.stamp} if "session" in said else said
    return {}
