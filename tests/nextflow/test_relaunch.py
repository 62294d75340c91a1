"""A real Nextflow fails, and is started again by what heal ordered: what ran is counted by lines that tasks write."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from tests.conftest import until
from tests.nextflow.launches import FAST

from heal.engines.launcher import Launcher
from heal.engines.nextflow import Nextflow
from heal.engines.nextflow_argv import read
from heal.engines.nextflow_config import resolve
from heal.engines.nextflow_files import history, holder, log_of
from heal.errors import CannotApply, NotNow
from heal.journal import Applied
from heal.records import Attempt, Change, Fix, FixKind, Run
from heal.seams import Order

pytestmark = pytest.mark.nextflow

BIG = "OUTER:INNER:BIG"
# each task says that it ran; BIG tells what it was given, and needs 600 MB
SCRIPT = """
process ALIGN {
    tag "$s"
    input: val s
    output: path 'a.txt'
    script: "echo ALIGN >> ${params.count}; echo $s > a.txt"
}
process BIG {
    label 'big'
    BODY
    input: path 'in*.txt'
    output: path 'b.txt'
    script:
    \"\"\"
    echo "BIG ${task.memory ? task.memory.toMega() : 0}" >> ${params.count}
    [ ${task.memory ? task.memory.toMega() : 0} -ge 600 ]
    cat in*.txt > b.txt
    \"\"\"
}
process REPORT {
    input: path f
    script: "echo REPORT >> ${params.count}; TEST"
}
workflow INNER {
    take: x
    main: BIG(x)
    emit: BIG.out
}
workflow OUTER {
    ALIGN(Channel.of(1, 2, 3))
    INNER(ALIGN.out.collect())
    REPORT(INNER.out[0])
}
ENTRY { OUTER() }
"""
DONE = {"ALIGN": 3, "BIG 0": 1}


@dataclass
class Place:
    """A folder to launch in, with an engine that really starts again what it is told to."""

    folder: Path
    program: Path
    extra: dict[str, str] = field(default_factory=dict)
    # a launch is looked for among all processes: no two may have the same name
    unique: str = field(default_factory=lambda: uuid4().hex)

    @property
    def work(self) -> Path:
        return self.folder / "work dir"

    def engine(self) -> Nextflow:
        home, spool = self.folder / "home", self.folder / "spool"
        return Nextflow(Launcher(home, spool, foreground=False, log_dir=self.folder / "logs"))

    def environment(self) -> dict[str, str]:
        known = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "JAVA_CMD") if name in os.environ}
        own = {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(self.folder / "nxf")}
        return known | own | self.extra

    def prepare(self, body: str = "", config: str = "", test: str = "true", entry: str = "workflow") -> None:
        self.work.mkdir(exist_ok=True)
        script = SCRIPT.replace("BODY", body).replace("TEST", test).replace("ENTRY", entry)
        (self.work / "main.nf").write_text(script)
        (self.work / "nextflow.config").write_text(FAST + "params.count = null\n" + config)
        (self.folder / "env.json").write_text(json.dumps(self.environment()))

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / "said").open("wb") as said:
            return subprocess.Popen(
                [self.program, *words], cwd=self.work, env=self.environment(), stdout=said, stderr=said
            )

    def launch(self, *words: str) -> Run:
        """Launch to the end."""
        with self.start(*words) as process:
            process.wait(timeout=120)
        return self.run(words)

    def run(self, words: Sequence[str]) -> Run:
        """The run of the last launch."""
        last = history(self.work / ".nextflow")[-1]
        argv = (str(self.program), *words)
        name = f"{last.session}.{last.name}"
        return Run(name, name, "nextflow", str(self.work), argv, datetime.now(UTC), env_file=str(self.folder / "env.json"))  # fmt: skip

    def apply(self, run: Run, *orders: Order, launch: str = "t1") -> tuple[Applied, Run]:
        """Apply, and wait for the launch to end: what was said, and the run that was started."""
        token = f"{launch}-{self.unique}"
        applied = self.engine().apply(run, orders, token)
        assert until(lambda: self.ended(token), seconds=120), self.said(launch)
        return applied, self.run(self.argv_of(launch)[1:])

    def argv_of(self, launch: str) -> list[str]:
        token = f"{launch}-{self.unique}"
        told = [json.loads(path.read_bytes()) for path in (self.folder / "spool").glob("[0-9]*.json")]
        return next(one["run"]["argv"] for one in told if one["run"]["id"] == token and one["run"].get("argv"))

    def ended(self, token: str) -> bool:
        said = [path.read_text() for path in (self.folder / "spool").glob("[0-9]*.json")]
        return any('"run_finished"' in text and f'"{token}"' in text for text in said)

    def said(self, launch: str) -> str:
        return (self.folder / "logs" / f"{launch}-{self.unique}.log").read_text()

    def counted(self) -> Counter[str]:
        return Counter((self.folder / "count").read_text().splitlines())

    @property
    def count(self) -> tuple[str, str]:
        return ("--count", str(self.folder / "count"))

    def status(self) -> str:
        return history(self.work / ".nextflow")[-1].status


@pytest.fixture
def place(nextflow: Path, tmp_path: Path) -> Place:
    return Place(tmp_path, nextflow)


def more(new: float = 630, process: str = BIG, name: str = "memory_mb", **known: int) -> Order:
    attempt = Attempt(1, "r", "r", "nextflow", process, process, process, asked={name: 60.0}, **known)
    return Order(Fix(FixKind.RESOURCES, process, (Change(name, 60.0, new),)), (attempt,))


RETRY = Order(Fix(FixKind.RETRY, BIG), (Attempt(1, "r", "r", "nextflow", BIG, BIG, BIG),))
LABEL = "process { withLabel: big { memory = { 60.MB * task.attempt } } }"
CHECKED = """
params.max_memory = '900.MB'
def check_max(obj, type) { obj.compareTo(params.max_memory as nextflow.util.MemoryUnit) == 1 ? params.max_memory as nextflow.util.MemoryUnit : obj }
process { withName: 'BIG' { memory = { check_max( 60.MB * task.attempt, 'memory' ) } } }
"""


@pytest.mark.parametrize(
    ("body", "config", "first"),
    [
        ("", "", 0),
        ("memory '60 MB'", "", 60),
        ("memory { 60.MB * task.attempt }", "process.resourceLimits = [memory: 2.GB]", 60),
        ("", LABEL, 60),
        ("memory 10.GB", "process { withName: '.*:BIG' { memory = 60.MB } }", 60),
        ("", f"process {{ withName: '{BIG}' {{ memory = 61.MB }}; withName: '.*:BIG' {{ memory = 60.MB }} }}", 60),
        ("", CHECKED, 60),
    ],
    ids=["nothing", "body", "closure", "label", "regex", "same name first", "check_max"],
)
def test_what_heal_gives_outranks_what_the_pipeline_says(place: Place, body: str, config: str, first: int) -> None:
    # Given a run of five tasks, of which one is given too little by the pipeline's own word
    place.prepare(body, config)
    run = place.launch("run", "main.nf", *place.count)
    assert place.counted() == {"ALIGN": 3, f"BIG {first}": 1}
    # When it is started again with more
    applied, again = place.apply(run, more())
    # Then exactly that task and what hangs on it run, in the same session
    assert place.counted() == {"ALIGN": 3, f"BIG {first}": 1, "BIG 630": 1, "REPORT": 1}, place.said("t1")
    assert applied.detail.startswith(f"started again with {BIG} memory 630 MB")
    assert again.id.split(".")[0] == run.id.split(".")[0]
    assert place.status() == "OK"
    log = log_of(run, {})
    assert log is not None
    assert (log.name, log_of(again, {})) == (".nextflow.log.1", place.work / ".nextflow.log")


def test_two_remedies_in_a_row(place: Place) -> None:
    # Given a run whose last task will fail too, once BIG is given enough
    place.prepare(test="[ ${task.cpus} -ge 2 ]")
    run = place.launch("run", "main.nf", *place.count)
    _applied, second = place.apply(run, more())
    assert place.counted() == {**DONE, "BIG 630": 1, "REPORT": 1}
    # When the second failure is answered
    place.apply(second, more(2, "OUTER:REPORT", "cpus"), launch="t2")
    # Then BIG is not run again, though its script names its memory: what the first remedy gave it holds
    assert place.counted() == {**DONE, "BIG 630": 1, "REPORT": 2}, place.said("t2")
    assert place.status() == "OK"
    assert list(read(place.argv_of("t2")).overlays) == [f".heal/overlay/t2-{place.unique}.config"]


def test_everything_of_the_first_launch_is_kept(place: Place) -> None:
    # Given a launch with an entry, a file of parameters, a profile, a configuration of its own and fixed reports
    place.prepare(entry="workflow MINE", config="profiles { p { process { withLabel: big { memory = 60.MB } } } }")
    (place.work / "p.json").write_text(json.dumps({"count": str(place.folder / "count")}))
    (place.work / "own.config").write_text("process { withName: BIG { memory = 70.MB } }")
    words = ("-log", "logs/my.log", "-c", "own.config", "run", "main.nf", "-entry", "MINE", "-params-file", "p.json",
             "-profile", "p", "-name", "once", "-with-trace", "trace.txt", "-with-report", "report.html")  # fmt: skip
    run = place.launch(*words)
    assert place.counted() == {"ALIGN": 3, "BIG 70": 1}, (place.folder / "said").read_text()
    # When it is started again
    name = "MINE:OUTER:INNER:BIG"
    applied, again = place.apply(run, more(process=name))
    # Then what was done stays done, and the reports of both launches are there
    assert place.counted() == {"ALIGN": 3, "BIG 70": 1, "BIG 630": 1, "REPORT": 1}, place.said("t1")
    assert "kept the earlier trace.txt as trace.1.txt; kept the earlier report.html as report.1.html" in applied.detail
    assert {path.name for path in place.work.iterdir()} > {"trace.txt", "trace.1.txt", "report.html", "report.1.html"}
    assert [log_of(one, {}) for one in (run, again)] == [place.work / "logs" / f"my.log{end}" for end in (".1", "")]


def test_a_launch_that_reads_one_configuration_only(place: Place) -> None:
    place.prepare(config="process { withName: BIG { memory = 10.GB } }")
    (place.work / "only.config").write_text(FAST + "process { withName: BIG { memory = 60.MB } }")
    run = place.launch("-C", "only.config", "run", "main.nf", *place.count)
    place.apply(run, more())
    assert place.counted() == {"ALIGN": 3, "BIG 60": 1, "BIG 630": 1, "REPORT": 1}, place.said("t1")


def test_the_strict_parser_reads_what_heal_writes(nextflow: Path, tmp_path: Path) -> None:
    place = Place(tmp_path, nextflow, {"NXF_SYNTAX_PARSER": "v2"})
    place.prepare(config=LABEL)
    run = place.launch("run", "main.nf", *place.count)
    assert place.counted() == {"ALIGN": 3, "BIG 60": 1}, (place.folder / "said").read_text()
    place.apply(run, more(), more(9, name="time_min"))
    assert place.counted() == {"ALIGN": 3, "BIG 60": 1, "BIG 630": 1, "REPORT": 1}, place.said("t1")


def test_a_retry_of_the_pipelines_own_grows_from_what_heal_gave(place: Place) -> None:
    # Given a pipeline that tries twice by itself, each time with more, which is not enough
    own = "errorStrategy 'retry'; maxRetries 1; memory { 60.MB * task.attempt }"
    place.prepare(own)
    run = place.launch("run", "main.nf", *place.count)
    assert place.counted() == {"ALIGN": 3, "BIG 60": 1, "BIG 120": 1}
    # When it is given some more, but still not enough
    place.apply(run, more(400, number=2))
    # Then its own second try has twice that, and does it
    expected = {"ALIGN": 3, "BIG 60": 1, "BIG 120": 1, "BIG 400": 1, "BIG 800": 1, "REPORT": 1}
    assert place.counted() == expected, place.said("t1")


@pytest.mark.parametrize(
    ("config", "words", "why"),
    [
        ("process { withLabel: big { resourceLimits = [memory: 500.MB] } }", (), "resourceLimits in withLabel:big"),
        (CHECKED, ("--max_memory", "500.MB"), "the 500 MB of params.max_memory"),
        ("params.most = '9.GB'\nprocess { resourceLimits = [memory: params.most] }", ("--most", "500.MB"),
         "the 500 MB of resourceLimits"),
    ],
)  # fmt: skip
def test_what_the_pipeline_allows_at_most_is_known(place: Place, config: str, words: Sequence[str], why: str) -> None:
    place.prepare(config=config)
    run = place.launch("run", "main.nf", *place.count, *words)
    with pytest.raises(CannotApply, match=why):
        place.engine().apply(run, [more()], "t1")
    assert not (place.work / ".heal").exists()


def test_the_pipelines_own_options_of_the_scheduler_are_seen(place: Place) -> None:
    place.prepare(config='process { withLabel: big { clusterOptions = { "--qos=${task.attempt}" } } }')
    run = place.launch("run", "main.nf", *place.count)
    attempt = Attempt(1, "r", "r", "nextflow", BIG, BIG, BIG, native_id="7")
    with pytest.raises(CannotApply, match="computed for each task"):
        place.engine().apply(run, [Order(Fix(FixKind.EXCLUDE_NODE, BIG, (Change("node", None, "n1"),)), (attempt,))], "t1")  # fmt: skip


def test_a_nextflow_that_was_killed_goes_on_where_it_stood(place: Place) -> None:
    # Given a Nextflow that is killed while its last task runs
    place.prepare("memory 700.MB", test="[ -e ${params.count}.go ] || sleep 300")
    words = ("run", "main.nf", *place.count)
    with place.start(*words) as process:
        assert until(lambda: "REPORT" in _text(place.folder / "count"), seconds=90)
        run = place.run(words)
        session = run.id.split(".")[0]
        # the JVM holds the session while it lives, and is seen to
        assert holder(place.work / ".nextflow", session) == process.pid
        with pytest.raises(NotNow, match=f"as process {process.pid}"):
            place.engine().apply(run, [RETRY], "t1")
        process.send_signal(signal.SIGKILL)
    (place.folder / "count.go").touch()
    assert (place.status(), holder(place.work / ".nextflow", session)) == ("-", None)
    # When it is started again
    place.apply(run, RETRY)
    # Then only what was under way runs again
    assert place.counted() == {"ALIGN": 3, "BIG 700": 1, "REPORT": 2}, place.said("t1")
    assert place.status() == "OK"
    _end_sleepers(place.work)


def test_a_pipeline_of_a_revision_is_left_as_it_is(place: Place) -> None:
    # Given a pipeline that Nextflow pulled once
    place.prepare()
    project = place.folder / "nxf" / "assets" / "lab" / "pipe"
    project.mkdir(parents=True)
    for name in ("main.nf", "nextflow.config"):
        (place.work / name).rename(project / name)
    for words in ("init -q", "add .", "commit -qm one", "tag v1", "remote add origin https://github.com/lab/pipe.git"):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e@x", *words.split(" ")], cwd=project, check=True)
    run = place.launch("run", "lab/pipe", "-r", "v1", *place.count)
    assert place.counted() == DONE, (place.folder / "said").read_text()
    # When the run is started again
    place.apply(run, more())
    # Then it does, and nothing in the pipeline's folder has changed
    assert place.counted() == {**DONE, "BIG 630": 1, "REPORT": 1}, place.said("t1")
    status = subprocess.run(["git", "status", "--porcelain"], cwd=project, capture_output=True, text=True, check=True)
    assert status.stdout == ""


def test_a_configuration_that_does_not_parse_is_not_known(place: Place) -> None:
    place.prepare(config="process {")
    config = resolve(read((str(place.program), "run", "main.nf")), str(place.work), place.environment())
    assert (config.known, "Unable to parse config file" in config.trouble) == (False, True)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _end_sleepers(work: Path) -> None:
    """What the killed Nextflow left running."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            here, words = (folder / "cwd").readlink(), (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if here.is_relative_to(work) and b"sleep" in words:
            os.kill(int(folder.name), signal.SIGKILL)


ON_SLURM = """
process PLAIN { script: "exit 3" }
process OWN { clusterOptions '--comment=mine'; script: "exit 3" }
workflow { OWN(); PLAIN() }
"""


@pytest.mark.slurm
def test_options_of_the_scheduler_in_the_process_itself_are_seen(place: Place, slurm: None) -> None:
    # Given two processes that SLURM ran, of which one asks for more by its own word
    place.prepare(config="process { executor = 'slurm'; memory = '60 MB'; time = '5m'; errorStrategy = 'ignore' }")
    (place.work / "main.nf").write_text(ON_SLURM)
    run = place.launch("run", "main.nf")
    made = {path.parent: path.read_text() for path in (place.work / "work").rglob(".command.run")}
    workdirs = {name: next(str(path) for path, text in made.items() if f"-J nf-{name}\n" in text) for name in ("OWN", "PLAIN")}  # fmt: skip
    orders = {
        name: Order(
            Fix(FixKind.EXCLUDE_NODE, name, (Change("node", None, "n9"),)),
            (Attempt(1, "r", "r", "nextflow", name, name, name, native_id="7", workdir=workdirs[name]),),
        )
        for name in workdirs
    }
    # When a node is to be left out, then what it asks for by itself is not lost
    with pytest.raises(CannotApply, match="OWN: its clusterOptions stand in the process itself"):
        place.engine().apply(run, [orders["OWN"]], "t1")
    # And where nothing is lost SLURM is told, which knows no such node here and ends the run
    config = FAST + "process { executor = 'slurm'; memory = '60 MB' }"
    (place.work / "nextflow.config").write_text(config)
    place.apply(run, orders["PLAIN"], launch="t2")
    again = [path.read_text() for path in (place.work / "work").rglob(".command.run") if path.parent not in made]
    told = {name: "#SBATCH --exclude=n9\n" in text for text in again for name in workdirs if f"-J nf-{name}\n" in text}
    assert {"OWN": False, **told} == {"OWN": False, "PLAIN": True}, place.said("t2")
