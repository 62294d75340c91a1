"""``nextflow run`` under heal: the same arguments, heal's plugin on the class path, a word on where its log will be."""

from __future__ import annotations

import os
import re
import socket
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import wire
from nextflow_turns import begin_alone

PLUGIN = "nf-heal"
# options of the launcher's own, before its command, that take the next word (CliOptions.groovy of Nextflow 25.04)
_WITH_VALUE = frozenset({"-C", "-c", "-config", "-debug", "-log", "-trace"})
_COMMANDS = frozenset(
    {
        *("auth", "cid", "clean", "clone", "cloud", "config", "console", "drop", "fs", "help", "info", "inspect"),
        *("kuberun", "launch", "li", "lineage", "lint", "list", "log", "ls", "module", "node", "plugin", "pull", "run"),
        *("secrets", "self-update", "view"),
    }
)
_CLASS, _JAR = "nextflow.cli.Launcher", re.compile(r"(?:\S*/)?nextflow[\w.+-]*\.jar")
# the launcher takes its Java apart at blanks
_PLAIN = re.compile(r"[\w/.@%+:-]+")


def runs(args: Sequence[str]) -> bool:
    """Whether these words start a pipeline, and not one of Nextflow's other commands."""
    place = _command(args)
    if place is None:
        return False
    # a file that stands first is run
    return args[place] == "run" or (place == 0 and args[0] not in _COMMANDS and Path(args[0]).is_file())


def runs_nextflow(argv: Sequence[str]) -> bool:
    """Whether the words of a Java start Nextflow in it."""
    return bool(apart(argv)[0])


def apart(args: Sequence[str]) -> tuple[list[str], list[str]]:
    """What a Java has before Nextflow's own words, and those; nothing before where it is not Nextflow."""
    for place, word in enumerate(args):
        if word == _CLASS or (args[place - 1 : place] == ["-jar"] and _JAR.fullmatch(word)):
            return list(args[: place + 1]), list(args[place + 1 :])
    return [], list(args)


def log_of(args: Sequence[str], env: Mapping[str, str]) -> Path:
    """The log that Nextflow will write."""
    place = _command(args) or 0
    options = args[:place]
    named = [options[n + 1] for n, word in enumerate(options[:-1]) if word == "-log"]
    return Path.cwd() / ([*named, env.get("NXF_LOG_FILE") or ".nextflow.log"][0])


def can_attach(env: Mapping[str, str], folder: Path) -> bool:
    """Whether the plugin is there, can be named to a launcher, and may be used here."""
    files = ("java", "agent.jar", "plugin.jar")
    if not _PLAIN.fullmatch(str(folder)) or not all(os.access(folder / name, os.R_OK) for name in files):
        return False
    # a site's list of the plugins that may be used holds for heal's as well, however it is loaded
    allowed = env.get("NXF_PLUGINS_ALLOWED")
    return allowed is None or PLUGIN in {each.partition("@")[0] for each in allowed.split(",")}


def with_plugin(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment in which Nextflow's launcher finds heal's Java first; as it is where that cannot or must not be.

    Nothing of it reaches the pipeline: ``nextflow_java.sh`` puts it back.
    """
    if not can_attach(env, folder):
        return dict(env)
    changed = {"JAVA_CMD": str(folder / "java"), "HEAL_JAVA_CMD": env.get("JAVA_CMD", "")}
    own = env.get("NXF_JAVA_HOME")
    if not own:
        return {**env, **changed}
    # with NXF_JAVA_HOME the launcher would not look at JAVA_CMD
    changed |= {"JAVA_HOME": own, "HEAL_NXF_JAVA_HOME": own, "HEAL_JAVA_CMD": ""}
    changed["HEAL_JAVA_HOME"] = "1" if "JAVA_HOME" in env else ""
    return {name: value for name, value in env.items() if name != "NXF_JAVA_HOME"} | changed


def with_java(real: str, env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment for heal's Java to become this one; as it is where the plugin cannot or must not be attached."""
    return {**env, "HEAL_JAVA_CMD": real} if can_attach(env, folder) else dict(env)


def tell(start: Sequence[str], args: Sequence[str], env: Mapping[str, str], *, plugin: bool) -> None:
    """Tell heal where the log of this run will be: it reads that where the plugin does not speak.

    ``start``: what comes before Nextflow's own words, its program or the Java that it is in.
    """
    # a preview runs nothing
    if "-preview" in args:
        return
    spool, run_id = wire.spool_folder(env), str(uuid.uuid4())
    log = log_of(args, env)
    with suppress(Exception):
        begin_alone(log, Path(env.get("HEAL_HOME") or spool.parent) / "nextflow-turns")
    run = {"id": run_id, "engine": "nextflow", "cwd": str(Path.cwd()), "argv": [*start, *args], "pid": os.getpid()}
    facts = {
        "log": str(log),
        "parent": env.get("HEAL_RUN"),
        "host": socket.gethostname(),
        "env_file": wire.environment(spool, run_id, env),
        "plugin": plugin,
    }
    wire.event(spool, "nextflow_log", run, facts)


def _command(args: Sequence[str]) -> int | None:
    """The place of the launcher's command."""
    place = 0
    while place < len(args):
        word = args[place]
        if not word.startswith("-"):
            return place
        # -syslog may stand alone
        alone = word == "-syslog" and args[place + 1 : place + 2] and args[place + 1] not in _COMMANDS
        place += 2 if word in _WITH_VALUE or alone else 1
    return None
