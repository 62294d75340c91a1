"""A real Nextflow under heal: the plugin speaks, and everything of the pipeline's is as it is without heal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import until
from tests.hooks.conftest import events

from heal.engines.attach import attach
from heal.shipped import NEXTFLOW_PLUGIN

pytestmark = pytest.mark.nextflow
both = pytest.mark.parametrize("pipeline", ["classes", "jar"], indirect=True)

SAYS_ENVIRONMENT = """
process SAYS { output: stdout
  script: "env | sort" }
workflow { SAYS().view() }
"""
OTHER = """Manifest-Version: 1.0
Plugin-Id: nf-other
Plugin-Version: 9.9.9
Plugin-Provider: somebody
Plugin-Requires: >=25.04.0

"""


@dataclass(frozen=True)
class Pipeline:
    """A folder with a pipeline, and the environment it runs in: alone, or under heal."""

    folder: Path
    env: Mapping[str, str]
    healed: Mapping[str, str]

    @property
    def spool(self) -> Path:
        return Path(self.healed["HEAL_SPOOL"])

    def run(self, *words: str, healed: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        env = dict(self.healed if healed else self.env) | more
        command = ["nextflow", "run", "main.nf", *words]
        return subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, check=False, timeout=180
        )

    def log(self, *about: str) -> list[str]:
        """What Nextflow's log says about these, without times and names that no two runs share."""
        lines = (self.folder / ".nextflow.log").read_text().splitlines()
        said = [re.sub(r"^\S+ \S+ ", "", line) for line in lines if any(word in line for word in about)]
        return [line for line in said if "Executing" not in line]


@pytest.fixture
def pipeline(request: pytest.FixtureRequest, tmp_path: Path, nextflow: Path, nextflow_plugin: Path) -> Pipeline:
    """With a Nextflow that starts its class by name, or (asked for) a jar, as the stock launcher does."""
    own = tmp_path / "programs"
    own.mkdir()
    if getattr(request, "param", "classes") == "classes":
        (own / "nextflow").symlink_to(nextflow)
    else:
        _starts_a_jar(own, nextflow.parent)
    known = {name: os.environ[name] for name in ("HOME", "JAVA_HOME", "JAVA_CMD") if name in os.environ}
    known |= {"PATH": f"{own}:{os.environ['PATH']}", "NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false"}
    known |= {"NXF_HOME": str(tmp_path / "nxf"), "NXF_OPTS": "-Xmx500m"}
    healed = attach(tmp_path / "attach", known, spool=tmp_path / "spool")
    # the plugin as it was when the tests began: it may be built again meanwhile
    kinds = {"agent.jar": "-agent.jar", "plugin.jar": ".jar"}
    (tmp_path / "attach" / "nextflow").mkdir(exist_ok=True)
    for name, kind in kinds.items():
        (tmp_path / "attach" / "nextflow" / name).write_bytes(
            (nextflow_plugin / f"{NEXTFLOW_PLUGIN}{kind}").read_bytes()
        )
    java = Path(__file__).resolve().parents[2] / "hooks" / "nextflow_java.sh"
    (tmp_path / "attach" / "nextflow" / "java").write_bytes(java.read_bytes())
    (tmp_path / "attach" / "nextflow" / "java").chmod(0o700)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "main.nf").write_text(SAYS_ENVIRONMENT)
    return Pipeline(folder, known, healed)


def _starts_a_jar(own: Path, real: Path) -> None:
    """A launcher that ends as the stock one does, with ``java -jar``; the jar names the real Nextflow's."""
    classes = "Class-Path: " + " ".join(path.as_uri() for path in sorted((real / "lib").glob("*.jar")))
    folded = "\n ".join(classes[at : at + 70] for at in range(0, len(classes), 70))
    (own / "manifest").write_text(f"Main-Class: nextflow.cli.Launcher\n{folded}\n")
    subprocess.run(["jar", "cfm", own / "one.jar", own / "manifest"], check=True, timeout=60)
    text = (real / "nextflow").read_text()
    text = re.sub(r'-cp "\$here/lib/\*" nextflow\.cli\.Launcher', f'-jar "{own}/one.jar"', text)
    assert "-jar" in text
    (own / "nextflow").write_text(text)
    (own / "nextflow").chmod(0o755)


def kinds(pipeline: Pipeline) -> list[str]:
    return [f"{said['source']} {said['kind']}" for said in events(pipeline.spool)]


@both
def test_the_plugin_tells_and_a_task_finds_the_environment_it_would(pipeline: Pipeline) -> None:
    # Given a pipeline whose task says what environment it has
    alone = pipeline.run(healed=False)
    # When it runs under heal
    healed = pipeline.run()
    # Then heal is told of all of it
    assert (alone.returncode, healed.returncode) == (0, 0)
    assert kinds(pipeline) == [
        "runner nextflow_log",
        "nextflow run_started",
        "nextflow task_submitted",
        *(["nextflow task_started"] if "nextflow task_started" in kinds(pipeline) else []),
        "nextflow task_finished",
        "nextflow run_finished",
    ]
    started = events(pipeline.spool)[1]
    assert started["run"]["argv"] == [str(pipeline.folder.parent / "programs" / "nextflow"), "run", "main.nf"]
    # And what Nextflow prints and the task finds differs in heal's own variables alone
    ours = re.compile(r"^(HEAL_\w+|PYTHONPATH|JAVA_CMD)=")
    assert [line for line in healed.stdout.splitlines() if not ours.match(line)] == [
        line for line in _as_if(alone.stdout, healed.stdout) if not ours.match(line)
    ]
    assert healed.stderr == alone.stderr


def _as_if(text: str, other: str) -> list[str]:
    """A run's lines with the names and hashes of another's, which no two runs share."""
    names = re.compile(r"\[\w+_\w+\]|\[../\w{6}\]|work/\w\w/\w+")
    for mine, theirs in zip(names.findall(text), names.findall(other), strict=True):
        text = text.replace(mine, theirs)
    return text.splitlines()


def test_plugins_that_the_pipeline_asks_for_are_loaded(pipeline: Pipeline) -> None:
    classes = Path(pipeline.env["NXF_HOME"], "plugins", "nf-other-9.9.9", "classes", "META-INF")
    classes.mkdir(parents=True)
    (classes / "MANIFEST.MF").write_text(OTHER)
    (pipeline.folder / "nextflow.config").write_text("plugins { id 'nf-other@9.9.9' }\n")
    about = ("Plugins declared", "Plugins default", "Plugins resolved", "Start plugin")
    assert pipeline.run(healed=False).returncode == 0
    alone = pipeline.log(*about)
    assert pipeline.run().returncode == 0
    assert pipeline.log(*about) == alone
    assert any("nf-other@9.9.9" in line for line in alone)
    assert "nextflow run_finished" in kinds(pipeline)


def test_plugins_that_nextflow_starts_by_itself_are_started_as_ever(pipeline: Pipeline) -> None:
    # Given a work folder of a kind that Nextflow loads a plugin for, which cannot be had here
    words = ("-w", "s3://bucket/work")
    alone = pipeline.run(*words, healed=False)
    found = pipeline.log("Plugins default", "Plugins resolved")
    # When it runs under heal
    healed = pipeline.run(*words)
    # Then it fails the same way, for the same reason
    assert alone.returncode == healed.returncode == 1
    assert pipeline.log("Plugins default", "Plugins resolved") == found
    assert "nf-amazon" in found[0]
    assert _as_if(healed.stdout, healed.stdout) == _as_if(alone.stdout, healed.stdout)


def test_a_path_that_needs_a_plugin_at_run_time_is_treated_as_ever(pipeline: Pipeline) -> None:
    (pipeline.folder / "main.nf").write_text("workflow { println file('s3://bucket/x').name }\n")
    alone = pipeline.run(healed=False)
    healed = pipeline.run()
    assert (healed.returncode, healed.stdout.splitlines()) == (alone.returncode, _as_if(alone.stdout, healed.stdout))


def test_a_plugin_that_the_pipeline_names_as_well_speaks_once(pipeline: Pipeline, nextflow_plugin: Path) -> None:
    (pipeline.folder / "nextflow.config").write_text(
        f"plugins {{ id '{NEXTFLOW_PLUGIN.replace('heal-', 'heal@')}' }}\n"
    )
    assert pipeline.run(NXF_PLUGINS_DIR=str(nextflow_plugin)).returncode == 0
    assert kinds(pipeline).count("nextflow run_started") == 1


@both
def test_an_interrupt_ends_it_as_it_would_alone(pipeline: Pipeline) -> None:
    # Given a pipeline that waits
    (pipeline.folder / "main.nf").write_text("process WAITS { script: 'sleep 120' }\nworkflow { WAITS() }\n")
    codes = []
    for env in (pipeline.env, pipeline.healed):
        with subprocess.Popen(
            ["nextflow", "run", "main.nf"],
            cwd=pipeline.folder,
            env=dict(env),
            start_new_session=True,
            stdout=subprocess.PIPE,
        ) as ran:
            assert ran.stdout is not None
            while b"Submitted process" not in ran.stdout.readline():
                assert ran.poll() is None
            # When Ctrl-C reaches the whole group, once
            os.killpg(ran.pid, signal.SIGINT)
            ran.stdout.read()
            codes.append(ran.wait(60))
    # Then it ends as it does alone
    assert codes[0] == codes[1]
    assert until(lambda: "nextflow run_finished" in kinds(pipeline))


def test_an_older_nextflow_is_left_alone(pipeline: Pipeline, tmp_path: Path) -> None:
    # Given a program that has not what the plugin implements, as a Nextflow before 25.04
    (tmp_path / "Old.java").write_text(
        'class Old { public static void main(String[] w) { System.out.println(System.getProperty("heal.attached")); } }\n'
    )
    subprocess.run(["javac", "Old.java"], cwd=tmp_path, check=True, timeout=120)
    own = tmp_path / "attach" / "nextflow"
    # When it is started as heal starts Nextflow
    command = [own / "java", "-cp", str(tmp_path), "Old"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    # Then nothing is put on its class path
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "null\n", "")
