"""A failed task of a real Nextflow rendered anew from changed files and run again: that task, and nothing of the user's."""

from __future__ import annotations

import os
import re
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.proving import conftest
from tests.proving.pipelines import STARTED, Project

from heal.engines.nextflow_replay import NextflowReplay
from heal.engines.nextflow_trial import NextflowCheck, again
from heal.engines.nextflow_workdir import workdir
from heal.patch import Trial
from heal.proving.asking import asked
from heal.proving.enclosure import Enclosure
from heal.proving.here import Here
from heal.proving.replay import Failed, Replay
from heal.records import Attempt, Run

pytestmark = pytest.mark.nextflow
bubblewrap = conftest.bubblewrap

MAIN = """\
include { TABLE } from './modules/table.nf'

process PREPARE {
    input:
    val sample

    output:
    tuple val(sample), path("${sample}.txt")

    script:
    "echo prepare >> ${params.ran}; echo ${sample} > ${sample}.txt"
}

process REPORT {
    publishDir 'results', mode: 'copy'

    input:
    path tables

    output:
    path 'report.txt'

    script:
    "echo report >> ${params.ran}; cat ${tables} > report.txt"
}

workflow {
    TABLE(PREPARE(Channel.of('S1', 'S2', 'S3')))
    REPORT(TABLE.out.collect())
}
"""
MODULE = """\
process TABLE {
    tag "$sample"
    errorStrategy 'finish'

    input:
    tuple val(sample), path(given)

    output:
    path "${sample}.tsv"

    script:
    def columns = 3
    \"\"\"
    echo table $sample >> ${params.ran}
    table.py $given ${sample}.tsv $columns
    \"\"\"
}
"""
SCRIPT = """\
#!/usr/bin/env python3
import sys
name = open(sys.argv[1]).read().strip()
if name == 'S2':
    print(nmae)
open(sys.argv[2], 'w').write('\\t'.join([name] * int(sys.argv[3])) + '\\n')
"""


@dataclass
class Place:
    project: Project
    failed: Failed
    ran: Path

    @property
    def tables(self) -> int:
        """How many TABLE ended well: with 'finish' one that was not yet begun when another failed never begins."""
        return Counter(task.process for task in self.failed.done)["TABLE"]


@pytest.fixture
def witness() -> Iterator[Path]:
    """A file that tasks of a replay can write to as well, in no temporary folder."""
    folder = Path.home() / ".cache" / "heal-tests" / f"witness-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    (folder / "ran.log").touch()
    yield folder / "ran.log"
    shutil.rmtree(folder)


@pytest.fixture
def place(nextflow: Path, tmp_path: Path, witness: Path) -> Place:
    """A pipeline in git, run by a real Nextflow: one of three tables failed by a bug in a script of bin/."""
    files = {"main.nf": MAIN, "modules/table.nf": MODULE, "bin/table.py": SCRIPT, ".gitignore": "work\n.nextflow*\n"}
    files["nextflow.config"] = f"params.ran = '{witness}'\nexecutor.pollInterval = '1s'\n"
    project = Project.of(tmp_path / "project", files)
    (project.folder / "bin/table.py").chmod(0o755)
    project.git("-c", "user.name=n", "-c", "user.email=e@e", "commit", "-q", "-am", "mode")
    known = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "JAVA_CMD") if name in os.environ}
    env = known | {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(tmp_path / "nxf")}
    argv = (str(nextflow), "run", "main.nf")
    said = asked(argv, project.folder, env, 170)
    assert said.code == 1, said.text
    scripts = {path.parent: path.read_text(encoding="utf-8") for path in project.folder.glob("work/??/*/.command.sh")}
    work = next(folder for folder, text in scripts.items() if "echo table S2" in text)
    history = (project.folder / ".nextflow/history").read_text(encoding="utf-8")
    session = re.search(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", history)[0]
    run = Run(f"{session}.name", session, "nextflow", str(project.folder), argv, STARTED)
    attempt = Attempt(1, run.id, session, "nextflow", "TABLE (S2)", "TABLE (S2)", "TABLE", workdir=str(work), ok=False)
    siblings = tuple((str(path),) for path in project.folder.glob("work/??/*/S?.tsv"))
    done = tuple(done_in(folder, attempt) for folder in scripts if folder != work)
    return Place(project, Failed("7f3a", run, attempt, env, siblings=siblings, done=done), witness)


def done_in(folder: Path, failed: Attempt) -> Attempt:
    """A task that ended well, with what it read, as heal has it from the log."""
    wrapper = (folder / ".command.run").read_text(encoding="utf-8")
    name = re.search(r"^### name: '(.*)'$", wrapper, re.MULTILINE)[1]
    read = workdir(str(folder), wrapper, "").inputs
    facts = {"input": list(read)}
    return replace(
        failed, key=str(folder), name=name, process=name.split()[0], workdir=str(folder), ok=True, facts=facts
    )


def resumed(place: Place, **changed: str) -> Counter[str]:
    """How many tasks of each process run when the user resumes with this change; the one that failed is no news."""
    before = place.ran.read_text(encoding="utf-8").split("\n")
    for name, text in changed.items():
        place.project.write(name, text)
    asked((*place.failed.run.argv, "-resume"), place.project.folder, place.failed.env, 170)
    ran = place.ran.read_text(encoding="utf-8").split("\n")[len(before) - 1 : -1]
    return Counter(line.split()[0].upper() for line in ran if line != "table S2")


def replayed(place: Place, bubblewrap: Enclosure, **changed: str) -> Trial:
    draft = place.project.draft(**changed)
    if "bin/table.py" in changed:
        (draft.worktree / "bin/table.py").chmod(0o755)
    shown = replace(bubblewrap, options=(*bubblewrap.options, "--bind", str(place.ran.parent), str(place.ran.parent)))
    replay = Replay({"nextflow": NextflowReplay(lambda _env: shown)}, {"local": Here()}, minutes=2)
    return replay.tried(draft, place.failed)


def test_the_failed_task_runs_again_from_what_a_change_makes_of_it(place: Place, bubblewrap: Enclosure):
    before, ran = place.project.fingerprint(), place.ran.read_text(encoding="utf-8")
    # A script in bin/ put right heals it
    fixed = replayed(place, bubblewrap, **{"bin/table.py": SCRIPT.replace("nmae", "name")})
    assert (fixed.passed, "made S2.tsv (9 bytes)" in fixed.said) == (True, True), fixed.said
    # one that is as wrong as before does not, and its last words are told
    wrong = replayed(place, bubblewrap, **{"bin/table.py": SCRIPT.replace("nmae", "mane")})
    assert (wrong.passed, "NameError: name 'mane' is not defined" in wrong.said) == (False, True), wrong.said
    # the process itself changed: Nextflow renders it anew
    other = MODULE.replace("table.py $given", "sed s/S2/S9/ $given > other; table.py other")
    rendered = replayed(place, bubblewrap, **{"modules/table.nf": other})
    assert (rendered.passed, "made S2.tsv (9 bytes)" in rendered.said) == (True, True), rendered.said
    # and a result of another kind is told
    two = replayed(place, bubblewrap, **{"modules/table.nf": other.replace("columns = 3", "columns = 2")})
    assert (two.passed, "S2.tsv has 2 columns, and that of other tasks 3" in two.said) == (False, True), two.said
    # Nothing else ran, and nothing of the user's has moved
    assert place.ran.read_text(encoding="utf-8") == ran + 4 * "table S2\n"
    assert place.project.fingerprint() == before
    # What it did not have in its cache is told, and is what the user's own resume runs again
    tables, done = place.tables, len(place.failed.done)
    assert fixed.reruns == (
        f"what failed, and at least {tables} of {done} tasks that were done (TABLE {tables}): "
        "resumed with the change, Nextflow took 3 from its cache"
    )
    assert resumed(place, **{"bin/table.py": SCRIPT.replace("nmae", "name")}) == {"TABLE": 2, "REPORT": 1}


def test_a_change_before_the_task_cannot_be_replayed(place: Place, bubblewrap: Enclosure):
    # Given a change to the process that makes the task's input: it would have to run first
    changed = {"main.nf": MAIN.replace("echo ${sample} >", "echo ${sample}- >")}
    trial = replayed(place, bubblewrap, **changed)
    assert (trial.passed, trial.reruns) == (None, "")
    assert "the resumed run does not come to TABLE (S2) with this change" in trial.said
    # Its text and what read what tells what runs again, and that does when the user resumes
    done = len(place.failed.done)
    assert again(place.project.draft(**changed), place.failed.done) == (
        f"what failed, and at least {done} of {done} tasks that were done (PREPARE 3, TABLE {place.tables}): "
        "the text of PREPARE changes, and others read what those made"
    )
    assert resumed(place, **changed) == {"PREPARE": 3, "TABLE": 2, "REPORT": 1}


@pytest.mark.usefixtures("nextflow_plugin")
def test_what_nextflow_says_of_a_draft_is_a_trial(place: Place):
    check = NextflowCheck()
    draft = place.project.draft(**{"modules/table.nf": MODULE.replace("columns = 3", "columns = 4")})
    trial = check.tried(draft, place.failed)
    assert (trial.name, trial.passed, trial.said) == ("engine", True, "")
    assert trial.reruns.endswith(f"tasks that were done (TABLE {place.tables}): the text of TABLE changes")
    broken = check.tried(
        place.project.draft(**{"main.nf": MAIN.replace("TABLE.out.collect()", "TABEL.out.collect()")}), place.failed
    )
    assert (broken.passed, "TABEL" in broken.said) == (False, True)
