"""``nextflow`` under heal: what the user's program gets, which Java it finds, and what heal is told."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import until
from tests.hooks.conftest import HOOKS, Place, events

from heal.engines.attach import attach

sys.path.insert(0, str(HOOKS))

from nextflow_shim import log_of, runs

ODD = ("a b", "", "line\nbreak", "ü", "$HOME", "'\"", "-x", b"\xff\xfe")

# says what it was started as
TELLS = f"""#!{sys.executable}
import json, os, sys
print(json.dumps({{"argv": sys.argv, "env": dict(os.environ), "tty": [os.isatty(n) for n in range(3)]}}))
"""
OURS = ("JAVA_CMD", "JAVA_HOME", "NXF_JAVA_HOME", "HEAL_JAVA_CMD", "HEAL_NXF_JAVA_HOME", "HEAL_JAVA_HOME")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A Nextflow of the user's, and heal's folder in a place without blanks, with a plugin in it."""
    own = tmp_path / "user's programs"
    own.mkdir()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("HEAL_", "SLURM_", "PYTHON", "NXF"))
    }
    kept = {name: value for name, value in kept.items() if name not in OURS}
    kept["PATH"] = os.pathsep.join([str(own), "/usr/bin", "/bin"])
    env = attach(tmp_path / "attach", kept, spool=tmp_path / "state" / "spool") | {"HEAL_RUN": "r1"}
    attached = tmp_path / "attach" / "nextflow"
    attached.mkdir(exist_ok=True)
    for name in ("agent.jar", "plugin.jar"):
        (attached / name).write_bytes(b"")
    (attached / "java").write_bytes((HOOKS / "nextflow_java.sh").read_bytes())
    (attached / "java").chmod(0o700)
    made = Place(tmp_path / "home", tmp_path / "state" / "spool", own, env)
    made.program("nextflow", TELLS)
    return made


def told(place: Place, *words: Any, **more: Any) -> dict[str, Any]:
    ran = place.run("nextflow", *words, **more)
    assert (ran.returncode, ran.stderr) == (0, b"")
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def java(env: Mapping[str, str]) -> dict[str, str]:
    """What of the environment says which Java is to be taken."""
    return {name: env[name] for name in OURS if name in env}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("run main.nf", True),
        ("-q run main.nf", True),
        ("-log run run x", True),
        ("-log run config", False),
        ("-c a.config -bg run x", True),
        ("-syslog run x", True),
        ("-syslog localhost run x", True),
        ("-Dx=1 run x", True),
        ("main.nf --run x", True),
        ("gone.nf", False),
        ("config run", False),
        ("log run", False),
        ("lint main.nf", False),
        ("kuberun x", False),
        ("-version", False),
        ("-log", False),
        ("", False),
    ],
)
def test_only_a_run_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, expected: bool) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.nf").write_text("")
    assert runs(words.split()) is expected


@pytest.mark.parametrize(
    ("words", "env", "expected"),
    [
        ("run x", {}, "/w/.nextflow.log"),
        ("run x", {"NXF_LOG_FILE": "l/n.log"}, "/w/l/n.log"),
        ("-log a.log run x", {"NXF_LOG_FILE": "n.log"}, "/w/a.log"),
        ("-log /t/a.log run x", {}, "/t/a.log"),
        ("run x -log a.log", {}, "/w/.nextflow.log"),
    ],
)
def test_where_the_log_will_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, env: dict[str, str], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(log_of(words.split(), env)) == expected.replace("/w", str(tmp_path))


def test_a_run_keeps_its_words_and_finds_heals_java(place: Place, tmp_path: Path) -> None:
    # Given a Nextflow of the user's
    # When it is called with words of every kind
    answer = told(place, "-log", "x.log", "run", *ODD, cwd=tmp_path, env={"PWD": str(tmp_path)})
    # Then it has them all, to the byte, and an environment that differs in its Java alone
    argv = [str(place.bin / "nextflow"), "-log", "x.log", "run", *map(os.fsdecode, ODD)]
    assert answer["argv"] == argv
    shims = Path(place.env["PATH"].split(os.pathsep)[0])
    changed = {
        "PATH": place.env["PATH"].removeprefix(f"{shims}:"),
        "HEAL_SHIM": "nextflow",
        "JAVA_CMD": str(shims.parent / "nextflow" / "java"),
        "HEAL_JAVA_CMD": "",
    }
    before = {name: value for name, value in place.env.items() if name != "PYTHONPATH"} | {"PWD": str(tmp_path)}
    # the program that tells is a Python, which gives itself a locale where there is none
    answer["env"].pop("LC_CTYPE", None)
    before.pop("LC_CTYPE", None)
    assert answer["env"] == {**before, **changed}
    # And heal knows where to look should the plugin keep silent
    (said,) = events(place.spool)
    kept = Path(said["facts"].pop("env_file"))
    assert (kept.stat().st_mode & 0o777, java(json.loads(kept.read_text()))) == (0o600, {})
    assert (said["kind"], said["source"]) == ("nextflow_log", "runner")
    run = said["run"]
    assert run == {"id": run["id"], "engine": "nextflow", "cwd": str(tmp_path), "argv": argv, "pid": run["pid"]}
    assert said["facts"] == {
        "log": str(tmp_path / "x.log"),
        "parent": "r1",
        "host": socket.gethostname(),
        "plugin": True,
    }


@pytest.mark.parametrize("words", [("config", "."), ("log",), ("-version",), ("lint", "run"), ()])
def test_other_commands_are_not_touched(place: Place, words: tuple[str, ...]) -> None:
    answer = told(place, *words)
    assert (answer["argv"][1:], java(answer["env"]), answer["env"].get("HEAL_SHIM")) == ([*words], {}, None)
    assert events(place.spool) == []


@pytest.mark.parametrize("more", [{"HEAL_SHIM": "nextflow"}, {"SLURM_JOB_ID": "81"}])
def test_inside_a_job_or_another_shim_it_runs_as_if_alone(place: Place, more: dict[str, str]) -> None:
    answer = told(place, "run", *ODD, env=more)
    assert (answer["argv"][1:], java(answer["env"])) == (["run", *map(os.fsdecode, ODD)], {})
    assert events(place.spool) == []


def test_in_a_job_that_the_user_submitted_it_is_attached(place: Place) -> None:
    answer = told(place, "run", "x", env={"SLURM_JOB_ID": "81", "HEAL_SUBMITTED": "1"})
    assert answer["env"]["HEAL_SHIM"] == "nextflow"
    assert [said["kind"] for said in events(place.spool)] == ["nextflow_log"]


def test_a_preview_is_nobodys_business(place: Place) -> None:
    told(place, "run", "x", "-preview")
    assert events(place.spool) == []


@pytest.mark.parametrize("allowed", ["", "nf-schema", "nf-schema,nf-wave@1"])
def test_a_site_that_does_not_allow_the_plugin_is_obeyed(place: Place, allowed: str) -> None:
    answer = told(place, "run", "x", env={"NXF_PLUGINS_ALLOWED": allowed})
    assert java(answer["env"]) == {}
    assert [said["facts"]["plugin"] for said in events(place.spool)] == [False]


def test_a_site_that_allows_it_by_name_has_it(place: Place) -> None:
    answer = told(place, "run", "x", env={"NXF_PLUGINS_ALLOWED": "nf-schema,nf-heal@0.1.0"})
    assert "HEAL_JAVA_CMD" in answer["env"]


def test_without_a_plugin_there_is_the_log(place: Place, tmp_path: Path) -> None:
    (tmp_path / "attach" / "nextflow" / "plugin.jar").unlink()
    assert java(told(place, "run", "x")["env"]) == {}
    assert [said["facts"]["plugin"] for said in events(place.spool)] == [False]


def test_a_broken_spool_costs_the_run_nothing(place: Place) -> None:
    place.spool.parent.write_text("a file where the folder should be")
    assert told(place, "run", "x")["argv"][1:] == ["run", "x"]


def test_a_nextflow_called_by_its_path_is_the_one_that_runs(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other" / "nextflow"
    other.parent.mkdir()
    other.write_text(TELLS)
    other.chmod(0o755)
    answer = told(place, "run", "x", env={"HEAL_REAL": str(other)})
    assert (answer["argv"][0], answer["env"].get("HEAL_REAL")) == (str(other), None)


def test_heal_taken_away_is_as_if_there_was_no_shim(place: Place, tmp_path: Path) -> None:
    shim = tmp_path / "attach" / "bin" / "nextflow"
    shim.write_text(shim.read_text().replace(str(HOOKS / "shim.py"), "/gone/shim.py"))
    answer = told(place, "run", *ODD)
    assert answer["argv"] == [str(place.bin / "nextflow"), "run", *map(os.fsdecode, ODD)]
    assert java(answer["env"]) == {}


# --- ends, signals, the terminal -----------------------------------------------------------------


def test_its_end_is_the_programs(place: Place) -> None:
    place.program("nextflow", "#!/bin/sh\nexit 7\n")
    assert place.run("nextflow", "run", "x").returncode == 7


def test_a_program_without_a_first_line_is_a_shells(place: Place) -> None:
    place.program("nextflow", 'echo "$@"\nexit 3\n')
    ran = place.run("nextflow", "run", "a b")
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, b"run a b\n", b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE])
def test_a_signal_finds_the_program_itself(place: Place, number: signal.Signals) -> None:
    place.program("nextflow", "#!/bin/sh\necho $$\nexec sleep 60\n")
    with subprocess.Popen(["nextflow", "run", "x"], env=dict(place.env), stdout=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        # nobody stands between: the process that was started is the program
        assert int(ran.stdout.readline()) == ran.pid
        ran.send_signal(number)
        assert ran.wait(30) == -number


def test_the_terminal_and_its_size_are_its_own(place: Place) -> None:
    place.program(
        "nextflow", f"#!{sys.executable}\nimport os\nprint(os.get_terminal_size(), os.tcgetpgrp(0) == os.getpgrp())\n"
    )
    main, side = pty.openpty()
    termios.tcsetwinsize(side, (33, 144))
    command = ["setsid", "--ctty", "--wait", "nextflow", "run", "x"]
    with subprocess.Popen(command, env=dict(place.env), stdin=side, stdout=side, stderr=side) as ran:
        assert ran.wait(60) == 0
    os.close(side)
    assert os.read(main, 65536).split() == b"os.terminal_size(columns=144, lines=33) True".split()
    os.close(main)


def test_job_control_stops_and_continues_it(place: Place) -> None:
    place.program("nextflow", "#!/bin/sh\necho ready\nexec sleep 60\n")
    with subprocess.Popen(["nextflow", "run", "x"], env=dict(place.env), stdout=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        # not SIGTSTP: of a suite without a terminal nobody would start it again, so the kernel does not stop it
        ran.send_signal(signal.SIGSTOP)
        state = Path(f"/proc/{ran.pid}/stat")
        assert until(lambda: state.read_text().rpartition(") ")[2].startswith("T"))
        ran.send_signal(signal.SIGCONT)
        assert until(lambda: not state.read_text().rpartition(") ")[2].startswith("T"))
        ran.kill()


# --- the Java that the launcher takes -------------------------------------------------------------


@pytest.fixture
def jdk(tmp_path: Path) -> Path:
    """A Java's home, with what an agent needs."""
    home = tmp_path / "jdk"
    for name, text in (("bin/java", TELLS), ("lib/libinstrument.so", "")):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    (home / "bin" / "java").chmod(0o755)
    return home


# what the stock launcher does about its Java, up to the start of it (nextflow of 25.04)
LAUNCHER = """#!/bin/bash
if [[ "$NXF_JAVA_HOME" ]]; then
  JAVA_HOME="$NXF_JAVA_HOME"
  unset JAVA_CMD
fi
if [ ! -x "$JAVA_CMD" ] ; then
    if [ -d "$JAVA_HOME" ] ; then
        JAVA_CMD="$JAVA_HOME/bin/java"
    else
        JAVA_CMD="$(command -v java)" || JAVA_CMD=java
    fi
fi
export JAVA_CMD
exec "$JAVA_CMD" -jar "x y.jar" "$@"
"""


@pytest.mark.parametrize(
    "names", [(), ("JAVA_CMD",), ("JAVA_HOME",), ("NXF_JAVA_HOME",), ("NXF_JAVA_HOME", "JAVA_HOME", "JAVA_CMD")]
)
def test_the_launchers_java_is_the_one_it_would_have_been(
    place: Place, tmp_path: Path, jdk: Path, names: tuple[str, ...]
) -> None:
    # Given a launcher, and a Java that it finds by PATH or by what its user has set
    place.program("nextflow", LAUNCHER)
    known = {"JAVA_CMD": str(jdk / "bin/java"), "JAVA_HOME": "/gone", "NXF_JAVA_HOME": str(jdk)}
    known |= {} if "NXF_JAVA_HOME" in names else {"JAVA_HOME": str(jdk)}
    env = {name: known[name] for name in names}
    env["PATH"] = place.env["PATH"].replace("/usr/bin", f"/usr/bin:{jdk}/bin" if names else f"{jdk}/bin:/usr/bin")
    alone = told(place, "run", *ODD, env=env | {"HEAL_SHIM": "nextflow"})
    # When it runs under heal
    answer = told(place, "run", *ODD, env=env)
    # Then the same Java has the same words and one more, and the same environment
    own = tmp_path / "attach" / "nextflow"
    assert alone["argv"][0] == str(jdk / "bin/java")
    assert answer["argv"] == [
        alone["argv"][0],
        f"-javaagent:{own}/agent.jar={own}/plugin.jar",
        *alone["argv"][1:],
    ]
    gone = ("PYTHONPATH", "_", "SHLVL")
    assert {n: v for n, v in answer["env"].items() if n not in gone} == {
        n: v for n, v in alone["env"].items() if n not in gone
    }


@pytest.mark.parametrize("missing", ["jdk/lib/libinstrument.so", "attach/nextflow/agent.jar"])
def test_a_java_that_could_not_load_the_plugin_runs_without(
    place: Place, tmp_path: Path, jdk: Path, missing: str
) -> None:
    place.program("nextflow", LAUNCHER)
    # taken away after the shim has looked
    moved = tmp_path / missing
    if moved.name == "agent.jar":
        place.program("nextflow", LAUNCHER.replace("exec", f'rm "{moved}"; exec'))
    else:
        moved.unlink()
    answer = told(place, "run", "x", env={"JAVA_HOME": str(jdk)})
    assert answer["argv"] == [str(jdk / "bin/java"), "-jar", "x y.jar", "run", "x"]


OPENS = "--add-opens=java.base/java.lang=ALL-UNNAMED"


@pytest.mark.parametrize(
    ("own", "file", "opened"), [((), "modules", 16), ((), "rt.jar", 0), ((OPENS, "-Xmx1g"), "modules", 0)]
)
def test_a_java_that_is_nextflow_is_attached_and_can_resume(
    place: Place, jdk: Path, own: tuple[str, ...], file: str, opened: int
) -> None:
    # Given a Java, new or old, that is to be Nextflow, by words of its user's
    (jdk / "lib" / file).write_text("")
    tmp_path = jdk.parent
    start = (str(jdk / "bin" / "java"), *own, "-cp", "lib/*", "nextflow.cli.Launcher")
    shim = (sys.executable, "-I", "-S", str(HOOKS / "shim.py"), "java", str(tmp_path / "attach"))
    # When it is started as launch.py starts it
    ran = place.run(*shim, *start[1:], "run", *ODD, cwd=tmp_path, env={"HEAL_REAL": start[0], "PWD": str(tmp_path)})
    answer = json.loads(ran.stdout)
    # Then what Nextflow needs and the user did not say comes first, then the plugin, then all words
    ours = tmp_path / "attach" / "nextflow"
    agent = f"-javaagent:{ours}/agent.jar={ours}/plugin.jar"
    first, _, rest = " ".join(answer["argv"]).partition(f" {agent} ")
    assert (first.split(" ")[0], rest) == (start[0], " ".join([*start[1:], "run", *map(os.fsdecode, ODD)]))
    assert (len(first.split(" ")) - 1, OPENS in first) == (opened, opened > 0)
    # And its environment is the user's own, without shims
    assert java(answer["env"]) == {}
    assert answer["env"]["HEAL_SHIM"] == "nextflow"
    assert str(tmp_path / "attach") not in answer["env"]["PATH"] + answer["env"].get("PYTHONPATH", "")
    # And heal knows the words by which it is started again
    (said,) = events(place.spool)
    assert (said["kind"], said["run"]["argv"]) == ("nextflow_log", [*start, "run", *map(os.fsdecode, ODD)])


# moves the log before it aside, and is a moment later where it has its own: as Nextflow, whose moment is shorter
BEGINS = """#!/bin/sh
if [ -e .nextflow.log ]; then mv .nextflow.log .nextflow.log.$$; fi
sleep 0.5
echo $$ >> .nextflow.log
exec sleep 1
"""


def test_two_that_begin_in_one_folder_at_once_have_a_log_each(place: Place, tmp_path: Path) -> None:
    # Given runs under three heals of one home, each with a spool of its own
    place.program("nextflow", BEGINS)
    env = {**place.env, "HEAL_HOME": str(place.home)}
    spools = [place.spool / name for name in "abc"]
    runs = [
        subprocess.Popen(["nextflow", "run", "x"], cwd=tmp_path, env={**env, "HEAL_SPOOL": str(spool)})
        for spool in spools
    ]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    # Then each log has one in it, the one that it was announced for
    logs = [path.read_text().split() for path in tmp_path.glob(".nextflow.log*")]
    assert sorted(logs) == sorted([str(run.pid)] for run in runs)
    announced = [str(one["run"]["pid"]) for spool in spools for one in events(spool)]
    assert sorted(announced) == sorted(pid for [pid] in logs)


def test_one_that_never_begins_its_log_holds_nobody_up_and_nothing_open(place: Place, tmp_path: Path) -> None:
    place.program("nextflow", "#!/bin/sh\necho ran\n")
    # who reads its output hears the end of it at once, and the next one begins
    said = [place.run("nextflow", "run", "x", cwd=tmp_path).stdout for _ in range(2)]
    assert said == [b"ran\n"] * 2
