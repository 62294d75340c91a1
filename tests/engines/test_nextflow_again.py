"""How many tasks of a Nextflow run are counted as running again for a change."""

from __future__ import annotations

from dataclasses import replace

from heal.engines.nextflow_again import by_cache, by_text
from heal.records import Attempt


def task(number: int, process: str, *given: Attempt) -> Attempt:
    folder = f"/p/work/{number:02x}/{number:030x}"
    read = [f"{one.workdir}/made/x.txt" for one in given]
    return Attempt(
        number, "r", "r", "nextflow", f"k{number}", f"{process} ({number})", process, 1, None, folder, ok=True,
        facts={"input": [*read, "/data/given.txt"]},
    )  # fmt: skip


TRIMS = [task(1, "NF:TRIM"), task(2, "NF:TRIM")]
COUNTS = [task(3, "NF:COUNT", TRIMS[0]), task(4, "NF:COUNT", TRIMS[1])]
DONE = [task(5, "NF:QC"), *COUNTS, task(6, "NF:SUM", *COUNTS), *TRIMS]
CALLED = {"NF:QC": "qc.py --fast x", "NF:COUNT": "python my-qc.py; run qc.pyx"}


def script(one: Attempt) -> str:
    return CALLED.get(one.process, "")


def test_what_read_of_a_changed_process_and_what_read_of_that_runs_again():
    assert by_text(["TRIM"], [], DONE, script) == (
        "what failed, and at least 5 of 6 tasks that were done (NF:COUNT 2, NF:SUM 1, NF:TRIM 2): "
        "the text of TRIM changes, and others read what those made"
    )


def test_a_program_counts_where_it_is_called_by_its_name():
    assert by_text([], ["qc.py"], DONE, script) == (
        "what failed, and at least 1 of 6 tasks that were done (NF:QC 1): tasks call qc.py"
    )


def test_where_nothing_done_is_touched_only_what_failed_runs_again():
    assert by_text(["TABLE"], [], DONE, script) == (
        "what failed, and as far as is known none of 6 tasks that were done: the text of TABLE changes"
    )
    assert by_text(["TABLE"], [], DONE[:1], script).startswith(
        "what failed, and as far as is known none of 1 task that"
    )
    assert by_text([], [], DONE, script) == ""


def test_what_a_resumed_run_did_not_find_in_its_cache_runs_again():
    said = (
        "[05/000000] Cached process > NF:QC (5)\n"
        "[01/000000] Cached process > NF:TRIM (2)\n"
        "[02/000000] Cached process > NF:TRIM (1)\n"
        "[skipping] Stored process > NF:SUM (6)\n"
        "[0a/123456] Cached process > NF:OLD (1)\n"
        "[0b/123456] Submitted process > NF:COUNT (1)\n"
        "[0b/123457] Submitted process > NF:COUNT (failed)\n"
    )
    assert by_cache(said, "NF:COUNT (failed)", DONE) == (
        "what failed, and at least 2 of 6 tasks that were done (NF:COUNT 2): "
        "resumed with the change, Nextflow took 4 from its cache"
    )
    # a Nextflow that was told to say nothing says nothing of its cache
    assert by_cache(said, "NF:COUNT (other)", DONE) == by_cache("", "NF:COUNT (failed)", [replace(DONE[0])]) == ""
