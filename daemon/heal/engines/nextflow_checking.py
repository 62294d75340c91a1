"""Checks a change to a Nextflow pipeline's files before anybody runs it: what is wrong with it that was not before."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from heal.engines.nextflow_argv import CommandLine, read
from heal.engines.nextflow_config import with_launch
from heal.engines.nextflow_findings import Checked, Finding, Heard, compared, error_text, parser_said
from heal.engines.nextflow_preview import (
    PREVIEW,
    STUBS,
    STUBS_HERE,
    flat_config,
    only_stubs,
    parameters,
    quiet_config,
    trial,
)
from heal.errors import HealError
from heal.proving.asking import Said, asked
from heal.proving.enclosure import Enclosure
from heal.proving.surroundings import without_shims
from heal.shipped import NEXTFLOW_PLUGIN, nextflow_plugin, shipped

_SECONDS = 300.0
_SIGNALLED = 128
_NOT_RUN = (126, 127)
# what bubblewrap says where it cannot start what it is given
_NOT_BEGUN = "bwrap: "
# variables that name where Nextflow, Java and what heal has them read are
_NAMING = ("NXF_", "JAVA_", "HEAL_CHECK_", "CONDA_PREFIX", "VIRTUAL_ENV")
# what a launch leaves in its folder, and a preview must not find or add to
_LEFT = ("work", "results")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline and how it is launched: its folder, its main script in that, words, launch folder and environment.

    A pipeline that was pulled has its folder in ``$NXF_HOME/assets``.
    """

    folder: Path
    script: str
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]


def check(pipeline: Pipeline, changed: Path, *, seconds: float = _SECONDS, within: Enclosure | None = None) -> Checked:
    """Tell what Nextflow says against ``changed``, a copy of the pipeline's folder with a change, and not without it.

    Three checks: the strict parser reads all scripts and configuration files ("parser"); the configuration is resolved
    with the launch's own profiles and files ("config"); and, where these find nothing new, the whole pipeline is built
    with the launch's own arguments and no task is run ("preview"); then, ``within`` an enclosure and where each process
    has a stub, the stubs run here ("stub"). Errors count, warnings do not. The files without the change are asked only
    where something is said against those with it. Each program has ``seconds`` and ends with all that it started.

    Nothing is written into either folder or the launch folder by Nextflow or heal; code of the pipeline's own that
    writes or sends something while the pipeline is built can do neither ``within`` an enclosure; without one it does
    that here too, except that results go elsewhere and no reports and mails are made. What the copy does not hold is
    taken from where the launch has it, as data and settings that are in no repository; so a file that the change
    removes is still found by the words of the launch.

    An undefined variable in a task's script is found by none of them. A check that could not be made is named in
    ``unchecked``: no word of this is ever taken for a yes. Raises ``CannotApply`` where the words are no
    ``nextflow run``.
    """
    line = read(pipeline.argv)
    new: list[Finding] = []
    unchecked: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="heal-check-") as own:
        trials = [
            _Trial(pipeline, line, folder.resolve(), Path(own).resolve() / name, seconds, within)
            for folder, name in ((changed, "after"), (pipeline.folder, "before"))
        ]
        for by, ask in (("parser", _Trial.parser), ("config", _Trial.config), ("preview", _Trial.preview)):
            if by == "preview" and new:
                unchecked[by] = "something else was found"
                continue
            found, why = _compared(by, ask, trials)
            new += found
            unchecked |= {by: why} if why else {}
        # stubs may need what is not here: where they cannot be run, they are as good as none
        if within and not new and not unchecked and all(only_stubs(trial.folder) for trial in trials):
            new += _compared("stub", _Trial.stub, trials)[0]
    return Checked(tuple(new), unchecked)


def _compared(by: str, ask: Callable[[_Trial], Heard], trials: Sequence[_Trial]) -> tuple[tuple[Finding, ...], str]:
    """What is said against the first and not against the second, and why nothing can be told."""
    after = ask(trials[0])
    before = ask(trials[1]) if after.findings else Heard()
    return compared(before, after, first_only=by != "parser")


@dataclass(frozen=True, slots=True)
class _Trial:
    """One state of the files. ``own`` is a folder to launch in."""

    pipeline: Pipeline
    line: CommandLine
    folder: Path
    own: Path
    seconds: float
    within: Enclosure | None

    def parser(self) -> Heard:
        env = _with_check(self._env(), self.folder, self._place())
        # a launcher that does not let its Java be chosen runs this, and that is read as well
        words = (*self.line.start, "lint", "-o", "json", str(self.folder))
        said = self._run(words, env)
        heard = parser_said(said.text, str(self.folder))
        return Heard(trouble=said.text) if said.code is None else heard

    def config(self) -> Heard:
        return self._heard("config", self._flat())

    def preview(self) -> Heard:
        return self._launched("preview", PREVIEW)

    def stub(self) -> Heard:
        return self._launched("stub", STUBS)

    def _launched(self, by: str, how: str) -> Heard:
        flat = self._flat()
        if flat.code != 0:
            return Heard(trouble="the configuration cannot be read")
        given = with_launch({}, self.line, str(self.pipeline.cwd), self.pipeline.env).given
        made = parameters(self.line, given, flat.text, str(self.own))
        here = STUBS_HERE if how == STUBS else ""
        (self.own / "quiet.config").write_text(quiet_config(flat.text) + here, encoding="utf-8")
        (self.own / "params.json").write_text(json.dumps(made, default=str), encoding="utf-8")
        env = {name: value for name, value in self._env().items() if name != "NXF_PARAMS_FILE"}
        words = trial(self.line, str(self.folder / self.pipeline.script), self._moved, str(self.own), how)
        return self._heard(by, self._run(words, env))

    def _flat(self) -> Said:
        words = flat_config(self.line, str(self.folder / self.pipeline.script), self._moved)
        return self._run(words, self._env())

    def _heard(self, by: str, said: Said) -> Heard:
        if said.code is None or said.code in _NOT_RUN or said.code >= _SIGNALLED or said.text.startswith(_NOT_BEGUN):
            return Heard(trouble=said.text or f"it ended with exit code {said.code}")
        if said.code == 0:
            return Heard()
        message = error_text(said.text, [str(self.folder), str(self._place()), str(self.own)])
        return Heard((Finding(by, message or f"it ended with exit code {said.code}"),))

    def _run(self, words: Sequence[str], env: Mapping[str, str]) -> Said:
        program = str(self.pipeline.cwd / words[0]) if "/" in words[0] else words[0]
        return asked((*self._around(words, env), program, *words[1:]), self._place(), env, self.seconds, wholly=True)

    def _around(self, words: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...]:
        if self.within is None:
            return ()
        needed = [value for name, value in env.items() if name.startswith(_NAMING)]
        folders = (str(self.folder), str(self.pipeline.folder.resolve()), str(self.pipeline.cwd.resolve()))
        return self.within.looking(self.own, (*folders, *words, *needed), str(self._place()), env["PATH"])

    def _env(self) -> dict[str, str]:
        given = {name: value for name, value in self.pipeline.env.items() if not name.startswith("HEAL_")}
        named = {name: self._moved(given[name]) for name in ("NXF_CONFIG_FILE",) if given.get(name)}
        # NXF_LAUNCHER: where older launchers keep what they found out about a Java
        own = {"NXF_ANSI_LOG": "false", "NXF_LAUNCHER": str(self.own / "launcher"), "PWD": str(self._place())}
        dropped = ("NXF_CACHE_DIR", "NXF_LOG_FILE", "NXF_WORK", "NXF_TEMP", "TMPDIR")
        kept = {name: value for name, value in given.items() if name not in dropped}
        return kept | named | own | {"PATH": without_shims(given)}

    def _moved(self, path: str) -> str:
        """A path of the launch as this state of the files has it."""
        if "://" in path:
            return path
        full = self.pipeline.cwd / path
        full = full.parent.resolve() / full.name
        with suppress(ValueError):
            moved = self.folder / full.relative_to(self.pipeline.folder.resolve())
            return str(moved if moved.exists() else full)
        return str(full)

    def _place(self) -> Path:
        """The folder to launch in: what is named relative to the launch folder is found here by the same names."""
        place = self.own / "launch"
        if place.exists():
            return place
        place.mkdir(parents=True)
        beside = self.pipeline.cwd.resolve() == self.pipeline.folder.resolve()
        for source in (self.folder, self.pipeline.cwd) if beside else (self.pipeline.cwd,):
            for entry in source.iterdir():
                # where script and launch are in one folder its configuration is read once
                left = entry.name.startswith(".") or entry.name in _LEFT or (beside and entry.name == "nextflow.config")
                if not left and not (place / entry.name).is_symlink():
                    (place / entry.name).symlink_to(entry.absolute())
        return place


def _with_check(env: Mapping[str, str], folder: Path, place: Path) -> Mapping[str, str]:
    """The environment in which Nextflow's launcher starts the check; as it is where this heal has none."""
    try:
        jar = nextflow_plugin() / f"{NEXTFLOW_PLUGIN}.jar"
        script = (shipped("hooks") / "nextflow_check.sh").read_bytes()
    except (HealError, OSError):
        return env
    java = place.parent / "java"
    java.write_bytes(script)
    java.chmod(0o700)
    given = {name: value for name, value in env.items() if name != "NXF_JAVA_HOME"}
    home = env.get("NXF_JAVA_HOME") or env.get("JAVA_HOME") or ""
    own = "" if env.get("NXF_JAVA_HOME") else env.get("JAVA_CMD", "")
    real = shutil.which(own or "java", path=env["PATH"]) if own or not Path(home, "bin/java").is_file() else None
    return given | {
        "JAVA_CMD": str(java),
        "HEAL_CHECK_JAVA": real or f"{home}/bin/java",
        "HEAL_CHECK_JAR": str(jar),
        "HEAL_CHECK_FOLDER": str(folder),
    }
