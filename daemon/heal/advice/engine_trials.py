"""What the engines' own validators say of a project; without an engine, what could not be checked and why."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from heal.advice import nextflow_requests, snakemake_said
from heal.advice.inventory import Inventory
from heal.advice.issues import Issue, Severity
from heal.advice.requests import Request
from heal.advice.trial_run import linked, quiet_env
from heal.engines.nextflow_checking import Pipeline, check
from heal.engines.nextflow_findings import Finding
from heal.engines.snakemake_profile import files
from heal.errors import CannotApply
from heal.knowledge.sections import sections
from heal.proving.asking import asked

# a workflow that looks at hundreds of thousands of files takes its time
_SECONDS = 300.0
# so many that no rule is given fewer threads than it asks for
_CORES = "9999"
# a pipeline that ends well and does nothing: what is said of the project is then all its own
_NOTHING = "workflow {\n}\n"
# at the head of what it says, since 9
_VERSION = re.compile(r"^\s*Snakemake version: (\d+)\.", re.MULTILINE)
# what Nextflow says before it comes to what is wrong, and where it says that to be
_BANNER = re.compile(r"\s*(?:N E X T F L O W|\* PREVIEW|Launching |WARN: |Nextflow \d)")
_POINTER = re.compile(r"\s*-- Check script '(?P<file>[^']+)'(?: at line: (?P<line>\d+))?(?: or see [^;]*)?")
# what a pipeline says that was not told what it needs
_NOT_TOLD = re.compile(r"\bparams?\.|\bparameter|\brequired\b|\bnull\b|--\w|[Nn]o such file|does not exist|\bmissing\b")


@dataclass(frozen=True, slots=True)
class Tried:
    """What one engine said, what its tasks would ask for, and whether SLURM is whom they ask.

    ``version`` is the first number of the engine's, where it was asked for.
    """

    issues: tuple[Issue, ...] = ()
    requests: tuple[Request, ...] = ()
    slurm: bool = False
    checked: tuple[str, ...] = ()
    unchecked: Mapping[str, str] | None = None
    version: int | None = None


def snakemake(found: Inventory, env: Mapping[str, str], seconds: float = _SECONDS) -> Tried:
    """Dry run and lint. It executes the Snakefile's own Python, as every start of Snakemake does, and no job."""
    if found.snakefile is None:
        return Tried()
    quiet = quiet_env(env)
    program = shutil.which("snakemake", path=quiet["PATH"])
    if program is None:
        return Tried(unchecked={"Snakemake": "snakemake is not on your PATH: activate its environment, then again"})
    tried = _snakemake(found, program, quiet, seconds)
    if tried.version is not None:
        return tried
    told = asked((program, "--version"), found.folder, quiet, seconds).text.strip().partition(".")[0]
    return replace(tried, version=int(told) if told.isdigit() else None)


def _snakemake(found: Inventory, program: str, env: Mapping[str, str], seconds: float) -> Tried:
    folder, snakefile = found.folder, str(found.folder / (found.snakefile or ""))
    with tempfile.TemporaryDirectory(prefix="heal-validate-") as own:
        place = linked(folder, Path(own).resolve() / "project")
        words = (program, "--snakefile", snakefile, "--directory", str(place))
        run = asked((*words, "--dry-run", "--cores", _CORES, "--nocolor"), place, env, seconds)
        lint = asked((*words, "--lint"), place, env, seconds) if run.code == 0 else None
    folders = (str(folder), str(place))
    if run.code is None:
        return Tried(unchecked={"Snakemake": f"its dry run told nothing: {run.text}"})
    sources = found.of("snakefile")
    if run.code:
        why = "its dry run ended with an error"
        issue = snakemake_said.dry_run_error(run.text, folders, sources)
        return Tried((issue,), checked=("Snakemake's dry run",), unchecked={"what rules ask for": why})
    profiles = {name: text for name, text in found.of("yaml").items() if snakemake_said.is_profile(name)}
    profiles |= _own_profiles(folder, env)
    requests = snakemake_said.asked(run.text, _places(sources))
    remarks = tuple(snakemake_said.lints(lint.text, folders)) if lint and lint.code is not None else ()
    slurm = snakemake_said.submits_to_slurm(requests, profiles)
    told = _VERSION.search(run.text)
    version = int(told[1]) if told else None
    return Tried(remarks, requests, slurm, ("Snakemake's dry run", "snakemake --lint"), version=version)


def _own_profiles(folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """The profiles that Snakemake takes by itself, the user's own in the environment among them."""
    try:
        return {str(path): path.read_text(encoding="utf-8") for path in files((), folder, env)}
    except (CannotApply, OSError, UnicodeDecodeError):
        return {}


def _places(sources: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    return {rule.name: (name, rule.line) for name, text in sources.items() for rule in sections(text)}


def nextflow(found: Inventory, env: Mapping[str, str], seconds: float = _SECONDS) -> Tried:
    """Nextflow's strict parser, its configuration, and a preview: the pipeline is built as it is, and no task runs."""
    if found.main is None:
        return Tried()
    quiet = quiet_env(env)
    program = shutil.which("nextflow", path=quiet["PATH"])
    if program is None:
        return Tried(unchecked={"Nextflow": "nextflow is not on your PATH: load it, then again"})
    with tempfile.TemporaryDirectory(prefix="heal-validate-") as own:
        nothing = Path(own).resolve() / "nothing"
        nothing.mkdir()
        (nothing / "main.nf").write_text(_NOTHING, encoding="utf-8")
        argv = (program, "run", str(found.folder / "main.nf"))
        said = check(Pipeline(nothing, "main.nf", argv, found.folder, quiet), found.folder, seconds=seconds)
        flat = _flat_config(found, program, Path(own), quiet, seconds)
    names = {
        "parser": "Nextflow's strict parser",
        "config": "Nextflow's configuration",
        "preview": "Nextflow's preview",
    }
    requests = nextflow_requests.asked(flat, found.of("nextflow"))
    return Tried(
        tuple(_issue(each) for each in said.new),
        requests,
        nextflow_requests.submits_to_slurm(flat),
        tuple(name for by, name in names.items() if by not in said.unchecked),
        {names[by]: why for by, why in said.unchecked.items()},
    )


def _flat_config(found: Inventory, program: str, own: Path, env: Mapping[str, str], seconds: float) -> str:
    """The configuration as Nextflow prints it; empty where nothing in the project speaks of SLURM, or on an error."""
    if not any("slurm" in text for text in found.of("nextflow config", "nextflow").values()):
        return ""
    place = linked(found.folder, own / "flat")
    said = asked((program, "config", "-flat", str(found.folder)), place, env, seconds)
    return said.text if said.code == 0 else ""


def _issue(said: Finding) -> Issue:
    lines = [line.strip() for line in said.message.splitlines() if line.strip() and not _BANNER.match(line)]
    what = "; ".join(lines[:6])
    at = _POINTER.search(what)
    file, line = (at["file"], int(at["line"] or 0)) if at and not said.file else (said.file, said.line)
    what = _POINTER.sub("", what).strip("; ")
    if said.by == "preview" and _NOT_TOLD.search(what):
        do = "if it needs a parameter that has no default, give it; else this stops a run"
        return Issue(Severity.WARNING, file, line, what, do, "nextflow")
    return Issue(Severity.ERROR, file, line, what, "", "nextflow")
