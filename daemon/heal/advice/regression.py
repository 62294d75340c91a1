"""A regression test for a failure, by what was recorded of it: the failed task alone, on the inputs it failed on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heal.advice import regression_texts
from heal.advice.inventory import inventory
from heal.advice.nextflow_block import made_from
from heal.advice.regression_inputs import Inputs, Kept, inputs, relative
from heal.advice.regression_texts import Told
from heal.engines import nextflow_workdir, snakemake_argv, snakemake_profile
from heal.errors import CannotApply, NoTest
from heal.knowledge.usage import reads
from heal.records import Attempt, Diagnosis, Incident, Label, Run
from heal.schedulers.sbatch_options import parse_command_line
from heal.schedulers.slurm_values import split_id

# what is not in the code: a test elsewhere, or later, does not fail for it
_NOT_IN_CODE = {
    Label.OUT_OF_MEMORY: "memory",
    Label.TIME_LIMIT: "time",
    Label.DISK_FULL: "room on a disk",
    Label.NODE_FAILURE: "its node",
    Label.NETWORK: "the network",
    Label.FILESYSTEM_TRANSIENT: "a file system",
    Label.CANCELLED: "somebody's word",
    Label.GPU: "a GPU",
    Label.LOCKED: "a lock",
    Label.AUTH: "a right to enter",
}
# options of a launch that decide how a rule runs; those with a value, and those without
_VALUED = (
    "--configfile", "--configfiles", "--config", "-C", "--conda-prefix", "--singularity-prefix", "--apptainer-prefix",
    "--singularity-args", "--apptainer-args", "--conda-frontend", "--set-resources", "--set-threads", "--sdm",
    "--default-resources", "--software-deployment-method", "--deployment-method", "--deployment",
    "--workflow-profile",
)  # fmt: skip
_FLAGS = ("--use-conda", "--use-singularity", "--use-apptainer", "--use-envmodules")
_SNAKEFILES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")


@dataclass(frozen=True, slots=True)
class Failed:
    """A failed task, whose incident it is, and the launch it was in."""

    incident: Incident
    diagnosis: Diagnosis | None
    attempt: Attempt
    run: Run


@dataclass(frozen=True, slots=True)
class File:
    """A file of the test's, by its path in the project."""

    path: str
    text: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A test that could be written into a project: its files, the inputs copied beside them, and how it is run.

    ``elsewhere`` are the inputs that are named and not kept, each with why.
    """

    project: Path
    files: tuple[File, ...]
    kept: tuple[Kept, ...]
    data: str
    elsewhere: Mapping[str, str]
    notes: tuple[str, ...]
    command: str


def plan(failed: Failed, env: Mapping[str, str]) -> Plan:
    """Make the test of a failure. Reads what was recorded and the small inputs, writes nothing. Raises ``NoTest``.

    ``env`` is the one that the run was started in.
    """
    making: dict[str, Callable[[Failed, Mapping[str, str]], Plan]] = {
        "snakemake": _snakemake,
        "nextflow": _nextflow,
        "sbatch": _sbatch,
    }
    if failed.attempt.engine not in making or not failed.attempt.key:
        raise NoTest(f"incident {failed.incident.id} is of no task: there is nothing to run alone")
    return making[failed.attempt.engine](failed, env)


def _snakemake(failed: Failed, env: Mapping[str, str]) -> Plan:
    attempt, project = failed.attempt, Path(failed.attempt.workdir or failed.run.cwd)
    try:
        line = snakemake_argv.read(failed.run.argv)
    except CannotApply as error:
        raise NoTest(f"how Snakemake was started is not known: {error}") from error
    named = snakemake_argv.value_of(line.options, "-s", "--snakefile")
    found = named or next((name for name in _SNAKEFILES if (project / name).exists()), None)
    if found is None or relative(found, project) is None:
        raise NoTest(f"the Snakefile of the run is not in {project}")
    outputs = _inside(_paths(attempt, "output"), project)
    logs = [name for path in attempt.log_paths if (name := relative(path, project))]
    # files that Snakemake's own logs lie in are no logs of the rule
    own = [name for name in logs if not name.startswith(".")]
    read = inputs(_paths(attempt, "input"), project, attempt.ended)
    told = _told(failed, outputs, read)
    text = regression_texts.snakemake(
        told,
        rule=attempt.process,
        snakefile=relative(found, project) or found,
        options=_options(line.options, project, env),
        logs=own,
        cores=max(1, int(attempt.asked.get("cpus", 1))),
    )
    path = f"tests/test_heal_{_word(attempt.process)}_{failed.incident.id}.py"
    return _plan(failed, project, (File(path, text),), read, f"pytest {path}")


def _options(options: Sequence[str], project: Path, env: Mapping[str, str]) -> list[str]:
    """What of the launch decides how the rule runs; a profile's executor is replaced by this machine."""
    found = [flag for flag in _FLAGS if flag in options]
    for name in _VALUED:
        values = snakemake_argv.values_of(options, name)
        found += [name, *values[-1]] if values else []
    for profile in snakemake_profile.named(options, env):
        found += ["--profile", profile]
    try:
        profiles = snakemake_profile.files(options, project, env)
    except CannotApply:
        profiles = ()
    return [*found, *(("--executor", "local") if profiles else ())]


def _sbatch(failed: Failed, _env: Mapping[str, str]) -> Plan:
    attempt, run = failed.attempt, failed.run
    project = Path(attempt.workdir or run.cwd)
    try:
        line = parse_command_line(run.argv[1:])
    except CannotApply as error:
        raise NoTest(f"how the job was submitted is not known: {error}") from error
    path = relative(line.script, Path(run.cwd)) if line.script else None
    script = Path(run.cwd, line.script or "")
    name = relative(str(script), project)
    if path is None or name is None or not script.is_file():
        raise NoTest(f"the job's script is not a file in {project}: it came by --wrap, or is not there any more")
    if attempt.facts.get("exit") == 0:
        raise NoTest("the job ended with exit code 0: there is no end of its script to test for")
    text = script.read_text(encoding="utf-8", errors="replace")
    there = [each for each in reads(text) if not each.startswith("/") and (project / each).is_file()]
    read = inputs([name, *there], project, attempt.ended)
    # the script is what is tested: not as it was, but as it is
    read.kept = [one for one in read.kept if one.name != name]
    read.notes = [note for note in read.notes if not note.startswith(f"{name} ")]
    if re.search(r"^\s*srun\b", text, re.MULTILINE):
        read.notes.append("the script calls srun: the test needs SLURM, or an allocation to run in")
    told = _told(failed, (), read)
    command = [*_interpreter(text), name, *line.arguments]
    made = regression_texts.script(told, command=command, environment=_given(attempt))
    file = f"tests/heal_{_word(attempt.process)}_{failed.incident.id}.sh"
    return _plan(failed, project, (File(file, made, executable=True),), read, f"bash {file}")


def _interpreter(text: str) -> list[str]:
    first = text.partition("\n")[0]
    return shlex.split(first[2:]) if first.startswith("#!") else ["bash"]


def _given(attempt: Attempt) -> dict[str, str]:
    """What SLURM gives a job that its script may lean on."""
    base, element = split_id(attempt.native_id or "")
    found = {"SLURM_JOB_ID": base or "0", "SLURM_JOB_NAME": attempt.process}
    if element:
        found |= {"SLURM_ARRAY_TASK_ID": element, "SLURM_ARRAY_JOB_ID": base}
    if "cpus" in attempt.asked:
        found["SLURM_CPUS_PER_TASK"] = f"{attempt.asked['cpus']:.0f}"
    return found


def _nextflow(failed: Failed, _env: Mapping[str, str]) -> Plan:
    attempt, project = failed.attempt, Path(failed.run.cwd)
    folder = Path(attempt.workdir or "")
    try:
        launcher, script = ((folder / f".command.{name}").read_text(encoding="utf-8") for name in ("run", "sh"))
    except (OSError, UnicodeDecodeError) as error:
        raise NoTest(f"the work folder of the task is not there any more, or not whole: {error}") from error
    staged = nextflow_workdir.workdir(str(folder), launcher, script).inputs
    read = inputs(staged, Path("/"), attempt.ended)
    moved = [(str(folder), "$scratch")]
    names = {}
    for at, one in enumerate(read.kept):
        names[one.name] = f"inputs/{at}/{_word(one.source.stem)}{_suffix(one.source)}"
        moved.append((str(one.source), f"$data/{names[one.name]}"))
    read.kept = [Kept(one.source, names[one.name], one.sha256, one.size) for one in read.kept]
    read.elsewhere = {f"/{name.lstrip('/')}": why for name, why in read.elsewhere.items()}
    outputs = [name for path in _paths(attempt, "output") if (name := relative(path, folder))]
    told = _told(failed, outputs, read)
    block = made_from(
        nextflow_workdir.workdir("", "", script).script, attempt.process, inventory(project).of("nextflow")
    )
    text = regression_texts.nextflow(told, sorted(moved, key=lambda pair: -len(pair[0])), block)
    data = _data(failed)
    file = f"tests/heal_{_word(attempt.process)}_{failed.incident.id}.sh"
    if block is None:
        said = "the script is made from no block that heal finds here: after a change of its source, make it in"
        read.notes.append(f"{said} tests/{data}/command.sh as well")
    files = (
        File(file, text, executable=True),
        File(f"tests/{data}/command.run", launcher),
        File(f"tests/{data}/command.sh", script),
    )
    return _plan(failed, project, files, read, f"bash {file}")


def _plan(failed: Failed, project: Path, files: tuple[File, ...], read: Inputs, command: str) -> Plan:
    notes = list(read.notes)
    label = failed.diagnosis.label if failed.diagnosis else None
    if label in _NOT_IN_CODE:
        notes.insert(0, f"it failed for {_NOT_IN_CODE[label]}: where there is enough of it the test passes as it is")
    return Plan(project, files, tuple(read.kept), f"tests/{_data(failed)}", read.elsewhere, tuple(notes), command)


def _told(failed: Failed, outputs: Sequence[str], read: Inputs) -> Told:
    cause = failed.diagnosis.cause if failed.diagnosis else "its cause is not known"
    root = failed.diagnosis.root if failed.diagnosis else None
    said = f"It failed: {cause}" + (f" ({root.text.strip()[:160]})" if root and root.text else "")
    title = failed.attempt.name or failed.attempt.process
    return Told(failed.incident.id, title, said, _data(failed), outputs, read.sums, list(read.elsewhere))


def _data(failed: Failed) -> str:
    return f"heal_{failed.incident.id}"


def _word(text: str) -> str:
    return re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_") or "task"


def _suffix(path: Path) -> str:
    return path.suffix if re.fullmatch(r"\.\w+", path.suffix, re.ASCII) else ""


def _paths(attempt: Attempt, kind: str) -> list[str]:
    said = attempt.facts.get(kind)
    if not isinstance(said, list):
        raise NoTest(
            f"what the task {'reads' if kind == 'input' else 'makes'} was not recorded: its launch told no files"
        )
    return [path for path in said if isinstance(path, str)]


def _inside(paths: Sequence[str], project: Path) -> list[str]:
    names = [relative(path, project) for path in paths]
    if None in names:
        raise NoTest("the task makes files outside its project: a test would write over them")
    return [name for name in names if name]
