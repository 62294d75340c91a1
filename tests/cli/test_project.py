"""heal init makes a folder known without touching anything else; heal doctor tells what is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from tests.cli.place import Place
from tests.fakes.pyslurm import CHILD, PyslurmSite

from heal import wiring
from heal.home import places
from heal.home.lock import Lock
from heal.service import DAEMON
from heal.settings import load, sections


def checks(place: Place) -> dict[str, tuple[str, str | None]]:
    found = json.loads(place.tells("doctor", "--json").stdout)
    return {check["name"]: (check["state"], check["advice"]) for check in found["checks"]}


def files(place: Place) -> dict[str, str]:
    return {
        path.relative_to(place.work).as_posix(): path.read_text() for path in place.work.rglob("*.*") if path.is_file()
    }


def test_init_writes_settings_that_change_nothing(place: Place):
    # When a folder is made a project
    ended = place.tells("init", "--yes")
    # Then heal.toml names every setting, and sets none
    assert (ended.returncode, ended.stderr) == (0, b"")
    text = (place.work / "heal.toml").read_text()
    assert tomllib.loads(text) == {name: {} for name, _doc, _model in sections()}
    keys = [line[2:].partition(" = ")[0] for line in text.splitlines() if line.startswith("# ") and " = " in line]
    assert keys == [key for _name, _doc, model in sections() for key in model.model_fields]


def test_init_twice_is_harmless(place: Place):
    # Given a project with a setting of the user's
    place.tells("init", "--yes")
    (place.work / "heal.toml").write_text("[budget]\nper_task = 5\n")
    before = files(place)
    # When it is made a project again
    again = place.tells("init", "--yes")
    # Then nothing is changed, and that is said
    assert again.returncode == 0
    assert b"kept heal.toml and .heal/ as they are" in again.stdout
    assert files(place) == before
    # And without a word for it nothing is asked: there is nothing to write
    asked = place.tells("init")
    assert (asked.returncode, b"write" in asked.stdout, files(place)) == (0, False, before)


def test_init_says_what_makes_a_daemon_look_after_the_folder(place: Place):
    start = "no daemon runs: heal daemon start starts one, which then looks after this folder\n"
    assert start in place.tells("init", "--yes").stdout.decode()
    # Given one that runs, there is nothing to start
    with Lock(places.lock(place.home), DAEMON):
        assert "heal daemon start" not in place.tells("init", "--yes").stdout.decode()


def test_init_says_what_could_not_be_written_and_what_to_do(place: Place):
    place.file(".heal", "a file of the user's")
    ended = place.tells("init", "--yes")
    told = ended.stderr.decode()
    assert (ended.returncode, told.count("\n"), ended.stdout) == (2, 1, b"")
    assert told.startswith(f"heal: {place.work} cannot be made a project: heal.toml and .heal/ cannot be written there")
    assert "Run heal init in a folder that you can write in" in told


def test_init_leaves_a_link_that_leads_nowhere(place: Place):
    # Given settings that are kept elsewhere, which is not there now
    link = place.work / "heal.toml"
    link.symlink_to("/not/mounted/heal.toml")
    # When the folder is made a project, Then the link is what it was, and that is said
    ended = place.tells("init", "--yes")
    said = b"left heal.toml as it is: a link to /not/mounted/heal.toml, which is not there"
    assert (ended.returncode, said in ended.stdout) == (0, True), ended.stdout
    assert link.readlink() == Path("/not/mounted/heal.toml")


def test_init_asks_before_it_writes(place: Place):
    assert place.tells("init", said=b"n\n").returncode == 1
    assert files(place) == {}
    assert place.tells("init", said=b"y\n").returncode == 0
    assert list(files(place)) == ["heal.toml", ".heal/.gitignore"]


def test_git_does_not_see_what_heal_keeps_in_a_project(place: Place):
    subprocess.run(["git", "init", "--quiet", "."], cwd=place.work, check=True)
    place.tells("init", "--yes")
    place.file(".heal/anything", "of heal's own")
    assert place.run("git", "status", "--porcelain", "--untracked-files=all").stdout == "?? heal.toml\n"


def test_init_registers_the_folder_by_an_event(place: Place):
    # When a folder is made a project
    place.tells("init", "--yes")
    # Then one event says so to whoever heals
    [event] = [json.loads(path.read_text()) for path in (place.home / "spool").glob("*.json")]
    assert (event["v"], event["kind"], event["source"]) == (1, "project", "person")
    assert event["facts"] == {"path": str(place.work)}
    # And the next pass takes it in
    place.tells("tick")
    assert checks(place)["spool"] == ("0 event(s) waiting", None)


def test_doctor_says_the_same_to_people_and_programs(place: Place):
    place.tells("tick")
    human = place.tells("doctor")
    assert (human.returncode, human.stderr) == (0, b"")
    found = checks(place)
    assert {"Snakemake", "Nextflow", "git", "heal's folder", "spool", "database", "daemon", "patterns", "model"} < set(
        found
    )
    lines = human.stdout.decode()
    # the second is asked after the first
    del found["SLURM calls"]
    assert [name for name, (state, _advice) in found.items() if name not in lines or state not in lines] == []


def test_doctor_names_what_a_bad_pattern_is_wrong_with(place: Place):
    bad = place.home / "patterns" / "mine.yaml"
    bad.parent.mkdir()
    bad.write_text("id: [no\n")
    state, advice = checks(place)["patterns"]
    assert state.endswith(" loaded, 1 skipped")
    assert advice is not None
    assert advice.startswith(f"{bad}: ")


def test_doctor_does_not_wait_long_for_a_scheduler_that_is_silent(place: Place):
    for name in ("squeue", "sacct", "scontrol", "sinfo"):
        place.program(name, "exec sleep 100")
    began = time.monotonic()
    found = checks(place)
    assert time.monotonic() - began < 60
    assert [found[f"SLURM {name}"][0][:10] for name in ("controller", "accounting")] == ["no answer:"] * 2


# what SLURM's programs say of a site where there is nothing yet
NOTHING_YET = {
    "squeue": "exit 0",
    "sacct": 'case "$*" in *helpformat*) echo "JobID State";; esac',
    "scontrol": 'case "$*" in *partition*) echo "No partitions in the system";; *) echo "No jobs in the system";; esac',
    "sinfo": "exit 0",
    "sacctmgr": "exit 0",
}


@pytest.mark.parametrize(
    "said", ["head -c 50000000 /dev/urandom", "yes '<html>503</html>' | head -c 50000000", "exit 0"]
)
def test_doctor_takes_what_is_no_word_of_slurm_for_no_answer(place: Place, said: str):
    # Given programs that end well and say at length what SLURM never says, or nothing where it says something
    for name in NOTHING_YET:
        place.program(name, said)
    for name in ("snakemake", "nextflow"):
        place.program(name, said)
    # When doctor asks them
    found = checks(place)
    # Then none is said to answer, and heal goes on
    assert [found[f"SLURM {name}"][0].partition(": ")[0] for name in ("controller", "accounting")] == ["no answer"] * 2
    assert [found[name][0].partition("/")[2].partition(" ")[2] for name in ("Snakemake", "Nextflow")] == [
        "does not tell its version"
    ] * 2
    assert max(len(state) for state, _advice in found.values()) < 1000


def test_doctor_tells_that_a_program_does_not_answer(place: Place):
    place.program("snakemake", "kill -9 $$")
    assert checks(place)["Snakemake"] == (f"{place.bin}/snakemake does not tell its version", None)


def test_doctor_tells_that_limits_of_accounts_and_qos_are_not_shown_here(place: Place):
    # Given a site that shows its partitions, and to whom it may the limits of its QOS, but not of its accounts
    for name, text in NOTHING_YET.items():
        place.program(name, text)
    place.program("sacctmgr", 'case "$*" in *associations*) echo "Access denied" >&2; exit 1;; *) exit 0;; esac')
    advice = "heal keeps to those of partitions; what others forbid, sbatch will refuse"
    assert checks(place)["SLURM limits"] == ("of accounts not shown here: Access denied", advice)
    # When it shows neither, for one reason
    place.program("sacctmgr", "echo 'You are not running a supported accounting_storage plugin' >&2; exit 1")
    why = "You are not running a supported accounting_storage plugin"
    assert checks(place)["SLURM limits"] == (f"of QOS and accounts not shown here: {why}", advice)
    # When it says what is none
    place.program("sacctmgr", "echo Welcome")
    why = "sacctmgr answered with what is no table: 'Welcome\\n'"
    assert checks(place)["SLURM limits"] == (f"of QOS and accounts not shown here: {why}", advice)
    # And when it shows both
    place.program("sacctmgr", "exit 0")
    assert "SLURM limits" not in checks(place)


def test_doctor_tells_how_often_slurm_was_asked_and_how_long_it_took(place: Place):
    # Given a SLURM that answers, and calls of the last hour and of long ago
    for name, text in NOTHING_YET.items():
        place.program(name, text)
    place.home.mkdir(exist_ok=True)
    now = time.time()
    lines = [f"> {now - 60 * n:.3f} c{n} squeue\n< {now - 60 * n:.3f} c{n} squeue {n}.5 no\n" for n in (7, 8, 9, 300)]
    places.calls(place.home).write_text("".join(lines))
    state, advice = checks(place)["SLURM calls"]
    # Then those of the last hour are told, with its own
    count, rest = state.split(" in the last hour, ", 1)
    assert (int(count) > 3, rest.endswith("9.50 s the longest, 3 without success")) == (True, True)
    assert (advice or "").endswith(" a minute of heal's own (slurm.calls_per_minute)")


def test_doctor_asks_pyslurm_and_says_why_it_is_not_used(place: Place, tmp_path: Path):
    # Given a Python whose pyslurm answers, for the SLURM that is here
    site = PyslurmSite(tmp_path)
    for name in ("squeue", "sacct", "scontrol", "sacctmgr", "sinfo"):
        place.program(name, f'exec {site.folder}/{name} "$@"')
    place.program("python-of-the-site", f'exec {sys.executable} {CHILD} {site.folder} "$2"')
    place.file("heal.toml", f'[slurm]\npyslurm = "{place.bin}/python-of-the-site"\n')
    assert checks(place)["pyslurm"] == ("22.5.3 answers", None)
    # When it is for another one
    (site.folder / "hello").write_text('{"refused": "pyslurm 23.2.3 is not for SLURM 22.05.8"}')
    why = "no answer: pyslurm is not used: pyslurm 23.2.3 is not for SLURM 22.05.8"
    assert checks(place)["pyslurm"] == (why, "SLURM's commands are used instead")
    # And when it is not wanted
    place.file("heal.toml", '[slurm]\npyslurm = "never"\n')
    assert "pyslurm" not in checks(place)


def test_doctor_tells_that_the_heal_that_runs_has_given_pyslurm_up(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    site = PyslurmSite(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    settings = load(place.work, {"HEAL_HOME": str(place.home), "HEAL_SLURM__PYSLURM": f"{tmp_path}/python"})
    site.program("python", f'exec {sys.executable} {CHILD} {site.folder} "$2"')
    site.mood("die")
    said: list[str] = []
    # Given a heal whose pyslurm dies whenever it is asked
    place.home.mkdir(exist_ok=True)
    scheduler, _submitter = wiring._slurm(settings, site.commands, said.append)
    for _ in range(4):
        scheduler.queue()
    # Then that is said in its log once, and where doctor finds it
    assert [text.partition(":")[0] for text in said] == ["pyslurm failed 3 times in a row, the last time"]
    assert places.pyslurm_trouble(place.home).read_text() == said[0]
    # And the next heal tries anew
    wiring._slurm(settings, site.commands, said.append)
    assert not places.pyslurm_trouble(place.home).exists()


def test_doctor_finds_a_broken_database(place: Place):
    (place.home / "heal.db").write_bytes(b"no database at all, but long enough to look at" * 100)
    assert place.tells("doctor").returncode == 1
    assert checks(place)["database"][0].startswith("broken: ")


def test_doctor_finds_a_home_that_cannot_be_made(place: Place):
    # Given a file where a folder above heal's own would have to be
    place.file("file", "")
    place.more = {"HEAL_HOME": str(place.work / "file" / "home")}
    # Then that is what is broken, and what to do is said
    assert place.tells("doctor").returncode == 1
    state, advice = checks(place)["heal's folder"]
    assert state.startswith("broken: ")
    assert advice == "set HEAL_HOME to a folder of yours"


@pytest.mark.parametrize("home", ["/proc/heal", "a:b"])
def test_doctor_finds_a_home_in_which_nothing_can_be_made_whatever_its_permissions_say(place: Place, home: str):
    # Given a home that every command refuses that needs one
    place.more = {"HEAL_HOME": str(place.work / home)}
    assert place.tells("init", "--yes").returncode == 2
    # Then doctor says so as well
    assert place.tells("doctor").returncode == 1
    assert checks(place)["heal's folder"][0].startswith("broken: ")
    assert sorted(path.name for path in place.work.iterdir()) == []


def test_a_home_that_cannot_be_made_is_one_line(place: Place):
    place.file("file", "")
    place.more = {"HEAL_HOME": str(place.work / "file" / "home")}
    for command in (("init", "--yes"), ("tick",), ("daemon", "run"), ("daemon", "start")):
        ended = place.tells(*command)
        assert (ended.returncode, ended.stderr.count(b"\n"), ended.stderr[:6]) == (2, 1, b"heal: ")
