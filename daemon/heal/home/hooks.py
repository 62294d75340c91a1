"""The user's own hooks: scripts put into $HEAL_HOME/hooks, and the lines that make a job or a workflow call them."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from heal import whole_file
from heal.errors import HealError
from heal.home import nextflow_store, places
from heal.home.spool import Spool
from heal.shipped import LOGGER_PLUGIN, NEXTFLOW_PLUGIN, logger_plugin, nextflow_plugin, shipped

_JOB = """\
# at the top of a job's script, before its first command:
sh {folder}/job.sh --started || :
trap {ending} EXIT

# or around one command:
sh {folder}/job.sh -- CMD
"""
_SNAKEMAKE = """\
# Snakemake 9.12 and later: every task is told of, and tried again while the run goes on. In a profile, the workflow's
# (profiles/default/config.yaml beside the Snakefile) or your own; heal hook install snakemake --edit-conf puts it there
logger: heal
# and, where heal is not installed in Snakemake's own environment, in yours
{export}

"""
_EXPORT = """\
export PYTHONPATH="${{PYTHONPATH:+$PYTHONPATH:}}"{folder}/python"""
_BESIDE_A_PROFILE = """\
# nothing else is needed, but where heal is not installed in Snakemake's own environment, in yours
{export}
"""
_SNAKEMAKE_BEFORE = """\
# An older Snakemake: that a run failed is told. In the Snakefile, on the outermost level:
onerror:
    shell("sh {folder}/failed.sh snakemake {{log:q}} < /dev/null || :")
"""
_NEXTFLOW = """\
# Nextflow 25.04 and later: every task is told of, and tried again while the run goes on. In the environment
export NXF_OPTS="$NXF_OPTS -javaagent:{folder}/agent.jar={folder}/plugin.jar"
# or in nextflow.config; where that has a plugins block, the id goes into it: of two blocks the last alone counts
plugins {{ id '{plugin}' }}

"""
_NEXTFLOW_BEFORE = """\
# Nextflow before 25.04{or_later}: that a run failed is told. One of these is enough:
# on the command line: nextflow run -c {folder}/{config} …
# or in nextflow.config: includeConfig '{folder}/{config}'
# What that file holds, which in nextflow.config itself does the same as the includeConfig:
{text}"""
_NO_PLUGIN = """\
# Without the plugin, {plugin}, no task is told of: this heal was built without it. To have it, run `make plugin`
# (it needs Java and Maven) in heal's checkout and install heal again. heal run follows Nextflow's log meanwhile
"""
_NEXTFLOW_CONFIG = """\
// not onError: Nextflow may end before it has called that
workflow.onComplete = {{
    if (workflow.success) return
    try {{
        def log = "${{workflow.launchDir}}/.nextflow.log".toString()
        def telling = ['sh', '{folder}/failed.sh', 'nextflow', log].execute()
        telling.out.withWriter {{ it << (workflow.errorReport ?: workflow.errorMessage ?: '') }}
        telling.waitForOrKill(2000)
    }} catch (IOException gone) {{
        // heal was taken away: the run's own error is what counts
    }}
}}
"""
_CONFIG = "heal.config"
_PYTHON = "python"
_JARS = {"agent.jar": "-agent", "plugin.jar": ""}


class Hook(NamedTuple):
    """One hook: the files of heal's that it needs, and what its user has to add where."""

    files: tuple[str, ...]
    lines: str


HOOKS = {
    "job": Hook(("job.sh", "json.sh"), _JOB),
    "snakemake": Hook(("failed.sh", "json.sh"), _SNAKEMAKE_BEFORE),
    "nextflow": Hook(("failed.sh", "json.sh"), _NEXTFLOW_BEFORE),
}


def folder(home: Path, name: str) -> Path:
    """Where the files of a hook lie."""
    return home / "hooks" / name


def lines(home: Path, name: str) -> str:
    """What is to be added to a job's script, a Snakefile or a configuration."""
    own = shlex.quote(str(folder(home, name)))
    ending = shlex.quote(f"sh {own}/job.sh --ended $? || :")
    text = _config(home) if name == "nextflow" else ""
    modern = ""
    if name == "snakemake" and logger_plugin():
        modern = _SNAKEMAKE
    elif name == "nextflow":
        modern = _NEXTFLOW if _jars() else _NO_PLUGIN
    told = {"folder": own, "ending": ending, "config": _CONFIG, "text": text, "plugin": plugin_id()}
    told["export"] = _EXPORT.format(folder=own)
    told["or_later"] = "" if _jars() else ", and later ones"
    return (modern + HOOKS[name].lines).format(**told)


def beside_a_profile(home: Path) -> str:
    """What may be needed beside a profile that names heal's logger."""
    own = shlex.quote(str(folder(home, "snakemake")))
    return _BESIDE_A_PROFILE.format(export=_EXPORT.format(folder=own))


def plugin_id() -> str:
    """How a Nextflow configuration names heal's plugin."""
    name, _dash, version = NEXTFLOW_PLUGIN.rpartition("-")
    return f"{name}@{version}"


def install(home: Path, name: str) -> None:
    """Put a hook's files where its lines look for them, and make the spool they speak to. Twice is harmless."""
    own = folder(home, name)
    places.private_folder(own)
    Spool(places.spool(home)).create()
    for path, content in _wanted(home, name):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        whole_file.put(path, content, mode=0o600, masked=False)
    if name == "nextflow" and _jars():
        nextflow_store.put(nextflow_store.store_folder())


def remove(home: Path, name: str) -> bool:
    """Take a hook's files away again, and folders that heal made for them; False where there were none."""
    own = folder(home, name)
    there = [path for path, _content in _wanted(home, name) if path.exists()]
    if name == "nextflow":
        there += [path for path in (own / jar for jar in _JARS) if path.exists() and path not in there]
    for path in there:
        path.unlink()
    # with what Python made of it
    shutil.rmtree(own / _PYTHON, ignore_errors=True)
    stored = name == "nextflow" and nextflow_store.remove(nextflow_store.store_folder())
    for each in (own, own.parent):
        with suppress(OSError):
            each.rmdir()
    return bool(there) or stored


def installed(home: Path, name: str) -> bool | None:
    """True when a hook's files are there as this heal has them, None when others are, False when none are."""
    wanted = list(_wanted(home, name))
    found = [(path, content) for path, content in wanted if path.is_file()]
    plugin = nextflow_store.installed(nextflow_store.store_folder()) if name == "nextflow" else False
    if not found and plugin is False:
        return False
    same = all(path.read_bytes() == _bytes(content) for path, content in found)
    whole = same and len(found) == len(wanted) and (plugin is True or name != "nextflow" or not _jars())
    return True if whole else None


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content


def _jars() -> dict[str, Path]:
    """What puts the plugin on Nextflow's class path; nothing where this heal was built without it."""
    try:
        built = nextflow_plugin()
    except HealError:
        return {}
    found = {name: built / f"{NEXTFLOW_PLUGIN}{kind}.jar" for name, kind in _JARS.items()}
    return found if all(path.is_file() for path in found.values()) else {}


def _wanted(home: Path, name: str) -> Iterable[tuple[Path, str | bytes]]:
    own = folder(home, name)
    for file in HOOKS[name].files:
        yield own / file, (shipped("hooks") / file).read_text(encoding="utf-8")
    if name == "snakemake" and (plugin := logger_plugin()):
        for source in sorted(plugin.glob("*.py")):
            yield own / _PYTHON / LOGGER_PLUGIN / source.name, source.read_bytes()
    if name == "nextflow":
        yield own / _CONFIG, _config(home)
        for jar, path in _jars().items():
            yield own / jar, path.read_bytes()


def _config(home: Path) -> str:
    # inside a Groovy text between single quotes
    own = str(folder(home, "nextflow")).replace("\\", "\\\\").replace("'", "\\'")
    return _NEXTFLOW_CONFIG.format(folder=own)
