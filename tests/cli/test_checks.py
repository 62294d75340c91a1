"""A check of the project's own, on a real Snakemake: what it refuses waits for a person, and a yes makes it again."""

from __future__ import annotations

import json

from tests.cli.place import Place

SNAKEFILE = """
rule report:
    input: "copy.txt"
    output: "report.txt"
    shell: "echo report >> $RAN; cat {input} > {output}"

rule copy:
    output: "copy.txt"
    log: "copy.log"
    shell: "echo copy >> $RAN; cat source.txt > {output} 2> {log}"
"""
CHECK = '[check.copy]\noutputs = "not_empty"\ncommand = "grep -q whole {outputs} || { echo it is not whole; false; }"\n'
RUN = ("run", "--", "snakemake", "--cores=1", "report.txt")


def given(place: Place, source: str) -> None:
    place.file("Snakefile", SNAKEFILE)
    place.file("heal.toml", CHECK)
    place.file("source.txt", source)


def test_what_is_refused_waits_for_a_person_and_a_yes_makes_it_again(place: Place):
    # Given a rule that ends with 0 and makes an empty file
    given(place, "")
    ended = place.tells(*RUN)
    # Then Snakemake ended well, and heal says that somebody has to look
    assert ended.returncode == 3, ended.stderr
    [incident] = place.incidents()
    assert (incident["state"], incident["process"], incident["label"]) == ("waiting", "copy", "missing_output")
    assert incident["cause"] == (
        "The task ended without an error, but check.copy refuses what it made: copy.txt is empty"
    )
    assert place.show(incident["id"])["diagnosis"]["root"]["source"] == "check.copy"
    assert place.times_run() == {"copy": 1, "report": 1}
    # When the source is mended, and a person says so
    place.file("source.txt", "whole\n")
    accepted = place.tells("accept", incident["id"])
    # Then the rule runs again, and what hangs on it, and the check holds
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert place.times_run() == {"copy": 2, "report": 2}
    assert (place.work / "report.txt").read_text() == "whole\n"
    assert place.states() == ["healed"]


def test_a_result_that_is_refused_again_is_not_called_healed(place: Place):
    given(place, "half\n")
    place.tells(*RUN)
    [incident] = place.incidents()
    assert incident["cause"].endswith("check.copy refuses what it made: it is not whole")
    accepted = place.tells("accept", incident["id"])
    assert (accepted.returncode, "healed" in place.states()) == (3, False)


def test_a_good_result_costs_nothing_but_its_check(place: Place):
    given(place, "whole\n")
    ended = place.tells(*RUN)
    assert (ended.returncode, place.states()) == (0, [])


def test_one_pass_is_enough_for_a_slow_check(place: Place):
    # Given the end of a task in the spool, and a check that takes longer than a pass
    place.file("heal.toml", '[check.copy]\ncommand = "sleep 1; echo not good; exit 1"\n')
    place.file("copy.txt", "x")
    spool = place.home / "spool"
    spool.mkdir(parents=True)
    run = {"id": "r1", "engine": "snakemake", "cwd": str(place.work), "argv": ["snakemake"]}
    task = {"name": "copy", "key": "copy", "attempt": 1, "workdir": str(place.work)}
    for n, (kind, more) in enumerate(
        [
            ("run_started", {"facts": {"host": "elsewhere"}}),
            ("task_finished", {"facts": {"process": "copy", "output": ["copy.txt"], "exit": 0}, "task": task}),
            ("run_finished", {"facts": {"ok": True, "exit": 0}}),
        ]
    ):
        event = {"v": 1, "kind": kind, "time": f"2026-01-02T03:04:{n:02d}Z", "source": "snakemake", "run": run}
        (spool / f"{n:020d}-1-1.json").write_text(json.dumps(event | more), encoding="utf-8")
    # When cron makes one pass
    assert place.tells("tick").returncode == 0
    # Then the check has had its say
    assert place.states() == ["waiting"]
    assert list(spool.glob("*.json")) == []
