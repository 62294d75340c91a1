"""launch.py: at most once, and as if nobody stood between."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.hooks.conftest import HOOKS, events

from heal.engines.attach import attach

sys.path.insert(0, str(HOOKS))

from launch import shimmed

LAUNCH = (sys.executable, "-I", str(HOOKS / "launch.py"))


def launch(home: Path, launch_id: str, *argv: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[bytes]:
    words = [*LAUNCH, "--id", launch_id, "--home", str(home), *options, "--", *argv]
    return subprocess.run(words, capture_output=True, check=False, timeout=60, cwd=home)


def test_a_command_is_started_told_and_ended(tmp_path: Path) -> None:
    ran = launch(
        tmp_path, "i1", "sh", "-c", 'printf "%s|" "$HEAL_RUN" "$HEAL_SPOOL" "$@"; exit 5', "sh", "a b", "", "--"
    )
    assert ran.returncode == 5
    assert ran.stdout.decode() == f"i1|{tmp_path}/spool|a b||--|"
    started, finished = events(tmp_path / "spool")
    run = started["run"]
    assert run == {
        "id": "i1",
        "engine": "command",
        "cwd": str(tmp_path),
        "argv": ["sh", "-c", 'printf "%s|" "$HEAL_RUN" "$HEAL_SPOOL" "$@"; exit 5', "sh", "a b", "", "--"],
        "pid": run["pid"],
    }
    assert (started["kind"], started["source"]) == ("run_started", "runner")
    assert started["facts"] == {"parent": None, "host": socket.gethostname()}
    assert (finished["kind"], finished["run"], finished["facts"]) == ("run_finished", run, {"ok": False, "exit": 5})
    claim = json.loads((tmp_path / "launches" / "i1.json").read_text())
    assert claim == {
        "pid": claim["pid"],
        "host": socket.gethostname(),
        "started": claim["started"],
        "child": run["pid"],
    }


def test_a_launch_happens_at_most_once(tmp_path: Path) -> None:
    script = ("sh", "-c", "echo once >> count")
    assert launch(tmp_path, "i1", *script).returncode == 0
    second = launch(tmp_path, "i1", *script)
    assert second.returncode == 111
    assert b"launched before" in second.stderr
    assert (tmp_path / "count").read_text() == "once\n"


def test_of_many_at_once_one_starts(tmp_path: Path) -> None:
    words = [*LAUNCH, "--id", "i1", "--home", str(tmp_path), "--", "sh", "-c", "echo once >> count"]
    many = [subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.DEVNULL) for _ in range(8)]
    assert sorted(one.wait(60) for one in many) == [0] + [111] * 7
    assert (tmp_path / "count").read_text() == "once\n"


@pytest.mark.parametrize(("name", "code"), [("no-such-program", 127), ("/etc/passwd", 126)])
def test_what_cannot_be_started_ends_as_in_a_shell(tmp_path: Path, name: str, code: int) -> None:
    ran = launch(tmp_path, "i1", name)
    assert (ran.returncode, ran.stderr.count(b"\n")) == (code, 1)
    assert [event["facts"].get("exit") for event in events(tmp_path / "spool")] == [None, code]


def test_a_script_without_a_first_line_is_a_shells(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text('echo "$1"\n')
    script.chmod(0o755)
    assert launch(tmp_path, "i1", str(script), "a b").stdout == b"a b\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_command_and_its_end_is_ours(tmp_path: Path, number: signal.Signals) -> None:
    words = [*LAUNCH, "--id", "i1", "--home", str(tmp_path), "--", "sh", "-c", "echo ready; exec sleep 60"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        ran.send_signal(number)
        assert ran.wait(30) == -number
    assert events(tmp_path / "spool")[-1]["facts"] == {"ok": False, "exit": 128 + number}


def test_an_interrupt_is_left_to_the_terminal(tmp_path: Path) -> None:
    script = "trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.1; done"
    words = [*LAUNCH, "--id", "i1", "--home", str(tmp_path), "--", "bash", "-c", script]
    with subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        os.killpg(ran.pid, signal.SIGINT)
        assert (ran.stdout.read(), ran.wait(30)) == (b"interrupted\n", 9)
    assert events(tmp_path / "spool")[-1]["facts"] == {"ok": False, "exit": 9}


def test_what_was_ignored_stays_ignored(tmp_path: Path) -> None:
    words = ["nohup", *LAUNCH, "--id", "i1", "--home", str(tmp_path), "--", "sh", "-c", "kill -HUP $$; echo alive"]
    assert subprocess.run(words, capture_output=True, check=True, timeout=60).stdout == b"alive\n"


def test_a_broken_spool_never_stops_the_command(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = launch(tmp_path, "i1", "echo", "x", options=("--spool", str(tmp_path / "file" / "spool")))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"x\n", b"")


def test_without_a_claim_a_users_own_command_runs_and_a_remedy_does_not(tmp_path: Path) -> None:
    (tmp_path / "launches").write_text("a file where the folder should be")
    assert launch(tmp_path, "i1", "echo", "x").stdout == b"x\n"
    refused = launch(tmp_path, "i1", "echo", "x", options=("--must-claim", "--parent", "r0"))
    assert (refused.returncode, refused.stdout) == (111, b"")


@pytest.mark.parametrize(
    ("argv", "shim"),
    [
        (("nextflow", "run", ""), None),
        (("./nextflow", "run", "a b"), "bin/nextflow"),
        (("PLACE/snakemake", "-j2"), "bin/snakemake"),
        (("PLACE/other", "-j2"), None),
        (("./not-executable/nextflow",), None),
    ],
)
def test_a_program_that_is_named_by_a_path_has_its_shim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...], shim: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("nextflow", "snakemake", "other"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    env = attach(tmp_path / "attach", {"PATH": "/usr/bin"}, spool=tmp_path / "spool")
    words = [word.replace("PLACE", str(tmp_path)) for word in argv]
    if shim is None:
        assert shimmed(words, env) == (words, env)
    else:
        expected = [str(tmp_path / "attach" / shim), *words[1:]]
        assert shimmed(words, env) == (expected, env | {"HEAL_REAL": words[0]})
    # and without shims everything is as it is
    assert shimmed(words, {"PATH": "/usr/bin"}) == (words, {"PATH": "/usr/bin"})


@pytest.mark.parametrize(
    ("argv", "program"),
    [
        (("/jdk/bin/java", "-cp", "lib/*", "nextflow.cli.Launcher", "run", "a b"), "java"),
        (("java", "-Xmx1g", "-jar", "/opt/nextflow-25.04.4-one.jar", "run", "x"), "java"),
        (("python3.11", "-m", "snakemake", "-j2"), "python"),
        (("java", "-jar", "picard.jar", "nextflow.jar"), None),
        (("python", "-m", "snakemake_wrapper"), None),
    ],
)
def test_an_engine_in_a_java_or_a_python_has_a_shim(tmp_path: Path, argv: tuple[str, ...], program: str | None) -> None:
    env = attach(tmp_path / "attach", {"PATH": "/usr/bin"}, spool=tmp_path / "spool")
    shim = [sys.executable, "-I", "-S", str(HOOKS / "shim.py"), str(program), str(tmp_path / "attach")]
    expected = ([*shim, *argv[1:]], env | {"HEAL_REAL": argv[0]}) if program else (list(argv), env)
    assert shimmed(list(argv), env) == expected


@pytest.mark.snakemake
def test_python_m_snakemake_gets_the_logger(tmp_path: Path) -> None:
    # Given a pipeline, and a Snakemake that is called as a module
    (tmp_path / "Snakefile").write_text('rule all:\n    output: "x"\n    shell: "touch {output}"\n')
    spool = tmp_path / "spool"
    env = attach(tmp_path / "attach", os.environ, spool=spool)
    words = [*LAUNCH, "--id", "i1", "--home", str(tmp_path), "--spool", str(spool), "--", sys.executable, "-m"]
    # When it is started under heal
    ran = subprocess.run([*words, "snakemake", "-c1"], env=env, cwd=tmp_path, capture_output=True, check=False)
    # Then its tasks are told of
    assert ran.returncode == 0, ran.stderr
    told = {(said["source"], said["kind"]) for said in events(spool)}
    assert {("snakemake", "task_finished"), ("runner", "run_finished")} <= told
